"""Reads numbers as people say them."""

from __future__ import annotations

from collections.abc import Sequence

from frametalk.core.english_numbers import BELOW_TWENTY, SCALES, TENS

BASE = 10
_COUNTS = {"dozen": 12, "couple": 2}


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
    else:
        spelt = _spelt(words, start)
        if spelt is None:
            return None
        value, end = spelt
    return _fraction(words, value, end)


def _spelt(words: Sequence[str], start: int) -> tuple[float, int] | None:
    total, part, at = 0, 0, start
    if words[at] == "a" and at + 1 < len(words) and words[at + 1] in SCALES | _COUNTS:
        part, at = 1, at + 1
    while at < len(words):
        word = words[at]
        if word in BELOW_TWENTY and part % 10 == 0 and (part % 100 == 0 or _is_digit(word)):
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
