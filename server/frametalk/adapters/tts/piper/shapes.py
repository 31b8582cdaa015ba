"""Marks of a segment, mouth shapes and words, from phonemes and their lengths."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np
import numpy.typing as npt

from frametalk.core.marks import Mark
from frametalk.core.shown_shapes import shown
from frametalk.core.visemes import TABLES, timeline

STRESS = frozenset("ˈˌ")
PAUSES = frozenset(".,!?;:\u2014\u2026^$")
# Relative lengths of sounds, for voices that do not give them.
VOWEL, CONSONANT, LONGER, PAUSE, GAP = 2.0, 1.0, 1.0, 3.0, 0.3


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence in synthesis: its phonemes, where the sound of each begins, its length, its sound."""

    phonemes: tuple[str, ...]
    starts: tuple[int, ...]
    total: int
    sound: Iterator[npt.NDArray[np.float32]]


def segment_marks(
    sentences: Sequence[Sentence],
    words: Callable[[Sequence[str]], list[tuple[str, int]]],
    rate_hz: int,
) -> tuple[Mark, ...]:
    """Marks of consecutive sentences; `words` finds the words in all their phonemes."""
    phonemes = [name for sentence in sentences for name in sentence.phonemes]
    ends = [0, *accumulate(sentence.total for sentence in sentences)]
    firsts = [end + at for end, each in zip(ends, sentences, strict=False) for at in each.starts]
    return marks(phonemes, firsts, ends[-1], words(phonemes), rate_hz)


def marks(
    phonemes: Sequence[str],
    starts: Sequence[int],
    end: int,
    words: Sequence[tuple[str, int]],
    rate_hz: int,
) -> tuple[Mark, ...]:
    """All marks of a segment, in order.

    `starts` are where the phonemes' sounds begin, `end` the sample after the last; `words` are (word as
    written, index of its first phoneme). A word ends where the next begins or at the pause before it; a
    word without sound has no mark.
    """
    edges = [*starts, end]
    named = []
    for (name, first), (_next, after) in pairwise([*words, ("", len(phonemes))]):
        last = next((n for n in range(first, after) if phonemes[n] in PAUSES), after)
        if edges[last] > edges[first]:
            named.append(Mark("word", edges[first], edges[last], name))
    visemes = shown(timeline(_sounds(phonemes, starts), end), rate_hz)
    return tuple(sorted([*named, *visemes], key=lambda mark: mark.at))


def begins(phonemes: Sequence[str], own: Sequence[tuple[int, int]]) -> list[int]:
    """Where the sound of each phoneme begins, from its own samples in the voice (first, end).

    A voice of Piper's architecture, VITS, is trained with a blank after each symbol, and spends about half
    of its time on these. Measured with the voice joe, a sound ends where the samples of its own symbol end
    (bursts of b, d and g 2 to 9 ms after that point), and the blank already sounds like what follows; so do
    stress marks and spaces. After a pause the blank is silent, and the sound begins with its own samples.
    """
    found: list[int] = []
    paused, before = True, 0
    joined: int | None = None
    for name, (first, end) in zip(phonemes, own, strict=True):
        silent = name in PAUSES or (paused and name == " ")
        begin = first if paused and not silent else before
        if joined is not None and not silent:
            begin = joined
        found.append(begin)
        paused = (paused and name in STRESS) or silent
        joined = begin if not silent and (name in STRESS or name == " ") else None
        before = end
    return found


def moved(placed: Sequence[Mark], by: int) -> list[list[str | int | float]]:
    """Marks `by` samples later, as [kind, at, end, name, value], without those that end before sample 0."""
    return [
        [mark.kind, max(mark.at + by, 0), mark.end + by, mark.name, mark.value]
        for mark in placed
        if mark.end + by > 0
    ]


def spread(phonemes: Sequence[str], samples: int) -> list[int]:
    """An estimate of each phoneme's first sample, when only their total length is known."""
    weights = [_weight(phoneme) for phoneme in phonemes]
    total = sum(weights) or 1.0
    return [0, *(int(samples * sofar / total) for sofar in accumulate(weights))][:-1]


def _sounds(phonemes: Sequence[str], starts: Sequence[int]) -> list[tuple[int, str]]:
    """(first sample, phoneme) for mouth shapes, with each stress mark joined to its phoneme.

    Diacritics are part of the sound before them; punctuation and the ends of the sentence are rest.
    """
    found: list[tuple[int, str]] = []
    stress = open_vowel = ""
    for phoneme, at in zip(phonemes, starts, strict=True):
        if phoneme in STRESS:
            stress = phoneme
        elif phoneme in PAUSES:
            found.append((at, ""))
            stress = open_vowel = ""
        elif phoneme == " ":
            open_vowel = ""
        elif unicodedata.category(phoneme[0]) not in {"Mn", "Lm", "Sk"}:
            vowel = phoneme in TABLES["vowels"]
            # The second half of a diphthong is stressed like the first.
            carried = stress or (open_vowel if vowel else "")
            found.append((at, carried + phoneme))
            stress, open_vowel = "", carried if vowel else ""
    return found


def _weight(phoneme: str) -> float:
    if phoneme in PAUSES:
        return PAUSE
    if phoneme == " ":
        return GAP
    kind = unicodedata.category(phoneme[0])
    if phoneme in STRESS or kind in {"Mn", "Sk"}:
        return 0.0
    if kind == "Lm":
        return LONGER
    return VOWEL if phoneme[0] in TABLES["vowels"] else CONSONANT
