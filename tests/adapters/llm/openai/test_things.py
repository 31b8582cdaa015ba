"""Things by their names."""

from __future__ import annotations

import pytest

from frametalk.adapters.llm.openai.things import id_named
from frametalk.core.scene import Entity

SCENE = {
    "door_1": Entity("door_1", "red door", "door", affordances=("open",)),
    "door_2": Entity("door_2", "blue door", "door", ("door",)),
    "map_1": Entity("map_1", "map", "item", affordances=("read",)),
    "map_2": Entity("map_2", "map", "furniture"),
    "\u6249": Entity("\u6249", "\u6249", "door"),
}


@pytest.mark.parametrize(
    ("name", "id_"),
    [
        ("door_1", "door_1"),
        ("Door 1", "door_1"),
        ("#door-1", "door_1"),
        ("id: door_1", "door_1"),
        ("the Red Door", "door_1"),
        ("red_door", "door_1"),
        ("door", "door_2"),
        ("\u6249", "\u6249"),
    ],
)
def test_a_thing_is_known_by_other_spellings(name: str, id_: str) -> None:
    assert id_named(name, True, "look", SCENE) == id_


def test_the_kind_or_the_tool_chooses_among_things_of_one_name() -> None:
    assert id_named("map", "furniture", "look", SCENE) == "map_2"
    assert id_named("map", True, "read", SCENE) == "map_1"
    assert id_named("map", True, "look", SCENE) == "map"


@pytest.mark.parametrize("value", ["sword", "", "?", None, 7.5, ["door_1", "door_2"], {}])
def test_what_names_nothing_stays(value: object) -> None:
    assert id_named(value, True, "look", SCENE) in (value, "7.5")
