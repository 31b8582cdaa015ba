"""docs/turns.md shows the current turn table, and the table is complete."""

from __future__ import annotations

import importlib.util
import typing
from pathlib import Path
from types import ModuleType

import pytest

from conftest import ROOT
from frametalk.core.events import Event
from frametalk.core.turn import TABLE
from frametalk.core.turn_parts import State

# ---- the page ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def export() -> ModuleType:
    """docs/export_turns.py, which is a script outside the package."""
    file = ROOT / "docs" / "export_turns.py"
    spec = importlib.util.spec_from_file_location("export_turns", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_up_to_date(export: ModuleType, tmp_path: Path) -> None:
    export.write(tmp_path)
    exported = (tmp_path / "turns.md").read_text(encoding="utf-8")
    committed = (ROOT / "docs" / "turns.md").read_text(encoding="utf-8")
    assert committed == exported, "run: python docs/export_turns.py"


def test_every_row_is_on_the_page(export: ModuleType) -> None:
    page = export.page()
    for state in State:
        section = page.partition(f"### `{state}`\n")[2].partition("###")[0]
        events = [event.__name__ for at, event in TABLE if at is state]
        assert [line.split("`")[1] for line in section.splitlines() if "| `" in line] == events


def test_the_picture_has_an_edge_for_every_change_of_state(export: ModuleType) -> None:
    edges = {
        (*edge.split(" --> "), event)
        for line in export.page().splitlines()
        if " --> " in line and " : " in line
        for edge, _, events in [line.strip().partition(" : ")]
        for event in events.split(", ")
    }
    assert edges == {
        (state.value, after.value, event.__name__)
        for (state, event), row in TABLE.items()
        for after in row.to
        if after is not state
    }


# ---- the table -----------------------------------------------------------------------------------


def test_every_event_has_a_row() -> None:
    assert {event for _state, event in TABLE} == set(typing.get_args(Event))


def test_every_state_can_be_reached_and_left() -> None:
    leads: dict[State, set[State]] = {state: set() for state in State}
    for (state, _event), row in TABLE.items():
        leads[state].update(row.to)

    def reached(start: State) -> set[State]:
        seen, todo = {start}, [start]
        while todo:
            new = leads[todo.pop()] - seen
            seen |= new
            todo += new
        return seen

    assert reached(State.IDLE) == set(State)
    assert all(State.IDLE in reached(state) for state in State)
