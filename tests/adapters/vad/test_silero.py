"""Silero on committed speech and on noise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from frametalk.adapters.vad.silero import SileroVad
from frametalk.errors import AdapterError

pytestmark = pytest.mark.real


async def probabilities(sound: np.ndarray) -> np.ndarray:
    """One probability per whole window."""
    vad = SileroVad()
    await vad.start()
    stream = vad.open()
    windows = [sound[i : i + 512] for i in range(0, len(sound) - 511, 512)]
    found = np.array([stream.process(window) for window in windows])
    await vad.close()
    return found


async def test_speech_is_speech_and_the_silence_around_it_is_not(speech: Path) -> None:
    sound, _rate = soundfile.read(speech / "open_red_door.flac", dtype="int16")
    silence = np.zeros(16_000, np.int16)
    found = await probabilities(np.concatenate((silence, sound, silence)))
    first, last = 16_000 // 512, (16_000 + len(sound)) // 512
    assert found[: first - 1].max() < 0.35
    assert np.median(found[first:last]) > 0.8
    assert found[last + 8 :].max() < 0.35


@pytest.mark.parametrize("name", ["noise_white", "noise_hum", "noise_claps", "noise_keyboard"])
async def test_noise_opens_no_turn(speech: Path, name: str) -> None:
    sound, _rate = soundfile.read(speech / f"{name}.flac", dtype="int16")
    found = await probabilities(sound)
    loud = found >= 0.5
    assert not (loud[:-1] & loud[1:]).any(), "never two windows in a row"


async def test_streams_do_not_hear_each_other(speech: Path) -> None:
    sound, _rate = soundfile.read(speech / "hello.flac", dtype="int16")
    vad = SileroVad()
    await vad.start()
    mixed, quiet, alone = vad.open(), vad.open(), vad.open()
    for start in range(0, len(sound) - 511, 512):
        window = sound[start : start + 512]
        heard = mixed.process(window)
        quiet.process(np.zeros(512, np.int16))
        assert heard == alone.process(window)
    await vad.close()
    await vad.close()


async def test_a_missing_model_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(AdapterError, match="could not be loaded") as missing:
        await SileroVad(str(tmp_path / "no.onnx")).start()
    assert "vad.options.model" in missing.value.remedy
