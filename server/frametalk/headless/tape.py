"""Sound that grows at its end and is read in pieces."""

from __future__ import annotations

import numpy as np

from frametalk.core.audio import BYTES_PER_SAMPLE, Samples


class Tape:
    """Mono int16 samples; appending costs what is appended, reading what is read."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def __len__(self) -> int:
        return len(self._bytes) // BYTES_PER_SAMPLE

    def append(self, pcm: Samples) -> None:
        """Add samples at the end."""
        self._bytes += pcm.astype("<i2", copy=False).tobytes()

    def read(self, first: int, end: int) -> Samples:
        """A copy of samples `first` up to `end`, or up to the last one."""
        part = self._bytes[first * BYTES_PER_SAMPLE : max(first, end) * BYTES_PER_SAMPLE]
        return np.frombuffer(part, "<i2")
