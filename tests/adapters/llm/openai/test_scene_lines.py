"""The scene for a model: the stable part and what is different now."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from frametalk.adapters.base import Focus, MindRequest
from frametalk.adapters.llm.openai.scene_lines import now_lines, stable_lines
from frametalk.adapters.llm.openai.scene_text import CHARACTERS_PER_TOKEN
from frametalk.core.scene import Entity
from frametalk.core.tools import ToolSpec

PLAYER = Entity("player", "player", "player", position=(0.0, 0.0, 0.0))
DOOR = Entity(
    "door", "red door", "door", ("door", "front door"), (0.0, 0.0, 2.14), {"open": False}, ("open",)
)
CHEST = Entity("chest", "old chest", "chest", position=(30.0, 0.0, 0.0))
KEY = Entity("iron_key", "Iron Key", "key", state={"holder": "", "id": "k7"}, affordances=("give",))
ROOM = tuple(
    Entity(f"barrel{n}", f"barrel {n}", "barrel", position=(float(n), 0.0, 0.0))
    for n in range(1, 200)
)
OPEN = ToolSpec("open")


def scene_of(*entities: Entity) -> dict[str, Entity]:
    return {entity.id: entity for entity in entities}


def request_with(*entities: Entity, text: str = "hello", **fields: Any) -> MindRequest:
    return MindRequest("smith", 3, text, scene=scene_of(*entities), **fields)


def now_of(request: MindRequest, tokens: int = 1_500) -> list[Any]:
    return [json.loads(line) for line in now_lines(request, stable_lines(request, tokens), tokens)]


def ids(lines: list[Any]) -> list[str]:
    return [line["id"] for line in lines if "id" in line]


# ---- the stable part -----------------------------------------------------------------------------


def test_a_thing_is_one_line_without_what_its_other_names_say() -> None:
    request = request_with(PLAYER, DOOR, KEY, tools=[OPEN])
    assert list(stable_lines(request, 100).values()) == [
        '{"id":"door","name":"red door","aliases":["front door"],"open":false,"can":"open"}',
        '{"id":"iron_key","state":{"id":"k7"}}',
    ]


def test_a_kind_is_shown_if_a_tool_wants_things_of_a_kind() -> None:
    target = {"properties": {"target": {"type": "string", "x-entity": "door"}}}
    request = request_with(DOOR, tools=[ToolSpec("open", parameters=target)])
    assert '"kind":"door"' in stable_lines(request, 100)["door"]


def test_near_things_come_first_up_to_the_budget() -> None:
    lines = stable_lines(request_with(PLAYER, *reversed(ROOM)), 100)
    assert list(lines) == [f"barrel{n}" for n in range(1, len(lines) + 1)]
    assert 3 < len(lines) < 20
    assert sum(map(len, lines.values())) <= 100 * CHARACTERS_PER_TOKEN


def test_the_stable_part_does_not_depend_on_words_looks_and_changes() -> None:
    before = scene_of(PLAYER, DOOR, CHEST)
    first = stable_lines(request_with(*before.values(), stable=before), 100)
    later = request_with(
        replace(PLAYER, position=(29.0, 0.0, 0.0)),
        replace(DOOR, state={"open": True}),
        text="open the old chest",
        stable=before,
        focus=Focus(("door",)),
    )
    assert stable_lines(later, 100) == first


def test_things_without_positions_stay_in_their_order() -> None:
    assert list(stable_lines(request_with(*ROOM[:3]), 100)) == ["barrel1", "barrel2", "barrel3"]


# ---- now -----------------------------------------------------------------------------------------


def test_nothing_is_said_of_a_scene_that_is_as_before() -> None:
    assert now_of(request_with(PLAYER, DOOR, CHEST)) == []


def test_changes_are_told_field_by_field() -> None:
    before = scene_of(PLAYER, DOOR, KEY, CHEST)
    moved = replace(KEY, name="bent key", state={"holder": "player"})
    lamp = Entity("lamp", "lamp", state={"lit": True})
    request = request_with(PLAYER, replace(DOOR, state={"open": True}), moved, lamp, stable=before)
    assert now_of(request) == [
        {"gone": ["chest"]},
        {"id": "door", "open": True},
        {"id": "iron_key", "name": "bent key", "holder": "player", "state": {"id": None}},
        {"id": "lamp", "lit": True},
    ]


def test_looks_are_named_the_latest_first() -> None:
    request = request_with(DOOR, CHEST, focus=Focus(("chest", "gone", "door")))
    assert now_of(request) == [{"looked_at": ["door", "chest"]}]


def test_the_nearest_things_are_named_once_others_were() -> None:
    before = scene_of(PLAYER, *ROOM[:6])
    moved = request_with(replace(PLAYER, position=(6.0, 0.0, 0.0)), *ROOM[:6], stable=before)
    assert now_of(moved) == [{"nearest": ["barrel6", "barrel5", "barrel4"]}]
    step = request_with(replace(PLAYER, position=(0.1, 0.0, 0.0)), *ROOM[:6], stable=before)
    assert now_of(step) == []


def test_what_the_budget_left_out_comes_by_looks_mention_and_change() -> None:
    crowd = (PLAYER, *ROOM, CHEST)
    looked = request_with(*crowd, focus=Focus(("chest",)))
    assert ids(now_of(looked, 100))[0] == "chest"
    mentioned = request_with(*crowd, text="Open the OLD chest, please")
    assert ids(now_of(mentioned, 100))[0] == "chest"
    misheard = request_with(*crowd, text="old jest", alternatives=("old chest",))
    assert ids(now_of(misheard, 100))[0] == "chest"
    changed = dict.fromkeys((barrel.id for barrel in ROOM), 1) | {"barrel150": 9, "barrel151": 7}
    recent = ids(now_of(request_with(*crowd, changed=changed, scene_rev=9), 100))
    assert recent[0] == "barrel150"
    assert sum(len(line) for line in map(json.dumps, now_of(mentioned, 100))) < 200
