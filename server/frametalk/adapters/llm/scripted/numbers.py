"""Numbers as people say them."""

from __future__ import annotations

from collections.abc import Sequence

_UNITS = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen".split()
    )
}
_TENS = {
    word: 10 * value
    for value, word in enumerate(
        "twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2
    )
}
_SCALES = {"hundred": 100, "thousand": 1000}
_WHOLE = {"dozen": 12, "couple": 2}


def number_at(words: Sequence[str], start: int) -> tuple[float, int] | None:
    """The number that begins at word `start` and the index after it; None where there is none.

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
    if words[at] == "a" and at + 1 < len(words) and words[at + 1] in _SCALES | _WHOLE:
        part, at = 1, at + 1
    while at < len(words):
        word = words[at]
        if word in _UNITS and part % 10 == 0 and not (part % 100 and _UNITS[word] >= 10):  # noqa: PLR2004  (teens)
            part += _UNITS[word]
        elif word in _TENS and part % 100 == 0:
            part += _TENS[word]
        elif word in _WHOLE and (part or at == start):
            part = max(part, 1) * _WHOLE[word]
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


def _is_number(words: Sequence[str], at: int) -> bool:
    return at < len(words) and (words[at] in _UNITS or words[at] in _TENS)


def _fraction(words: Sequence[str], value: float, end: int) -> tuple[float, int]:
    if tuple(words[end : end + 3]) == ("and", "a", "half"):
        return value + 0.5, end + 3
    if tuple(words[end : end + 1]) == ("point",) and end + 1 < len(words):
        digit = _UNITS.get(words[end + 1], 10)
        if digit < 10:  # noqa: PLR2004  (one decimal digit)
            return value + digit / 10, end + 2
    return value, end
