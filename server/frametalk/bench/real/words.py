"""Word errors: how far a recognised text is from what was said."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from frametalk.headless.text import plain
from frametalk.text.number_words import number_words

_DIGITS = re.compile(r"\d+")
# Ways to write the same spoken words.
_SAME = {"ok": "okay", "mr": "mister", "metres": "meters", "metre": "meter"}


class WordErrors(NamedTuple):
    """Substituted, missing and added words, of the `words` that were said."""

    errors: int
    words: int

    @property
    def rate(self) -> float:
        """Word error rate."""
        return round(self.errors / max(1, self.words), 4)


def word_errors(said: str, recognised: str) -> WordErrors:
    """The errors of `recognised`. Case, punctuation and the writing of numbers do not count.

    Digits may stand for a number or for digits said one by one: the better one counts.
    """
    truth = words(said, _as_number)
    errors = (distance(truth, words(recognised, way)) for way in (_as_number, _one_by_one))
    return WordErrors(min(errors), len(truth))


def total(each: Iterable[WordErrors]) -> WordErrors:
    """The errors of several texts together."""
    counted = list(each)
    return WordErrors(sum(one.errors for one in counted), sum(one.words for one in counted))


def distance(one: Sequence[str], other: Sequence[str]) -> int:
    """The fewest words to substitute, remove and add to make `other` of `one` (Levenshtein)."""
    row = list(range(len(other) + 1))
    for removed, word in enumerate(one, 1):
        before, row[0] = row[0], removed
        for at, candidate in enumerate(other, 1):
            substituted = before + (word != candidate)
            before, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, substituted)
    return row[-1]


def words(text: str, digits: Callable[[str], str]) -> list[str]:
    """The words of a text, without case and punctuation; `digits` says how digits are spoken."""
    spelled = _DIGITS.sub(lambda found: f" {digits(found[0])} ", text)
    return [_SAME.get(word, word) for word in plain(spelled.replace("-", " ")).split()]


def _as_number(digits: str) -> str:
    return number_words(digits, "cardinal", "en") or digits


def _one_by_one(digits: str) -> str:
    return " ".join(_as_number(digit) for digit in digits)
