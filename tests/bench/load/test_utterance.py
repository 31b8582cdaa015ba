"""The sample that ends a turn, found by the server's own rule."""

from __future__ import annotations

import numpy as np
import pytest

from frametalk.adapters.vad.energy import EnergyVad
from frametalk.bench.load.utterance import utterance
from frametalk.config import TurnSettings
from frametalk.errors import FrametalkError

TURNS = TurnSettings(pause_ms=320, endpoint_delay_ms=320)
TONE = np.tile(np.array([9_000, -9_000], np.int16), 8_000)  # a second


def test_a_turn_ends_with_the_last_sample_of_its_last_silent_window() -> None:
    found = utterance(TONE, len(TONE), EnergyVad(), TURNS)
    # The tone ends in the window up to 16,384; ten silent windows end at 21,504.
    assert found.decides == 21_503


@pytest.mark.parametrize("sound", [TONE // 9_000, np.concatenate((TONE, TONE * 0, TONE))])
def test_it_has_to_be_one_turn(sound: np.ndarray) -> None:
    with pytest.raises(FrametalkError, match="turns in what the players say"):
        utterance(sound, len(sound), EnergyVad(), TURNS)
