"""Recordings cut where people pause, as voice activity detection cuts turns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from frametalk.bench.real.corpus import Speech
from frametalk.core.audio import RECOGNITION_RATE_HZ, Samples, ms_to_samples

WINDOW_MS = 10
PAUSE_MS = 250  # the shortest pause to cut at
QUIET_SHARE = 0.06  # of the loudness of speech: below it is a pause
SHORTEST_MS = 2_000
LONGEST_MS = 6_000


def pieces(recording: Speech, shortest_ms: float = SHORTEST_MS) -> list[Speech]:
    """The recording in pieces that begin and end in the middle of a pause.

    Each is the shortest of at least `shortest_ms`; without pauses a piece is longer. The words of a
    piece are not known.
    """
    cuts = [0]
    for pause in pauses(recording.samples):
        if pause - cuts[-1] >= ms_to_samples(shortest_ms, RECOGNITION_RATE_HZ):
            cuts.append(pause)
    cuts.append(len(recording.samples))
    rest = cuts[-1] - cuts[-2]
    if cuts[-2] > 0 and rest < ms_to_samples(shortest_ms / 2, RECOGNITION_RATE_HZ):
        del cuts[-2]  # no short rest
    return [
        Speech(f"{recording.name} {number}", recording.samples[begin:end])
        for number, (begin, end) in enumerate(pairwise(cuts), 1)
    ]


def of_free_length(speeches: Sequence[Speech]) -> list[Speech]:
    """Those of two to six seconds."""
    return [one for one in speeches if SHORTEST_MS <= one.sound_s * 1000 <= LONGEST_MS]


def pauses(sound: Samples) -> Iterator[int]:
    """The middles of the pauses within the sound, in samples."""
    size = ms_to_samples(WINDOW_MS, RECOGNITION_RATE_HZ)
    count = len(sound) // size
    windows = sound[: count * size].astype(np.float64).reshape(count, size)
    loudness = np.sqrt(np.mean(windows**2, axis=1))
    speech = float(np.percentile(loudness, 90)) if count else 0.0
    begin: int | None = None
    for at, quiet in enumerate([*(loudness < QUIET_SHARE * speech), False]):
        if quiet and begin is None:
            begin = at
        elif not quiet and begin is not None:
            if begin > 0 and at < count and (at - begin) * WINDOW_MS >= PAUSE_MS:
                yield (begin + at) // 2 * size
            begin = None
