"""Log-mel spectrograms, compared with another library's."""

from __future__ import annotations

import numpy as np
import pytest

from frametalk.adapters.turn.log_mel import Floats, log_mel, mel_filters


def noise(samples: int) -> Floats:
    return np.random.default_rng(7).standard_normal(samples).astype(np.float32)


def loud_soft_and_silent() -> Floats:
    sound = noise(128_000)
    sound[40_000:80_000] *= 0.001
    sound[80_000:90_000] = 0
    return sound


@pytest.mark.parametrize(
    "sound", [noise(16_000), loud_soft_and_silent(), np.zeros(128_000, np.float32)]
)
def test_a_spectrogram_equals_that_of_faster_whisper(sound: Floats) -> None:
    from faster_whisper.feature_extractor import FeatureExtractor

    spectrogram = log_mel(sound)
    assert spectrogram.dtype == np.float32
    np.testing.assert_allclose(spectrogram, FeatureExtractor()(sound, padding=0), atol=1e-5)


def test_there_is_a_column_for_every_ten_milliseconds() -> None:
    assert log_mel(noise(128_000)).shape == (80, 800)
    assert log_mel(noise(1_000)).shape == (80, 6)


def test_a_tone_is_loudest_in_its_band() -> None:
    tone = np.sin(2 * np.pi * 1_000 * np.arange(16_000) / 16_000).astype(np.float32)
    loudest = log_mel(tone).mean(axis=1).argmax()
    assert mel_filters()[:, 1_000 // 40].argmax() == loudest


def test_the_range_below_the_loudest_is_80_db() -> None:
    spectrogram = log_mel(loud_soft_and_silent())
    assert spectrogram.max() - spectrogram.min() == pytest.approx(8 / 4)
