"""Reads numbers as people say them."""

from __future__ import annotations

from collections.abc import Sequence

from frametalk.core.english_numbers import BELOW_TWENTY, SCALES, TENS

BASE = 10
MAX_NUMBER = 1e15  # longer digits are a code, not an amount
_COUNTS = {"dozen": 12, "couple": 2}
_ORDINALS = {
    word: value
    for value, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
        "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split(),
        start=1,
    )
}
_ENDINGS = frozenset({"st", "nd", "rd", "th"})


def number_at(words: Sequence[str], start: int) -> tuple[float, int] | None:
    """The number that begins at word `start`, and the index after it; None if none does.

    Reads digits, "twenty five", "a hundred and ten", "half a", "two and a half", "three point five".
    """
    if start >= len(words):
        return None
    if words[start] == "half":
        return 0.5, start + 1 + (words[start + 1 : start + 2] in (["a"], ("a",)))
    if words[start][0].isdigit():
        try:
            value, end = float(words[start]), start + 1
        except ValueError:  # digits of another script
            return None
        if value >= MAX_NUMBER:
            return None
    else:
        spelt = _spelt(words, start)
        if spelt is None:
            return None
        value, end = spelt
    return _fraction(words, value, end)


def ordinal_at(words: Sequence[str], start: int) -> tuple[int, int] | None:
    """The place in a row that begins at word `start`, and the index after it; None if none does.

    Reads "second", "2nd", "twenty first", "number two".
    """
    word, after = (*words[start : start + 2], "", "")[:2]
    if word in _ORDINALS:
        return _ORDINALS[word], start + 1
    if word in TENS and _ORDINALS.get(after, BASE) < BASE:
        return TENS[word] + _ORDINALS[after], start + 2
    if word.isdecimal() and after in _ENDINGS and float(word) < MAX_NUMBER:
        return int(word), start + 2
    numbered = number_at(words, start + 1) if word in {"number", "no"} else None
    if numbered is not None and numbered[0].is_integer():
        return int(numbered[0]), numbered[1]
    return None


def _spelt(words: Sequence[str], start: int) -> tuple[float, int] | None:
    total, part, at = 0, 0, start
    if words[at] == "a" and at + 1 < len(words) and words[at + 1] in SCALES | _COUNTS:
        part, at = 1, at + 1
    while at < len(words):
        word = words[at]
        if word in BELOW_TWENTY and part % 10 == 0 and (part % 100 == 0 or _is_digit(word)):
            if at > start and words[at - 1] in BELOW_TWENTY:
                break  # "zero one" are two digits
            part += BELOW_TWENTY[word]
        elif word in TENS and part % 100 == 0:
            part += TENS[word]
        elif word in _COUNTS and (part or at == start):
            part = max(part, 1) * _COUNTS[word]
        elif word == "hundred" and part:
            part *= 100
        elif word == "thousand" and part and not total:
            total, part = part * 1000, 0
        elif word == "and" and (part >= 100 or total) and _is_number(words, at + 1):  # noqa: PLR2004
            pass
        else:
            break
        if part + total > MAX_NUMBER:
            return None
        at += 1
    return (float(total + part), at) if at > start and words[at - 1] != "a" else None


def _is_digit(word: str) -> bool:
    return BELOW_TWENTY.get(word, BASE) < BASE


def _is_number(words: Sequence[str], at: int) -> bool:
    return at < len(words) and (words[at] in BELOW_TWENTY or words[at] in TENS)


def _fraction(words: Sequence[str], value: float, end: int) -> tuple[float, int]:
    if tuple(words[end : end + 3]) == ("and", "a", "half"):
        return value + 0.5, end + 3
    point, digit = (*words[end : end + 2], "", "")[:2]
    if point == "point" and _is_digit(digit):
        return value + BELOW_TWENTY[digit] / 10, end + 2
    return value, end
