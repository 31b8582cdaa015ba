"""What every voice activity detector must do, whichever it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from frametalk.adapters.base import Samples, Vad, VadStream
from frametalk.core.audio import Rechunker


def read(path: Path) -> Samples:
    sound, rate_hz = soundfile.read(path, dtype="int16")
    assert rate_hz == 16_000
    return np.asarray(sound, np.int16)


def windows(vad: Vad, sound: Samples) -> list[Samples]:
    return [window for _at, window in Rechunker(vad.window_samples).feed(sound)]


def probabilities(stream: VadStream, sound: list[Samples]) -> list[float]:
    return [stream.process(window) for window in sound]


class VadConformance:
    """Subclasses give a fixture `vad`, started and closed."""

    @pytest.fixture
    def said(self, vad: Vad, speech: Path) -> list[Samples]:
        return windows(vad, read(speech / "new_sword.flac"))

    def test_speech_is_found_and_silence_is_not(self, vad: Vad, said: list[Samples]) -> None:
        quiet = [np.zeros(vad.window_samples, np.int16)] * 20
        heard = probabilities(vad.open(), said)
        assert all(0.0 <= p <= 1.0 for p in heard)
        assert sum(p >= 0.5 for p in heard) > len(heard) / 2
        assert max(probabilities(vad.open(), quiet)) < 0.35

    def test_streams_do_not_hear_each_other(self, vad: Vad, said: list[Samples]) -> None:
        alone = probabilities(vad.open(), said)
        one, other = vad.open(), vad.open()
        both = [(one.process(a), other.process(b)) for a, b in zip(said, said[::-1], strict=True)]
        assert [p for p, _ in both] == pytest.approx(alone, abs=1e-6)

    def test_reset_forgets(self, vad: Vad, said: list[Samples]) -> None:
        stream = vad.open()
        first = probabilities(stream, said)
        stream.reset()
        assert probabilities(stream, said) == pytest.approx(first, abs=1e-6)

    @pytest.mark.parametrize("level", [-32_768, 32_767])
    def test_extreme_samples_are_sound_like_any_other(self, vad: Vad, level: int) -> None:
        stream = vad.open()
        assert 0.0 <= stream.process(np.full(vad.window_samples, level, np.int16)) <= 1.0

    async def test_close_twice(self, vad: Vad) -> None:
        await vad.close()
        await vad.close()
