"""smart-turn: its input, how sessions share it, and its errors."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adapters.conformance.turn_detectors import TurnDetectorConformance, noise
from frametalk import models
from frametalk.adapters import onnx_model, registry
from frametalk.adapters.base import TurnDetector
from frametalk.adapters.turn import smart_turn
from frametalk.adapters.turn.smart_turn import MAX_WAITING, SmartTurnDetector, features
from frametalk.adapters.vad import silero_weights
from frametalk.errors import AdapterError, ConfigError

# ---- the model's input ---------------------------------------------------------------------------


def test_short_sound_is_padded_with_silence_in_front() -> None:
    spectrogram = features(noise(16_000))
    assert spectrogram.shape == (80, 800)
    silence, sound = spectrogram[:, :698], spectrogram[:, 702:]
    np.testing.assert_array_equal(silence, silence[:, :1].repeat(698, axis=1))
    assert sound.mean(axis=0).min() > silence.mean() + 1


def test_the_level_of_long_sound_does_not_matter() -> None:
    sound = noise(128_000)
    np.testing.assert_allclose(features(sound // 4 * 4), features(sound // 4), atol=0.01)


def test_no_sound_has_features() -> None:
    assert np.isfinite(features(np.zeros(0, np.int16))).all()


# ---- one thread for all --------------------------------------------------------------------------


class LoudnessModel:
    """A model whose output is the mean of its input."""

    def run(self, _outputs: None, feed: dict[str, Any]) -> list[Any]:
        return [np.asarray([[np.tanh(np.abs(feed["input_features"]).mean())]], np.float32)]


class TestSmartTurnDetector(TurnDetectorConformance):
    @pytest.fixture(scope="class")
    @classmethod
    def make(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], TurnDetector]]:
        file = tmp_path_factory.mktemp("model") / "model.onnx"
        file.touch()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(smart_turn, "load", lambda _path: LoudnessModel())
            yield lambda: SmartTurnDetector(str(file))


class GatedModel:
    """A model that waits in its thread until `gate` is set, and records its input."""

    def __init__(self) -> None:
        self.fed: list[Any] = []
        self.began = threading.Event()
        self.gate = threading.Event()

    def run(self, _outputs: None, feed: dict[str, Any]) -> list[Any]:
        self.fed.append(feed["input_features"])
        self.began.set()
        assert self.gate.wait(10)
        return [np.asarray([[0.75]], np.float32)]


@pytest.fixture
def model() -> GatedModel:
    return GatedModel()


@pytest.fixture
async def detector(
    model: GatedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[SmartTurnDetector]:
    (tmp_path / "model.onnx").touch()
    monkeypatch.setattr(smart_turn, "load", lambda _path: model)
    detector = SmartTurnDetector(str(tmp_path / "model.onnx"))
    await detector.start()
    yield detector
    model.gate.set()
    await detector.close()


async def test_samples_of_a_waiting_request_are_copied_at_the_call(
    detector: SmartTurnDetector, model: GatedModel
) -> None:
    sound = noise(200_000)
    expected = features(sound[-128_000:])
    async with asyncio.TaskGroup() as group:
        group.create_task(detector.end_probability(noise(100)), name="first")
        second = group.create_task(detector.end_probability(sound), name="asked")
        await asyncio.to_thread(model.began.wait)
        sound[:] = 0  # the caller reuses its buffer
        model.gate.set()
    assert second.result() == 0.75
    np.testing.assert_array_equal(model.fed[1], expected[np.newaxis])


async def test_a_request_is_refused_when_too_many_wait(
    detector: SmartTurnDetector, model: GatedModel
) -> None:
    async with asyncio.TaskGroup() as group:
        waiting = [
            group.create_task(detector.end_probability(noise(100)), name=f"turn {n}")
            for n in range(MAX_WAITING)
        ]
        await asyncio.to_thread(model.began.wait)
        with pytest.raises(AdapterError, match=r"hear_failed.*wait for smart-turn"):
            await detector.end_probability(noise(100))
        model.gate.set()
    assert [task.result() for task in waiting] == [0.75] * MAX_WAITING
    assert await detector.end_probability(noise(100)) == 0.75


async def test_a_cancelled_request_is_not_run(
    detector: SmartTurnDetector, model: GatedModel
) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(detector.end_probability(noise(100)), name="running")
        others = [
            group.create_task(detector.end_probability(noise(100)), name=f"turn {n}")
            for n in range(MAX_WAITING - 1)
        ]
        await asyncio.to_thread(model.began.wait)
        for task in others:
            task.cancel()
        await asyncio.wait(others)
        model.gate.set()
    await detector.close()
    assert len(model.fed) == 1


async def test_close_answers_waiting_requests(
    detector: SmartTurnDetector, model: GatedModel
) -> None:
    async with asyncio.TaskGroup() as group:
        second = group.create_task(detector.end_probability(noise(100)), name="asked")
        await asyncio.to_thread(model.began.wait)
        closing = group.create_task(detector.close(), name="closing")
        asyncio.get_running_loop().call_soon(model.gate.set)  # once it is closing
    assert second.result() == 0.75
    assert closing.done()
    await detector.close()
    with pytest.raises(AdapterError, match="not started"):
        await detector.end_probability(noise(100))


# ---- errors --------------------------------------------------------------------------------------


@pytest.fixture
def no_pulled_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "models"
    monkeypatch.setenv(models.ENVIRONMENT, str(folder))
    return folder


async def test_a_missing_package_is_an_error_with_a_remedy(
    no_pulled_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx_model, "find_spec", lambda _name: None)
    with pytest.raises(AdapterError, match="pipecat-ai package is missing") as caught:
        await SmartTurnDetector().start()
    assert caught.value.code == "engine_missing"
    assert "frametalk models pull smart-turn" in caught.value.remedy


def test_a_pulled_model_comes_before_that_of_the_package(no_pulled_models: Path) -> None:
    file = no_pulled_models / "smart-turn" / "smart-turn-v3.2-cpu.onnx"
    file.parent.mkdir(parents=True)
    file.touch()
    assert smart_turn.default_file() == smart_turn.existing_file("smart-turn") == file


async def test_a_package_without_the_file_has_an_error_of_its_own(
    tmp_path: Path, no_pulled_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pipecat").mkdir()
    (tmp_path / "pipecat" / "__init__.py").write_text("raise AssertionError('imported')")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(AdapterError, match=r"smart-turn-v3\.2-cpu\.onnx in pipecat-ai is missing"):
        await SmartTurnDetector().start()


async def test_a_missing_file_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(AdapterError, match=r"absent\.onnx is not a file") as caught:
        await SmartTurnDetector(str(tmp_path / "absent.onnx")).start()
    assert caught.value.code == "engine_missing"
    assert "`file`" in caught.value.remedy


async def test_a_missing_runtime_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "model.onnx").touch()
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(AdapterError) as caught:
        await SmartTurnDetector(str(tmp_path / "model.onnx")).start()
    assert caught.value.code == "engine_missing"
    assert "frametalk[turn]" in caught.value.remedy


async def test_a_file_that_is_not_a_model_is_an_engine_error(tmp_path: Path) -> None:
    (tmp_path / "bad.onnx").write_bytes(b"not a model")
    with pytest.raises(AdapterError, match="engine_failed"):
        await SmartTurnDetector(str(tmp_path / "bad.onnx")).start()


async def test_start_refuses_another_model() -> None:
    another = silero_weights.packaged()  # a network of other inputs
    with pytest.raises(AdapterError, match=r"engine_failed.*silero") as caught:
        await SmartTurnDetector(str(another)).start()
    assert caught.value.fatal


async def test_end_probability_needs_start() -> None:
    with pytest.raises(AdapterError, match="hear_failed"):
        await SmartTurnDetector().end_probability(noise(100))


def test_the_registry_creates_it_and_checks_its_options() -> None:
    assert isinstance(registry.create("turn", "smart_turn", {"file": "x"}), SmartTurnDetector)
    with pytest.raises(ConfigError, match=r"\[turn.options\] of smart_turn: unknown option 'path'"):
        registry.create("turn", "smart_turn", {"path": "x"})
