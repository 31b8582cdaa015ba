"""Which words of a growing utterance are stable: those that two consecutive readings agree on.

A recogniser that reads the whole sound again each time may change the newest words. The words that two
consecutive readings share are kept for good, so the stable text only grows. (Local agreement of two: Liu,
Spanakis and Niehues, 2020, "Low-latency sequence-to-sequence speech recognition".)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile


@dataclass(frozen=True, slots=True)
class TimedWord:
    """One word as written, with the space before it where the language uses spaces.

    `at` and `end` count samples from the start of the utterance; `tokens` are the recogniser's own.
    """

    text: str
    at: int
    end: int
    confidence: float = 1.0
    tokens: tuple[int, ...] = ()


def written(words: Sequence[TimedWord]) -> str:
    """The words as one text."""
    return "".join(word.text for word in words).lstrip()


def same_word(first: TimedWord, second: TimedWord) -> bool:
    """Whether two readings of a word differ only in case and punctuation."""
    return bare(first.text) == bare(second.text)


def bare(text: str) -> str:
    """Only the letters and digits of a text, without case."""
    return "".join(character for character in text.casefold() if character.isalnum())


class Agreement:
    """The words of one utterance: `stable`, which only grows, and `rest`, the newest reading's others."""

    def __init__(self) -> None:
        self.stable: list[TimedWord] = []
        self.rest: tuple[TimedWord, ...] = ()

    @property
    def words(self) -> tuple[TimedWord, ...]:
        """All words of the newest reading."""
        return (*self.stable, *self.rest)

    @property
    def stable_characters(self) -> int:
        """How many characters at the start of the written words will not change."""
        return len(written(self.stable))

    def read(self, words: Sequence[TimedWord]) -> None:
        """Take a newer reading of what follows the stable words.

        Its last word never becomes stable yet: more sound may turn "key" into "keyhole".
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
