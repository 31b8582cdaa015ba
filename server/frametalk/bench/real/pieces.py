"""Recordings cut where people pause, as voice activity detection cuts turns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from frametalk.bench.real.corpus import Speech
from frametalk.core.audio import RECOGNITION_RATE_HZ, Samples, ms_to_samples

WINDOW_MS = 10
PAUSE_MS = 250  # the shortest pause to cut at
QUIET_SHARE = 0.06  # of the loudness of speech: below it is a pause
LOUD_SHARE = 0.3  # of the loudness of speech: breaths and creaks are below it
LEAST_LOUD_MS = 200  # of a piece that has words
SHORTEST_MS = 2_000
LONGEST_MS = 6_000
_WINDOW = ms_to_samples(WINDOW_MS, RECOGNITION_RATE_HZ)


def pieces(recording: Speech, shortest_ms: float = SHORTEST_MS) -> list[Speech]:
    """The recording in pieces that begin and end in the middle of a pause.

    Each is the shortest of at least `shortest_ms` that has speech; without pauses a piece is longer. The
    words of a piece are not known.
    """
    loudness = _loudness(recording.samples)
    loud = loudness > LOUD_SHARE * _of_speech(loudness)

    def has_speech(begin: int, end: int) -> bool:
        return bool(loud[begin // _WINDOW : end // _WINDOW].sum() * WINDOW_MS >= LEAST_LOUD_MS)

    cuts = [0]
    for pause in pauses(recording.samples):
        long_enough = pause - cuts[-1] >= ms_to_samples(shortest_ms, RECOGNITION_RATE_HZ)
        if long_enough and has_speech(cuts[-1], pause):
            cuts.append(pause)
    end = len(recording.samples)
    short = end - cuts[-1] < ms_to_samples(shortest_ms / 2, RECOGNITION_RATE_HZ)
    if cuts[-1] > 0 and (short or not has_speech(cuts[-1], end)):
        del cuts[-1]
    cuts.append(end)
    return [
        Speech(f"{recording.name} {number}", recording.samples[begin:end])
        for number, (begin, end) in enumerate(pairwise(cuts), 1)
    ]


def of_free_length(speeches: Sequence[Speech]) -> list[Speech]:
    """Those of two to six seconds."""
    return [one for one in speeches if SHORTEST_MS <= one.sound_s * 1000 <= LONGEST_MS]


def pauses(sound: Samples) -> Iterator[int]:
    """The middles of the pauses within the sound, in samples."""
    loudness = _loudness(sound)
    count = len(loudness)
    quiets = loudness < QUIET_SHARE * _of_speech(loudness)
    begin: int | None = None
    for at, quiet in enumerate([*quiets, False]):
        if quiet and begin is None:
            begin = at
        elif not quiet and begin is not None:
            if begin > 0 and at < count and (at - begin) * WINDOW_MS >= PAUSE_MS:
                yield (begin + at) // 2 * _WINDOW
            begin = None


def _loudness(sound: Samples) -> NDArray[np.float64]:
    """The root mean square of each whole window."""
    count = len(sound) // _WINDOW
    windows = sound[: count * _WINDOW].astype(np.float64).reshape(count, _WINDOW)
    loudness: NDArray[np.float64] = np.sqrt(np.mean(windows**2, axis=1))
    return loudness


def _of_speech(loudness: NDArray[np.float64]) -> float:
    """The loudness of speech in a sound that is mostly speech."""
    return float(np.percentile(loudness, 90)) if len(loudness) else 0.0
