"""Sound like speech for benches: buzzing syllables, loud from the first to the last sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from frametalk.core.audio import ms_to_samples

if TYPE_CHECKING:
    from frametalk.core.audio import Samples

PEAK = 9_000
SYLLABLES_HZ = 4.5  # as in ordinary speech


def speech_like(random: np.random.Generator, length_ms: float, rate_hz: int) -> Samples:
    """Voiced syllables without a pause, so that a turn ends exactly at the last sample."""
    seconds = np.arange(ms_to_samples(length_ms, rate_hz)) / rate_hz
    pitch_hz = random.uniform(95, 220)
    voice = np.zeros_like(seconds)
    for harmonic in range(1, 12):
        voice += np.sin(2 * np.pi * pitch_hz * harmonic * seconds) / harmonic
    syllables = 0.65 + 0.35 * np.cos(2 * np.pi * SYLLABLES_HZ * seconds)
    sound = voice * syllables
    samples: Samples = (PEAK * sound / np.max(np.abs(sound))).astype(np.int16)
    return samples
