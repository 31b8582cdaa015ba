"""Whether lips close with the sound: the shift of the marks at which closures are softest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean, median

import numpy as np
import numpy.typing as npt

from frametalk.core.marks import Mark

SHIFTS_MS = range(-60, 65, 5)
WINDOW_MS = 10
LIPS = "PP"
VOWELS = frozenset({"aa", "E", "ih", "oh", "ou"})

Levels = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Spoken:
    """A clause or a reply: its sound, int16, and its marks on the same clock."""

    samples: npt.NDArray[np.int16]
    rate_hz: int
    marks: Sequence[Mark]


@dataclass(frozen=True, slots=True)
class LipShift:
    """`ms` is the shift with the softest closures, 0 if marks and sound agree, negative if marks are late.

    `ratios` are, for each shift in ms, the mean loudness during closures over the median loudness of
    vowels.
    """

    ms: int
    closures: int
    ratios: dict[int, float]


def lip_shift(spoken: Iterable[Spoken], closures: frozenset[str] = frozenset({LIPS})) -> LipShift:
    """Measure all clauses together. Raises ValueError without a closure or without a vowel."""
    clauses = [(each, _levels(each)) for each in spoken]
    vowels = [part.mean() for each, level in clauses for part in _parts(each, level, VOWELS, 0)]
    count = sum(
        m.kind == "viseme" and m.name in closures for each, _ in clauses for m in each.marks
    )
    if not count or not vowels:
        raise ValueError("no closure or no vowel in what was spoken")
    ratios = {}
    for ms in SHIFTS_MS:
        closed = [
            part.mean() for each, level in clauses for part in _parts(each, level, closures, ms)
        ]
        ratios[ms] = float(fmean(closed) / median(vowels))
    return LipShift(min(ratios, key=lambda ms: (ratios[ms], abs(ms))), count, ratios)


def _parts(spoken: Spoken, level: Levels, names: frozenset[str], shift_ms: int) -> Iterator[Levels]:
    """The loudness during each mark with one of these names, its time shifted."""
    by = round(shift_ms * spoken.rate_hz / 1000)
    for mark in spoken.marks:
        if mark.kind == "viseme" and mark.name in names:
            part = level[max(mark.at + by, 0) : max(mark.end + by, 0)]
            if len(part):
                yield part


def _levels(spoken: Spoken) -> Levels:
    """The loudness around each sample, in a window of 10 ms."""
    half = max(1, round(WINDOW_MS * spoken.rate_hz / 2000))
    squares = np.pad(np.square(spoken.samples, dtype=np.float64), half)
    summed = np.concatenate(([0.0], np.cumsum(squares)))
    windows = np.maximum(summed[2 * half : -1] - summed[: -2 * half - 1], 0.0)
    return np.asarray(np.sqrt(windows / (2 * half)), np.float64)
