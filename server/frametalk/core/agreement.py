"""Which words of a growing utterance are stable: those that two readings in a row agree on.

A recogniser that reads the sound anew each time changes its mind about the newest words. What two
consecutive readings have in common is kept for good, so that the stable text only ever grows. (Local
agreement of two: Liu, Spanakis and Niehues, 2020, "Low-latency sequence-to-sequence speech recognition".)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile


@dataclass(frozen=True, slots=True)
class TimedWord:
    """One word as it is written, with the blank before it where the language has blanks.

    `at` and `end` are samples since the utterance's first; `tokens` are the recogniser's own.
    """

    text: str
    at: int
    end: int
    confidence: float = 1.0
    tokens: tuple[int, ...] = ()


def written(words: Sequence[TimedWord]) -> str:
    """The words as one text."""
    return "".join(word.text for word in words).lstrip()


def same_word(one: TimedWord, other: TimedWord) -> bool:
    """Whether two readings of a word differ in case and punctuation only."""
    return bare(one.text) == bare(other.text)


def bare(text: str) -> str:
    """Letters and digits alone, in one case."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())


class Agreement:
    """The words of one utterance: `stable` ones, which are only added to, and the newest reading's rest."""

    def __init__(self) -> None:
        self.stable: list[TimedWord] = []
        self.rest: tuple[TimedWord, ...] = ()

    @property
    def words(self) -> tuple[TimedWord, ...]:
        """All words of the newest reading."""
        return (*self.stable, *self.rest)

    @property
    def stable_characters(self) -> int:
        """How many of the first characters of the words as written will not change any more."""
        return len(written(self.stable))

    def read(self, words: Sequence[TimedWord]) -> None:
        """Take a newer reading of what follows the stable words.

        Its last word stays open: more sound may make "key" "keyhole".
        """
        pairs = zip(self.rest, words[:-1], strict=False)
        agreed = sum(1 for _ in takewhile(lambda pair: same_word(*pair), pairs))
        self.stable += words[:agreed]
        self.rest = tuple(words[agreed:])

    def finalize_before(self, sample: int) -> None:
        """Make words that end before `sample` stable: their sound will be discarded."""
        final = list(takewhile(lambda word: word.end <= sample, self.rest))
        self.stable += final
        self.rest = self.rest[len(final) :]
