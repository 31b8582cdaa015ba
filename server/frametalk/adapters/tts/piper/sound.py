"""A voice's floating-point sound as int16 at the requested rate and volume."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import soxr

from frametalk.core.audio import LEAD_IN_MS, first_audible, ms_to_samples

Floats = npt.NDArray[np.float32]


def pcm(sound: Floats, gain: float) -> bytes:
    """int16, little-endian, clipped."""
    return bytes(np.clip(sound * (gain * 32_767), -32_767, 32_767).astype("<i2").tobytes())


def after_silence(
    chunks: Iterator[Floats], rate_hz: int, gain: float
) -> Iterator[tuple[int, Floats]]:
    """(samples removed so far, chunk), without the silence before the first sound except for 20 ms.

    Voices begin with a tenth of a second of silence, for which the player would wait. A silent clause has
    no chunks.
    """
    cut, begun = 0, False
    for chunk in chunks:
        onset = 0 if begun else first_audible(np.frombuffer(pcm(chunk, gain), "<i2"))
        if onset is None:
            cut += len(chunk)
            continue
        silent = 0 if begun else max(0, onset - ms_to_samples(LEAD_IN_MS, rate_hz))
        begun, cut = True, cut + silent
        yield cut, chunk[silent:]


def resampled(chunks: Iterator[Floats], rate_hz: int, to_hz: int, total: int) -> Iterator[Floats]:
    """The chunks at another rate, `total` samples in all; unchanged if the rates are equal."""
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
