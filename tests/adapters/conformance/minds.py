"""What every mind must do, whichever it is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from types import MappingProxyType

import pytest

from adapters.conformance.lives import PATIENCE_S, Lives, works_or_says_why
from adapters.conformance.texts import LONG_SENTENCE, SILENT, STRANGE
from frametalk.adapters.base import (
    Mind,
    MindEvent,
    MindRequest,
    TextDelta,
    ToolRequest,
    Trouble,
    Usage,
)
from frametalk.core.dialogue import PlayerSaid
from frametalk.core.scene import Entity
from frametalk.core.tools import ToolOutcome, ToolSpec

SCENE = MappingProxyType(
    {"door": Entity("door", "red door", state={"open": False}), "chest": Entity("chest", "chest")}
)
OPEN = ToolSpec(
    "open",
    parameters={
        "type": "object",
        "required": ["target"],
        "properties": {"target": {"type": "string", "x-entity": True}},
    },
    verbs=("open",),
)
STATES = ("done", "refused", "failed", "timed_out", "cancelled")


def asked(mind: Mind, text: str) -> MindRequest:
    """A turn in which a player says this."""
    return MindRequest(
        mind.characters[0], 1, text, history=(PlayerSaid(1, text),), scene=SCENE, tools=(OPEN,)
    )


async def answer(mind: Mind, request: MindRequest) -> list[MindEvent]:
    """All of one step, after looking at each event."""
    events: list[MindEvent] = []
    async with asyncio.timeout(PATIENCE_S):
        async for event in mind.think(request):
            check(event, request.tools)
            events.append(event)
    return events


def check(event: MindEvent, tools: Sequence[ToolSpec]) -> None:
    if isinstance(event, TextDelta):
        assert event.text, "a delta has text"
        event.text.encode()  # whole characters
        return
    if isinstance(event, Usage):
        assert min(event.prompt_tokens, event.completion_tokens, event.cost) >= 0
        return
    if isinstance(event, Trouble):
        assert event.error.remedy, "people can do something about it"
        return
    assert isinstance(event, ToolRequest)
    assert event.name in {spec.name for spec in tools}, "a tool that was offered"
    assert json.loads(json.dumps(event.args, allow_nan=False)) == event.args, "plain data"
    assert isinstance(event.ref, str)


@pytest.mark.asyncio(loop_scope="class")
class MindConformance(Lives):
    """Subclasses give the fixture `make` of `Lives`."""

    two = ("open the red door", "who are you")
    """Two things to say that this mind answers alike each time it is asked."""

    async def use(self, adapter: Mind) -> list[MindEvent]:
        return await answer(adapter, asked(adapter, self.two[1]))

    @pytest.mark.parametrize("text", [*SILENT, *STRANGE.values(), LONG_SENTENCE * 200])
    async def test_any_text_is_answered(self, adapter: Mind, text: str) -> None:
        await answer(adapter, asked(adapter, text))
        others = replace(asked(adapter, "hello"), alternatives=(text, text))
        await answer(adapter, others)

    async def test_something_is_said_or_asked_for(self, adapter: Mind) -> None:
        for text in self.two:
            assert await answer(adapter, asked(adapter, text))

    @pytest.mark.parametrize("state", STATES)
    async def test_however_a_call_ended_there_is_a_next_step(
        self, adapter: Mind, state: str
    ) -> None:
        for text in ("", "no key", *STRANGE.values()):
            outcome = ToolOutcome(1, "open", {"target": "door"}, state, reason=text, value=text)
            first = asked(adapter, self.two[0])
            await answer(adapter, replace(first, step=1, outcomes=(outcome,), said="Well."))

    async def test_a_strange_world_is_a_world(self, adapter: Mind) -> None:
        scene = {
            f"{number}": Entity(f"{number}", text, aliases=(text,), state={text: [text, None]})
            for number, text in enumerate((*SILENT, *STRANGE.values()))
        }
        tool = ToolSpec("open", STRANGE["markup"], verbs=tuple(STRANGE.values()))
        request = replace(asked(adapter, self.two[0]), scene=scene, tools=(tool,))
        await answer(adapter, request)

    async def test_a_long_life_is_remembered_or_forgotten(self, adapter: Mind) -> None:
        history = tuple(PlayerSaid(turn, LONG_SENTENCE) for turn in range(500))
        await answer(adapter, replace(asked(adapter, self.two[1]), history=history))

    async def test_without_scene_or_tools_it_still_answers(self, adapter: Mind) -> None:
        for text in self.two:
            bare = MindRequest(adapter.characters[0], 1, text)
            async with asyncio.timeout(PATIENCE_S):
                assert [event async for event in adapter.think(bare)]

    async def test_a_thought_that_is_dropped_leaves_the_mind_free(self, adapter: Mind) -> None:
        expected = await self.use(adapter)
        for _ in range(3):
            async with aclosing(adapter.think(asked(adapter, self.two[1]))) as thought:
                await anext(thought)
        assert await self.use(adapter) == expected

    async def test_players_at_once_are_not_mixed_up(self, adapter: Mind) -> None:
        alone = [await answer(adapter, asked(adapter, text)) for text in self.two]
        both = await asyncio.gather(
            *(answer(adapter, asked(adapter, text)) for text in self.two * 4)
        )
        assert both == alone * 4

    async def test_who_it_is_not_it_may_refuse_to_be(self, adapter: Mind) -> None:
        for name in ("nobody", "", *STRANGE.values()):
            request = replace(asked(adapter, self.two[1]), character=name)
            await works_or_says_why(answer(adapter, request))
        assert await self.use(adapter)

    async def test_what_it_tells_of_itself(self, adapter: Mind) -> None:
        assert adapter.characters
        for name in (*adapter.characters, "nobody"):
            assert all(isinstance(phrase, str) for phrase in adapter.phrases(name))
            assert isinstance(adapter.greeting(name), str)
