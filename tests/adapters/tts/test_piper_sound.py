"""Loudness and rate of a voice's sound."""

from __future__ import annotations

import numpy as np
import pytest

from frametalk.adapters.tts.piper_sound import Floats, pcm, resampled


def tone(rate_hz: int, seconds: float, pitch_hz: float = 440) -> Floats:
    at = np.arange(int(rate_hz * seconds)) / rate_hz
    return np.sin(2 * np.pi * pitch_hz * at).astype(np.float32)


def test_too_loud_is_clipped_and_never_wraps() -> None:
    loud = np.frombuffer(pcm(np.array([0.5, -0.5, 3, -3], np.float32), 1.0), "<i2")
    assert loud.tolist() == [16_383, -16_383, 32_767, -32_767]


def test_one_rate_is_passed_on() -> None:
    chunks = [tone(16_000, 0.1), tone(16_000, 0.2)]
    assert list(resampled(iter(chunks), 16_000, 16_000, 4_800)) == chunks


@pytest.mark.parametrize(("rate_hz", "to_hz"), [(16_000, 22_050), (22_050, 16_000)])
def test_another_rate_keeps_pitch_place_and_length(rate_hz: int, to_hz: int) -> None:
    source, wanted = tone(rate_hz, 1.0), tone(to_hz, 1.0)
    parts = [source[at : at + 4_096] for at in range(0, len(source), 4_096)]
    made = np.concatenate(list(resampled(iter(parts), rate_hz, to_hz, to_hz)))
    assert len(made) == to_hz
    inner = slice(1_000, -1_000)
    assert np.abs(made[inner] - wanted[inner]).max() < 0.01
