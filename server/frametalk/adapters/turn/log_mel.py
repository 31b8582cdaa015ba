"""Log-mel spectrograms, as used to train Whisper and the models derived from it.

Source: Radford et al. 2022, "Robust Speech Recognition via Large-Scale Weak Supervision", section 2.2:
25 ms Hann windows every 10 ms, 80 bands. The bands are those of Slaney's Auditory Toolbox (1998).
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
from numpy.fft import rfft, rfftfreq

from frametalk.core.audio import RECOGNITION_RATE_HZ

Floats = npt.NDArray[np.float32]

WINDOW_SAMPLES = 400
HOP_SAMPLES = 160
BANDS = 80

# Slaney's scale: linear below 1 kHz, logarithmic above.
LINEAR_HZ_PER_MEL = 200 / 3
LOG_FROM_HZ = 1_000.0
LOG_FROM_MEL = LOG_FROM_HZ / LINEAR_HZ_PER_MEL
LOG_STEP = np.log(6.4) / 27

SMALLEST_POWER = 1e-10
DYNAMIC_RANGE = 8.0  # powers of ten below the maximum


def log_mel(sound: Floats) -> Floats:
    """The spectrogram `[80, samples // 160]` of 16 kHz sound, float32; needs more than 200 samples."""
    half = WINDOW_SAMPLES // 2
    framed = np.lib.stride_tricks.sliding_window_view(
        np.pad(sound, half, mode="reflect"), WINDOW_SAMPLES
    )[: len(sound) // HOP_SAMPLES * HOP_SAMPLES : HOP_SAMPLES]
    spectra = rfft(framed * hann_window(), axis=1)
    power = spectra.real**2 + spectra.imag**2
    power_of_bands = mel_filters() @ power.T.astype(np.float32, copy=False)
    spectrogram = np.log10(np.maximum(power_of_bands, SMALLEST_POWER))
    spectrogram = (np.maximum(spectrogram, spectrogram.max() - DYNAMIC_RANGE) + 4) / 4
    return np.asarray(spectrogram, np.float32)


@cache
def hann_window() -> Floats:
    """A periodic Hann window: a symmetric one that is a sample longer, without its last sample."""
    return np.hanning(WINDOW_SAMPLES + 1)[:-1].astype(np.float32)


@cache
def mel_filters() -> Floats:
    """Triangular filters `[80, 201]` on the bins of a spectrum, all of the same area."""
    bins_hz = rfftfreq(WINDOW_SAMPLES, 1 / RECOGNITION_RATE_HZ)
    top_mel = LOG_FROM_MEL + np.log(RECOGNITION_RATE_HZ / 2 / LOG_FROM_HZ) / LOG_STEP
    corners_hz = mel_to_hz(np.linspace(0, top_mel, BANDS + 2))
    filters = [
        np.interp(bins_hz, corners, [0, 2 / (corners[2] - corners[0]), 0])
        for corners in np.lib.stride_tricks.sliding_window_view(corners_hz, 3)
    ]
    return np.asarray(filters, np.float32)


def mel_to_hz(mel: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Frequencies of positions on Slaney's scale."""
    above = LOG_FROM_HZ * np.exp(LOG_STEP * (mel - LOG_FROM_MEL))
    return np.where(mel < LOG_FROM_MEL, mel * LINEAR_HZ_PER_MEL, above)
