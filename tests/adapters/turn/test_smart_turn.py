"""smart-turn: what it is fed, how it is shared, and what goes wrong."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adapters.conformance.judges import TurnDetectorConformance, noise
from frametalk.adapters import registry
from frametalk.adapters.base import TurnDetector
from frametalk.adapters.turn import smart_turn
from frametalk.adapters.turn.smart_turn import MOST_WAITING, SmartTurnDetector, features
from frametalk.adapters.vad import silero
from frametalk.errors import AdapterError, ConfigError

# ---- what the model is fed -----------------------------------------------------------------------


def test_short_sound_stands_at_the_end_behind_silence() -> None:
    picture = features(noise(16_000))
    assert picture.shape == (80, 800)
    silence, sound = picture[:, :698], picture[:, 702:]
    np.testing.assert_array_equal(silence, silence[:, :1].repeat(698, axis=1))
    assert sound.mean(axis=0).min() > silence.mean() + 1


def test_of_long_sound_the_level_does_not_matter() -> None:
    sound = noise(128_000)
    np.testing.assert_allclose(features(sound // 4 * 4), features(sound // 4), atol=0.01)


def test_no_sound_is_a_picture_too() -> None:
    assert np.isfinite(features(np.zeros(0, np.int16))).all()


# ---- one thread for all --------------------------------------------------------------------------


class LoudnessModel:
    """A model whose judgement is the mean of what it is fed."""

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


class HeldModel:
    """A model that waits in its thread until it is let go, and keeps what it was fed."""

    def __init__(self) -> None:
        self.fed: list[Any] = []
        self.began = threading.Event()
        self.let_go = threading.Event()

    def run(self, _outputs: None, feed: dict[str, Any]) -> list[Any]:
        self.fed.append(feed["input_features"])
        self.began.set()
        assert self.let_go.wait(10)
        return [np.asarray([[0.75]], np.float32)]


@pytest.fixture
def model() -> HeldModel:
    return HeldModel()


@pytest.fixture
async def held(
    model: HeldModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[SmartTurnDetector]:
    (tmp_path / "model.onnx").touch()
    monkeypatch.setattr(smart_turn, "load", lambda _path: model)
    judge = SmartTurnDetector(str(tmp_path / "model.onnx"))
    await judge.start()
    yield judge
    model.let_go.set()
    await judge.close()


async def test_who_waits_is_judged_as_it_was_asked(
    held: SmartTurnDetector, model: HeldModel
) -> None:
    sound = noise(200_000)
    expected = features(sound[-128_000:])
    async with asyncio.TaskGroup() as group:
        group.create_task(held.end_probability(noise(100)), name="first")
        asked = group.create_task(held.end_probability(sound), name="asked")
        await asyncio.to_thread(model.began.wait)
        sound[:] = 0  # the caller's buffer moves on
        model.let_go.set()
    assert asked.result() == 0.75
    np.testing.assert_array_equal(model.fed[1], expected[np.newaxis])


async def test_too_many_at_once_are_refused_and_the_others_answered(
    held: SmartTurnDetector, model: HeldModel
) -> None:
    async with asyncio.TaskGroup() as group:
        waiting = [
            group.create_task(held.end_probability(noise(100)), name=f"turn {n}")
            for n in range(MOST_WAITING)
        ]
        await asyncio.to_thread(model.began.wait)
        with pytest.raises(AdapterError, match=r"hear_failed.*wait for smart-turn"):
            await held.end_probability(noise(100))
        model.let_go.set()
    assert [task.result() for task in waiting] == [0.75] * MOST_WAITING
    assert await held.end_probability(noise(100)) == 0.75


async def test_who_is_cancelled_gives_up_the_place(
    held: SmartTurnDetector, model: HeldModel
) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(held.end_probability(noise(100)), name="judged")
        others = [
            group.create_task(held.end_probability(noise(100)), name=f"turn {n}")
            for n in range(MOST_WAITING - 1)
        ]
        await asyncio.to_thread(model.began.wait)
        for task in others:
            task.cancel()
        await asyncio.wait(others)
        model.let_go.set()
    await held.close()
    assert len(model.fed) == 1


async def test_closing_answers_who_still_waits(held: SmartTurnDetector, model: HeldModel) -> None:
    async with asyncio.TaskGroup() as group:
        asked = group.create_task(held.end_probability(noise(100)), name="asked")
        await asyncio.to_thread(model.began.wait)
        closing = group.create_task(held.close(), name="closing")
        asyncio.get_running_loop().call_soon(model.let_go.set)  # once it is closing
    assert asked.result() == 0.75
    assert closing.done()
    await held.close()
    with pytest.raises(AdapterError, match="not started"):
        await held.end_probability(noise(100))


# ---- what goes wrong -----------------------------------------------------------------------------


async def test_a_missing_package_names_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smart_turn, "find_spec", lambda _name: None)
    with pytest.raises(AdapterError, match="pipecat-ai package is missing") as caught:
        await SmartTurnDetector().start()
    assert caught.value.code == "engine_missing"
    assert "pip install --no-deps pipecat-ai" in caught.value.remedy


async def test_a_package_without_the_file_is_told_from_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pipecat").mkdir()
    (tmp_path / "pipecat" / "__init__.py").write_text("raise AssertionError('imported')")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(AdapterError, match=r"smart-turn-v3\.2-cpu\.onnx in pipecat-ai is missing"):
        await SmartTurnDetector().start()


async def test_a_file_that_is_not_there_names_its_remedy(tmp_path: Path) -> None:
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
    assert "frametalk[embedded]" in caught.value.remedy


async def test_a_file_that_is_no_model_is_an_engine_error(tmp_path: Path) -> None:
    (tmp_path / "bad.onnx").write_bytes(b"not a model")
    with pytest.raises(AdapterError, match="engine_failed"):
        await SmartTurnDetector(str(tmp_path / "bad.onnx")).start()


async def test_another_model_is_found_out_at_the_start() -> None:
    with pytest.raises(AdapterError, match=r"engine_failed.*silero") as caught:
        await SmartTurnDetector(str(silero.packaged_model())).start()
    assert caught.value.fatal


async def test_judging_needs_start() -> None:
    with pytest.raises(AdapterError, match="hear_failed"):
        await SmartTurnDetector().end_probability(noise(100))


def test_the_registry_knows_it_and_checks_its_options() -> None:
    assert isinstance(registry.create("turn", "smart_turn", {"file": "x"}), SmartTurnDetector)
    with pytest.raises(ConfigError, match=r"\[turn.options\] of smart_turn: unknown option 'path'"):
        registry.create("turn", "smart_turn", {"path": "x"})
