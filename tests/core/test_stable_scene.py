"""A state of the scene that stays while little changes."""

from __future__ import annotations

from dataclasses import replace

from frametalk.core.scene import Entity
from frametalk.core.stable_scene import MAX_CHANGED, StableScene

ROOM = {f"barrel{n}": Entity(f"barrel{n}", "barrel", state={"full": True}) for n in range(20)}


def emptied(count: int) -> dict[str, Entity]:
    drawn = {id_: replace(ROOM[id_], state={"full": False}) for id_ in list(ROOM)[:count]}
    return ROOM | drawn


def test_a_few_changes_keep_the_state_and_many_replace_it() -> None:
    stable = StableScene()
    assert stable.of(ROOM) is ROOM
    assert stable.of(emptied(MAX_CHANGED)) is ROOM
    more = emptied(MAX_CHANGED + 1)
    assert stable.of(more) is more
    assert stable.of(emptied(2)) is more


def test_things_that_come_and_go_count_and_moves_do_not() -> None:
    stable = StableScene()
    stable.of(ROOM)
    moved = {id_: replace(one, position=(1.0, 0.0, 0.0)) for id_, one in ROOM.items()}
    assert stable.of(moved) is ROOM
    few = dict(list(ROOM.items())[:10])
    assert stable.of(few) is few


def test_another_scene_replaces_the_state_at_once() -> None:
    stable = StableScene()
    stable.of({})
    one = {"door": Entity("door", "door")}
    assert stable.of(one) is one
