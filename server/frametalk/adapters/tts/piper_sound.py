"""A voice's floating-point sound -> int16 at the rate and loudness that are asked for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import soxr

Floats = npt.NDArray[np.float32]


def pcm(sound: Floats, gain: float) -> bytes:
    """int16, little-endian; what is too loud is clipped."""
    return bytes(np.clip(sound * (gain * 32_767), -32_767, 32_767).astype("<i2").tobytes())


def resampled(chunks: Iterator[Floats], rate_hz: int, to_hz: int, total: int) -> Iterator[Floats]:
    """The chunks at another rate, `total` samples in all; as they are where the rates are equal."""
    if rate_hz == to_hz:
        yield from chunks
        return
    stream = soxr.ResampleStream(rate_hz, to_hz, 1, dtype="float32", quality="HQ")
    made = 0
    for chunk in chunks:
        sound = stream.resample_chunk(chunk)[: total - made]
        made += len(sound)
        yield sound
    rest = stream.resample_chunk(np.zeros(0, np.float32), last=True)[: total - made]
    yield np.pad(rest, (0, total - made - len(rest)))
