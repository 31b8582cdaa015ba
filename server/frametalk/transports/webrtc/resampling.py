"""Sample rates for sound in a hurry: what goes in comes out at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import soxr

from frametalk.core.audio import Samples

TAPS_EACH = 16  # of the filter, for each sample that is left out


class Downsampler:
    """A stream from `from_hz` to `to_hz`, each output sample at its own time on the common clock.

    Where the rates divide, a short filter of its own holds back half a millisecond; soxr, which serves the
    other rates, works in blocks and holds back 10 ms and more.
    """

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self._step = from_hz // to_hz if from_hz % to_hz == 0 else 0
        self._soxr: soxr.ResampleStream | None = None
        if not self._step:
            self._soxr = soxr.ResampleStream(from_hz, to_hz, 1, "int16", quality="LQ")
            return
        self._filter = _low_pass(self._step)
        # Silence before the beginning: with it the first output sample is that of the first input sample.
        self._kept: Samples = np.zeros(len(self._filter) // 2, np.int16)

    def process(self, samples: Samples) -> Samples:
        """The samples that are complete with these."""
        if self._soxr is not None:
            return np.asarray(self._soxr.resample_chunk(samples), np.int16)
        if self._step == 1:
            return samples
        joined = np.concatenate((self._kept, samples))
        count = max(0, (len(joined) - len(self._filter)) // self._step + 1)
        if not count:
            self._kept = joined
            return np.empty(0, np.int16)
        windows = np.lib.stride_tricks.sliding_window_view(joined, len(self._filter))
        mixed = windows[: count * self._step : self._step] @ self._filter
        self._kept = joined[count * self._step :]
        return np.clip(np.round(mixed), -32_768, 32_767).astype(np.int16)


def _low_pass(step: int) -> npt.NDArray[np.float32]:
    """A windowed sinc, of odd length, that passes the lower `1/step` of the band."""
    taps = TAPS_EACH * step + 1
    at = np.arange(taps) - taps // 2
    kernel = np.sinc(0.92 * at / step) * np.hamming(taps)
    return np.asarray(kernel / kernel.sum(), np.float32)
