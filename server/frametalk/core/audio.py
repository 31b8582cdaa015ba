"""Frames, re-chunking and sample arithmetic."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

RECOGNITION_RATE_HZ = 16_000  # Hz; what voice activity detection and recognisers take

Samples = npt.NDArray[np.int16]

BYTES_PER_SAMPLE = 2
FULL_SCALE = np.float32(32_768)  # of int16 samples
AUDIBLE = 104  # the least magnitude of an audible sample: -50 dB of full scale
LEAD_IN_MS = 20  # silence that stays before a voice's first sound, for the mouth to open


def ms_to_samples(ms: float, rate_hz: int) -> int:
    """Whole samples in `ms` milliseconds, rounded to the nearest."""
    return round(ms * rate_hz / 1000)


def samples_to_ms(samples: int, rate_hz: int) -> float:
    """Milliseconds that `samples` last."""
    return samples * 1000 / rate_hz


class Rechunker:
    """Cuts a stream of sound into windows of one size; no sample is lost or repeated.

    `at` of each window counts samples; the first sample fed is sample `start`.
    """

    def __init__(self, window_samples: int, start: int = 0) -> None:
        self._window = window_samples
        self._rest = np.empty(0, np.int16)
        self._at = start

    def feed(self, samples: Samples) -> Iterator[tuple[int, Samples]]:
        """Yield (at, window) for each full window."""
        buffered = np.concatenate((self._rest, samples)) if len(self._rest) else samples
        full = len(buffered) - len(buffered) % self._window
        self._rest = buffered[full:].copy()
        for start in range(0, full, self._window):
            at, self._at = self._at, self._at + self._window
            yield at, buffered[start : start + self._window]


def first_audible(pcm: Samples, threshold: int = AUDIBLE) -> int | None:
    """Index of the first sample whose magnitude reaches `threshold`."""
    loud = np.flatnonzero(np.abs(pcm.astype(np.int32)) >= threshold)
    return int(loud[0]) if len(loud) else None
