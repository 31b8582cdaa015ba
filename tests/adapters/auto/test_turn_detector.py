"""The turn detector that chooses smart-turn or none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from adapters.auto.fakes import Machine, a_machine
from frametalk.adapters.auto import turn_detector
from frametalk.adapters.auto.turn_detector import AutoTurnDetector
from frametalk.errors import AdapterError

FILES = {"smart-turn-v3.2-cpu.onnx": 9}


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    return a_machine(monkeypatch, tmp_path, turn_detector)


async def chosen() -> str:
    auto = AutoTurnDetector()
    await auto.start()
    await auto.start()
    return str(auto.choice)


async def test_without_the_model_there_is_none(machine: Machine) -> None:
    assert await chosen() == "none (smart-turn is not pulled: frametalk models pull starter)"
    assert machine.log == []


async def test_a_fast_one_is_taken(machine: Machine) -> None:
    machine.model("smart-turn", FILES, 0.006)
    assert await chosen() == "smart_turn (real-time factor 0.006)"


async def test_a_slow_or_broken_one_is_left_out(machine: Machine) -> None:
    machine.model("smart-turn", FILES, 0.2)
    assert await chosen() == "none (smart-turn, real-time factor 0.200: too slow)"
    del machine.factors["smart-turn"]
    assert await chosen() == "none (smart-turn-v3.2-cpu.onnx does not work)"


async def test_without_the_runtime_the_extra_is_named(machine: Machine) -> None:
    machine.installed.discard("onnxruntime")
    assert 'pip install "frametalk[turn]"' in await chosen()


async def test_the_chosen_detector_does_the_work(machine: Machine) -> None:
    sound = np.zeros(16_000, np.int16)
    with pytest.raises(AdapterError, match="no turn detector"):
        await AutoTurnDetector().end_probability(sound)
    machine.model("smart-turn", FILES, 0.006)
    auto = AutoTurnDetector()
    await auto.start()
    assert await auto.end_probability(sound) == 0.25
    await auto.close()
    assert machine.log[-1] == "close smart_turn"
