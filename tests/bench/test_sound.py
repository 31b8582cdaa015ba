"""The bench's sound is what the energy VAD calls speech, from its first to its last window."""

from __future__ import annotations

import numpy as np
import pytest

from frametalk.adapters.vad.energy import EnergyVad
from frametalk.bench.overhead.referee import THRESHOLD_DB, WINDOW_SAMPLES
from frametalk.bench.sound import speech_like


@pytest.mark.parametrize("seed", range(20))
def test_every_window_is_speech(seed):
    sound = speech_like(np.random.default_rng(seed), 900, 16_000)
    vad = EnergyVad(THRESHOLD_DB)
    windows = sound[: len(sound) - len(sound) % WINDOW_SAMPLES].reshape(-1, WINDOW_SAMPLES)
    assert len(sound) == 14_400
    assert [vad.process(window) for window in windows] == [1.0] * len(windows)


def test_each_player_has_a_voice_of_its_own():
    one, other = (speech_like(np.random.default_rng(seed), 900, 16_000) for seed in (1, 2))
    assert not np.array_equal(one, other)
