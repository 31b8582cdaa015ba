"""What the game tells: words for the recogniser, attention, a greeting."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from frametalk.adapters.base import Bias
from frametalk.core.naming import MAX_NAMES
from frametalk.core.scene import Entity, Scene
from frametalk.core.tools import ToolSpec
from frametalk.errors import FrametalkError
from frametalk.pipeline.world import SCENE_MODEL_S, World, expected
from frametalk.wire.messages import Focus, SceneAck, SceneEvent, ScenePatch, SceneSnapshot
from stages import Stage, character

DOOR = Entity("door", "red door", "door", ("gate",))
PLAYER = Entity("me", "player", "player")


class Slow:
    """A recogniser whose models take until they are let go."""

    def __init__(self) -> None:
        self.built: list[Bias] = []
        self.go = asyncio.Event()

    async def prepare(self, bias: Bias) -> None:
        await self.go.wait()
        self.built.append(bias)


class Timed:
    """A recogniser whose models take `build_s` each."""

    def __init__(self, build_s: float) -> None:
        self._build_s = build_s
        self.built: list[Bias] = []

    async def prepare(self, bias: Bias) -> None:
        await asyncio.sleep(self._build_s)
        self.built.append(bias)


def world(recogniser: Slow | Timed, *, max_entities: int = 4) -> tuple[World, Stage]:
    """A world with one tool."""
    stage = Stage()
    act: Any = SimpleNamespace(specs=(ToolSpec("open", verbs=("open", "unlock")),))
    return World(stage.context, character(), Scene(max_entities), act, recogniser), stage  # type: ignore[arg-type]


async def test_the_recogniser_is_prepared_for_the_newest_scene_only() -> None:
    recogniser = Slow()
    one, stage = world(recogniser)
    one.snapshot(SceneSnapshot(rev=1, entities=(DOOR, PLAYER)))
    await asyncio.sleep(0)
    one.patch(ScenePatch(base=1, rev=2, put=(Entity("key", "iron key"),)))
    one.patch(ScenePatch(base=2, rev=3, put=(Entity("axe", "axe"),)))
    assert one.bias == Bias()
    recogniser.go.set()
    for _ in range(10):
        await asyncio.sleep(0)
    things = [bias.things for bias in recogniser.built]
    assert things == [("red door", "gate"), ("red door", "gate", "iron key", "axe")]
    assert one.bias.verbs == ("open", "unlock")
    assert [message.rev for message in stage.of(SceneAck)] == [1, 2, 3]
    await stage.tasks.close()


async def test_the_first_model_is_announced_once() -> None:
    recogniser = Slow()
    one, stage = world(recogniser)
    known: list[Bias] = []
    one.after_scene_model(lambda: known.append(one.bias))
    one.snapshot(SceneSnapshot(rev=1, entities=(DOOR,)))
    await asyncio.sleep(0)
    one.patch(ScenePatch(base=1, rev=2, put=(Entity("key", "iron key"),)))
    assert known == []
    recogniser.go.set()
    for _ in range(10):
        await asyncio.sleep(0)
    assert known == recogniser.built[:1]
    assert len(recogniser.built) == 2
    await stage.tasks.close()


@pytest.mark.looptime
async def test_a_text_waits_for_the_first_model_and_not_for_ever() -> None:
    recogniser = Slow()
    one, stage = world(recogniser)
    loop = asyncio.get_running_loop()
    await one.scene_model()  # no scene: none will be built
    assert loop.time() == 0
    one.snapshot(SceneSnapshot(rev=1, entities=(DOOR,)))
    await one.scene_model()
    assert loop.time() == SCENE_MODEL_S
    loop.call_later(1, recogniser.go.set)
    await one.scene_model()
    assert loop.time() == SCENE_MODEL_S + 1
    assert len(recogniser.built) == 1
    recogniser.go.clear()
    one.patch(ScenePatch(base=1, rev=2, put=(Entity("key", "iron key"),)))
    await one.scene_model()
    assert loop.time() == SCENE_MODEL_S + 1
    await stage.tasks.close()


@pytest.mark.looptime
async def test_a_text_does_not_wait_for_a_scene_without_words() -> None:
    one, stage = world(Timed(1))
    one.bias = one._expected()
    one.snapshot(SceneSnapshot(rev=1, entities=()))
    await one.scene_model()
    assert asyncio.get_running_loop().time() == 0
    await stage.tasks.close()


@pytest.mark.looptime
async def test_a_scene_that_changes_all_the_time_takes_a_share_of_the_recogniser() -> None:
    recogniser = Timed(0.5)
    one, stage = world(recogniser)
    one.snapshot(SceneSnapshot(rev=1, entities=(DOOR,)))
    for rev in range(2, 202):  # twenty seconds of ten changes a second
        await asyncio.sleep(0.1)
        one.patch(ScenePatch(base=rev - 1, rev=rev, put=(Entity("key", f"key {rev}"),)))
    await asyncio.sleep(10)
    assert one.bias.things == ("red door", "gate", "key 201")
    assert len(recogniser.built) < 15
    await stage.tasks.close()


async def test_commands_follow_the_scene_at_once() -> None:
    one, stage = world(Slow())
    assert not one.commands.complete("open the red door")
    one.snapshot(SceneSnapshot(rev=1, entities=(DOOR,)))
    assert one.commands.complete("open the red door")
    one.patch(ScenePatch(base=1, rev=2, remove=("door",)))
    assert not one.commands.complete("open the red door")
    await stage.tasks.close()


async def test_many_names_are_learnt_while_others_have_their_turn() -> None:
    one, stage = world(Slow(), max_entities=512)
    many = tuple(Entity(f"e{n}", f"thing {n}") for n in range(512))
    one.snapshot(SceneSnapshot(rev=1, entities=many))
    assert one.commands.complete("open thing 0")
    assert not one.commands.complete("open thing 511")
    for _ in range(10):
        await asyncio.sleep(0)
    assert one.commands.complete("open thing 511")
    one.patch(ScenePatch(base=1, rev=2, put=(Entity("e0", "golden key"),)))
    assert one.commands.complete("open the golden key")
    await stage.tasks.close()


async def test_the_newest_scene_is_learnt_where_another_one_was_not_learnt_to_its_end() -> None:
    one, stage = world(Slow(), max_entities=512)
    for rev in range(1, 4):
        many = tuple(Entity(f"e{n}", f"thing {n} of {rev}") for n in range(512))
        one.snapshot(SceneSnapshot(rev=rev, entities=many))
    for _ in range(30):
        await asyncio.sleep(0)
    assert one.commands.complete("open thing 511 of 3")
    assert not one.commands.complete("open thing 0 of 1")
    await stage.tasks.close()


def test_what_is_expected_has_a_bound() -> None:
    many = [Entity(f"e{n}", f"thing {n}", aliases=(f"other {n}", "x" * 101)) for n in range(2_000)]
    things = expected(many, (), ()).things
    assert 2_000 < len(things) <= MAX_NAMES
    assert things[:3] == ("thing 0", "other 0", "thing 1")


async def test_a_change_of_state_prepares_nothing() -> None:
    recogniser = Slow()
    recogniser.go.set()
    one, stage = world(recogniser)
    one.snapshot(SceneSnapshot(rev=1, entities=(DOOR,)))
    one.patch(ScenePatch(base=1, rev=2, state={"door": {"open": True}}))
    for _ in range(10):
        await asyncio.sleep(0)
    assert len(recogniser.built) == 1
    await stage.tasks.close()


async def test_focus_contains_only_present_entities() -> None:
    one, stage = world(Slow())
    one.snapshot(SceneSnapshot(rev=1, entities=(DOOR, Entity("key", "key"))))
    one.attend(Focus(entity="key"))
    one.attend(Focus(entity="door"))
    with pytest.raises(FrametalkError, match="scene_unknown_entity"):
        one.attend(Focus(entity="window"))
    assert one.focus == ("key", "door")
    one.patch(ScenePatch(base=1, rev=2, remove=("key",)))
    assert one.focus == ("door",)
    await stage.tasks.close()


async def test_a_mind_without_a_greeting_says_nothing() -> None:
    one, stage = world(Slow())
    one.event(SceneEvent(name="player_entered"))
    assert stage.events == []
    assert [event.name for event in one._scene.events] == ["player_entered"]
    await stage.tasks.close()
