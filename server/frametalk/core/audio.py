"""Frames, re-chunking and sample arithmetic."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

RECOGNITION_RATE_HZ = 16_000  # Hz; what voice activity detection and recognisers take

Samples = npt.NDArray[np.int16]

BYTES_PER_SAMPLE = 2
AUDIBLE = 104  # the least magnitude of an audible sample: -50 dB of full scale


def ms_to_samples(ms: float, rate_hz: int) -> int:
    """Whole samples in `ms` milliseconds, rounded to the nearest."""
    return round(ms * rate_hz / 1000)


def samples_to_ms(samples: int, rate_hz: int) -> float:
    """Milliseconds that `samples` last."""
    return samples * 1000 / rate_hz


class Rechunker:
    """Cuts a stream of sound into windows of one size, without losing or doubling a sample.

    `at` of each window counts samples; the first one fed is sample `start`.
    """

    def __init__(self, window_samples: int, start: int = 0) -> None:
        self._window = window_samples
        self._rest = np.empty(0, np.int16)
        self._at = start

    def feed(self, samples: Samples) -> Iterator[tuple[int, Samples]]:
        """Yield (at, window) for each full window."""
        held = np.concatenate((self._rest, samples)) if len(self._rest) else samples
        full = len(held) - len(held) % self._window
        self._rest = held[full:].copy()
        for start in range(0, full, self._window):
            at, self._at = self._at, self._at + self._window
            yield at, held[start : start + self._window]


def first_audible(pcm: Samples, threshold: int = 104) -> int | None:
    """Index of the first sample whose size reaches `threshold` (104 is -50 dB of full scale)."""
    loud = np.flatnonzero(np.abs(pcm.astype(np.int32)) >= threshold)
    return int(loud[0]) if len(loud) else None
