"""Error texts refer to docs/scenarios.md: its examples run, and it lists every key."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from conftest import ROOT
from frametalk.headless.scenario import (
    ACTIONS,
    EXPECTED,
    Expectation,
    PlayerEntry,
    ScenarioFile,
    Step,
)
from frametalk.headless.scenario_loader import load_scenario
from frametalk.headless.scene import GameWorld
from frametalk.headless.tool_calls import Behaviour
from frametalk.headless.worldfile import ToolRule, WorldFile, WorldTool

PAGE = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The page's scenario file, beside the page's world file."""
    scenario, _behaviour, world = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "gate.toml").write_text(world, encoding="utf-8")
    file = tmp_path / "guard.toml"
    file.write_text(scenario, encoding="utf-8")
    return file


def test_the_pages_scenario_and_world_work(example: Path) -> None:
    scenario = load_scenario(str(example))
    assert [step.action for step in scenario.file.step] == [
        "say", "expect", "expect", "event", "wait_reply",
    ]  # fmt: skip
    gate = GameWorld(scenario.world)
    assert gate.decide("open", {"target": "gate"}).refused == "the north gate is closed at curfew"
    gate.change(state={"gate": {"curfew": False}})
    decision = gate.decide("open", {"target": "gate"})
    assert (decision.state, decision.value) == ({"gate": {"open": True}}, "gate is open")


def test_the_pages_behaviour_works(example: Path) -> None:
    behaviour = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)[1]
    example.write_text(example.read_text() + behaviour, encoding="utf-8")
    (only,) = load_scenario(str(example)).file.behaviour
    assert (only.do, only.tool, only.after_ms, only.times) == ("slow", "open", 1500, 1)


@pytest.mark.parametrize(
    "kind",
    [ScenarioFile, PlayerEntry, Step, Expectation, Behaviour, WorldFile, WorldTool, ToolRule],
)
def test_every_key_is_on_the_page(kind: type[msgspec.Struct]) -> None:
    words = set(re.findall(r"\w+", PAGE))
    assert {field.encode_name for field in msgspec.structs.fields(kind)} <= words
    assert {*ACTIONS, *EXPECTED} <= words
