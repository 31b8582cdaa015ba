"""Volume and rate of a voice's sound."""

from __future__ import annotations

import numpy as np
import pytest

from frametalk.adapters.tts.piper.sound import Floats, after_silence, pcm, resampled


def tone(rate_hz: int, seconds: float, pitch_hz: float = 440) -> Floats:
    at = np.arange(int(rate_hz * seconds)) / rate_hz
    return np.sin(2 * np.pi * pitch_hz * at).astype(np.float32)


def test_loud_sound_is_clipped_and_does_not_wrap() -> None:
    loud = np.frombuffer(pcm(np.array([0.5, -0.5, 3, -3], np.float32), 1.0), "<i2")
    assert loud.tolist() == [16_383, -16_383, 32_767, -32_767]


def test_sound_of_the_same_rate_is_unchanged() -> None:
    chunks = [tone(16_000, 0.1), tone(16_000, 0.2)]
    assert list(resampled(iter(chunks), 16_000, 16_000, 4_800)) == chunks


@pytest.mark.parametrize(("rate_hz", "to_hz"), [(16_000, 22_050), (22_050, 16_000)])
def test_resampling_keeps_pitch_position_and_length(rate_hz: int, to_hz: int) -> None:
    source, expected = tone(rate_hz, 1.0), tone(to_hz, 1.0)
    parts = [source[at : at + 4_096] for at in range(0, len(source), 4_096)]
    made = np.concatenate(list(resampled(iter(parts), rate_hz, to_hz, to_hz)))
    assert len(made) == to_hz
    inner = slice(1_000, -1_000)
    assert np.abs(made[inner] - expected[inner]).max() < 0.01


@pytest.mark.parametrize("silent_samples", [0, 100, 3_000, 9_000])
def test_20_ms_of_silence_stay_before_the_first_sound(silent_samples: int) -> None:
    quiet = np.full(silent_samples, 0.002, np.float32)
    whole = np.concatenate([quiet, tone(16_000, 0.5) + 0.5])
    chunks = [whole[at : at + 4_000] for at in range(0, len(whole), 4_000)]
    found = list(after_silence(iter(chunks), 16_000, 1.0))
    kept = np.concatenate([chunk for _cut, chunk in found])
    (cut,) = {cut for cut, _chunk in found}
    assert np.array_equal(kept, whole[cut:])
    assert silent_samples - cut <= 320
    assert cut <= silent_samples
    assert cut == 0 or silent_samples > 320


def test_a_silent_clause_has_no_chunks() -> None:
    assert list(after_silence(iter([np.zeros(100, np.float32)] * 3), 16_000, 1.0)) == []
