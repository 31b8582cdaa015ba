"""The energy VAD detects the bench's sound as speech from its first to its last window."""

from __future__ import annotations

import numpy as np
import pytest

from frametalk.adapters.vad.energy import EnergyVad
from frametalk.bench.overhead.referee import THRESHOLD_DB, WINDOW_SAMPLES
from frametalk.bench.sound import speech_like
from frametalk.core.audio import RECOGNITION_RATE_HZ


@pytest.mark.parametrize("seed", range(20))
def test_every_window_is_speech(seed):
    sound = speech_like(np.random.default_rng(seed), 900, RECOGNITION_RATE_HZ)
    vad = EnergyVad(THRESHOLD_DB)
    windows = sound[: len(sound) - len(sound) % WINDOW_SAMPLES].reshape(-1, WINDOW_SAMPLES)
    assert len(sound) == 14_400
    assert [vad.process(window) for window in windows] == [1.0] * len(windows)


def test_each_player_has_a_different_voice():
    one, other = (
        speech_like(np.random.default_rng(seed), 900, RECOGNITION_RATE_HZ) for seed in (1, 2)
    )
    assert not np.array_equal(one, other)
