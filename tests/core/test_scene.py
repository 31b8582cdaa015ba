"""The scene: snapshots, patches, limits, happenings."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.core.scene import (
    MAX_AFFORDANCES,
    MAX_ALIASES,
    MAX_ENTITY_CHARACTERS,
    MAX_STATE_KEYS,
    Entity,
    Scene,
    SceneHappening,
)
from frametalk.errors import FrametalkError

DOOR = Entity("door", "red door", "door", ("front door", "door"), state={"open": False})
IRON = Entity("iron_key", "iron key", "key", ("key",), (1.0, 0.0, 2.0))
GOLD = Entity("golden_key", "Golden Key", "key", ("key",))


@pytest.fixture
def scene() -> Scene:
    scene = Scene(max_entities=4, max_events=2)
    scene.snapshot(7, [DOOR, IRON, GOLD])
    return scene


def refused(code: str, scene: Scene, base: int = 7, rev: int = 8, **parts: Any) -> FrametalkError:
    before, at = dict(scene.entities), scene.rev
    with pytest.raises(FrametalkError) as caught:
        scene.patch(base, rev, **parts)
    assert caught.value.code == code
    assert caught.value.remedy
    assert (dict(scene.entities), scene.rev) == (before, at)
    return caught.value


def test_starts_empty_at_revision_zero() -> None:
    scene = Scene(max_entities=4)
    assert scene.rev == 0
    assert not scene.entities


def test_a_snapshot_replaces_everything_and_may_have_a_lower_revision(scene: Scene) -> None:
    scene.snapshot(1, [GOLD])
    assert list(scene.entities) == ["golden_key"]
    assert scene.rev == 1


def test_a_patch_is_applied_in_the_order_remove_put_state_move(scene: Scene) -> None:
    scene.patch(
        7,
        9,
        remove=["door"],
        put=[Entity("door", "oak door", state={"open": True, "locked": True})],
        state={"door": {"locked": None, "open": False, "colour": "brown"}},
        move={"door": (0.0, 1.0, 0.0)},
    )
    door = scene.entities["door"]
    assert (door.name, door.position) == ("oak door", (0.0, 1.0, 0.0))
    assert door.state == {"open": False, "colour": "brown"}
    assert scene.rev == 9


def test_entities_read_before_a_patch_do_not_change(scene: Scene) -> None:
    before = scene.entities
    scene.patch(7, 8, state={"door": {"open": True}}, remove=["iron_key"])
    assert before["door"].state == {"open": False}
    assert "iron_key" in before
    assert scene.entities["door"].state == {"open": True}


def test_a_later_change_of_the_given_state_has_no_effect() -> None:
    state: dict[str, Any] = {"lit": False}
    scene = Scene(max_entities=4)
    scene.snapshot(1, [Entity("torch", "torch", state=state)])
    state["lit"] = True
    assert scene.entities["torch"].state == {"lit": False}


def test_a_patch_of_another_revision_asks_for_a_snapshot(scene: Scene) -> None:
    assert "snapshot" in refused("scene_base", scene, base=6).remedy


@pytest.mark.parametrize("rev", [7, 3])
def test_a_revision_must_be_greater_than_the_last(scene: Scene, rev: int) -> None:
    refused("scene_invalid", scene, rev=rev)


@pytest.mark.parametrize(
    "parts",
    [
        {"remove": ["ghost"]},
        {"remove": ["door", "door"]},
        {"state": {"ghost": {}}},
        {"move": {"ghost": (0.0, 0.0, 0.0)}},
        {"remove": ["door"], "state": {"door": {"open": True}}},
    ],
)
def test_a_patch_of_an_unknown_entity_is_refused(scene: Scene, parts: dict[str, Any]) -> None:
    refused("scene_unknown_entity", scene, **parts)


@pytest.mark.parametrize(
    "entity",
    [
        Entity("", "nothing"),
        Entity("x" * 129, "long"),
        Entity("a", "  "),
        Entity("a", "a", position=(0.0, math.nan, 0.0)),
        Entity("a", "a", state={"heat": math.inf}),
    ],
)
def test_an_invalid_entity_is_refused(scene: Scene, entity: Entity) -> None:
    refused("scene_invalid", scene, put=[entity])


def test_an_entity_that_is_given_twice_is_refused(scene: Scene) -> None:
    refused("scene_invalid", scene, put=[GOLD, GOLD])
    with pytest.raises(FrametalkError, match="scene_invalid"):
        scene.snapshot(9, [DOOR, DOOR])
    assert scene.rev == 7


def test_the_limits_are_kept(scene: Scene) -> None:
    refused("scene_limit", scene, put=[Entity("a", "a"), Entity("b", "b")])
    refused("scene_limit", scene, put=[Entity("a", "a" * MAX_ENTITY_CHARACTERS)])
    refused(
        "scene_limit", scene, put=[Entity("a", "a", affordances=("x",) * (MAX_AFFORDANCES + 1))]
    )
    refused("scene_limit", scene, state={"door": {f"k{n}": n for n in range(MAX_STATE_KEYS)}})
    scene.patch(7, 8, put=[Entity("a", "a")])
    assert len(scene.entities) == 4


def test_of_many_aliases_the_first_count(scene: Scene) -> None:
    scene.patch(7, 8, put=[Entity("a", "a", aliases=("x",) * (MAX_ALIASES + 1))])
    assert scene.entities["a"].aliases == ("x",) * MAX_ALIASES


def test_the_newest_happenings_are_kept(scene: Scene) -> None:
    for name in ("dawn", "thunder", "rain"):
        scene.note(SceneHappening(name))
    assert [event.name for event in scene.events] == ["thunder", "rain"]
    with pytest.raises(FrametalkError, match="scene_unknown_entity"):
        scene.note(SceneHappening("exploded", entity="ghost"))


IDS = st.sampled_from(["door", "iron_key", "golden_key", "a", "b", "ghost"])


@given(
    remove=st.lists(IDS, max_size=2),
    put=st.lists(st.builds(Entity, IDS, st.just("thing")), max_size=3),
    state=st.dictionaries(IDS, st.dictionaries(st.text(max_size=2), st.none() | st.integers())),
    base=st.sampled_from([7, 7, 7, 8]),
)
def test_a_patch_is_applied_completely_or_not_at_all(
    remove: list[str], put: list[Entity], state: dict[str, dict[str, Any]], base: int
) -> None:
    scene = Scene(max_entities=4)
    scene.snapshot(7, [DOOR, IRON, GOLD])
    before = dict(scene.entities)
    try:
        scene.patch(base, 9, remove=remove, put=put, state=state)
    except FrametalkError:
        assert (scene.rev, dict(scene.entities)) == (7, before)
    else:
        assert scene.rev == 9
        assert set(scene.entities) == (set(before) - set(remove)) | {entity.id for entity in put}


def test_each_entity_has_the_revision_of_its_last_change(scene: Scene) -> None:
    assert scene.changed == {"door": 7, "iron_key": 7, "golden_key": 7}
    scene.patch(7, 8, state={"door": {"open": True}}, move={"iron_key": (2.0, 0.0, 2.0)})
    earlier = scene.changed
    scene.patch(8, 12, put=[GOLD], remove=["iron_key"], state={"door": {"open": True}})
    assert scene.changed == {"door": 8, "golden_key": 7}, (
        "an entity that is put again unchanged keeps its revision"
    )
    assert earlier == {"door": 8, "iron_key": 8, "golden_key": 7}
    scene.snapshot(2, [DOOR])
    assert scene.changed == {"door": 2}


@pytest.mark.parametrize(("limit_bytes", "kept"), [(25_000, [8, 9]), (1, [9]), (0, [*range(10)])])
def test_the_newest_events_within_the_limit_of_bytes_are_kept(
    limit_bytes: int, kept: list[int]
) -> None:
    scene = Scene(max_entities=4, max_event_bytes=limit_bytes)
    for number in range(10):
        scene.note(SceneHappening(str(number), text="x" * 10_000))
    assert [int(event.name) for event in scene.events] == kept
