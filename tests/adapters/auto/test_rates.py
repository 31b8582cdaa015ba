"""Clauses at another rate."""

from __future__ import annotations

import numpy as np
import pytest

from frametalk.adapters.auto.rates import at_rate
from frametalk.adapters.base import SpeechChunk
from frametalk.core.marks import Mark

TONE = (8_000 * np.sin(np.arange(2_205) / 22_050 * 2 * np.pi * 440)).astype("<i2")


def test_equal_rates_change_nothing() -> None:
    chunk = SpeechChunk(TONE.tobytes())
    assert at_rate(chunk, 22_050, 22_050) is chunk


@pytest.mark.parametrize("to_hz", [16_000, 24_000, 44_100])
def test_sound_and_marks_keep_their_times(to_hz: int) -> None:
    marks = (Mark("word", 0, 1_000, "a"), Mark("viseme", 1_000, 2_205, "aa"))
    found = at_rate(SpeechChunk(TONE.tobytes(), marks), 22_050, to_hz)
    samples = np.frombuffer(found.pcm, "<i2")
    assert abs(len(samples) - to_hz / 10) <= 1
    assert [mark.end / to_hz for mark in found.marks] == pytest.approx(
        [mark.end / 22_050 for mark in marks], abs=1e-4
    )
    assert found.marks[-1].end <= len(samples)
    assert np.abs(samples).max() == pytest.approx(8_000, rel=0.05)
