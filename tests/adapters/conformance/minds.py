"""The conformance suite of minds."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from types import MappingProxyType

import pytest

from adapters.conformance.life_cycle import TIMEOUT_S, LifeCycleConformance, works_or_fails_cleanly
from adapters.conformance.texts import LONG_SENTENCE, SILENT, STRANGE
from frametalk.adapters.base import (
    Dropped,
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


def request_for(mind: Mind, text: str) -> MindRequest:
    """A request for a turn in which the player says `text`."""
    return MindRequest(
        mind.characters[0], 1, text, history=(PlayerSaid(1, text),), scene=SCENE, tools=(OPEN,)
    )


async def answer(mind: Mind, request: MindRequest) -> list[MindEvent]:
    """All events of one step, each of them checked."""
    events: list[MindEvent] = []
    async with asyncio.timeout(TIMEOUT_S):
        async for event in mind.think(request):
            check(event, request.tools)
            events.append(event)
    return events


def check(event: MindEvent, tools: Sequence[ToolSpec]) -> None:
    if isinstance(event, TextDelta | Dropped):
        assert event.text, "a delta has text"
        event.text.encode()  # whole characters
        return
    if isinstance(event, Usage):
        assert min(event.prompt_tokens, event.completion_tokens, event.cost) >= 0
        return
    if isinstance(event, Trouble):
        assert event.error.remedy, "trouble has a remedy"
        return
    assert isinstance(event, ToolRequest)
    assert event.name in {spec.name for spec in tools}, "a tool that was offered"
    assert json.loads(json.dumps(event.args, allow_nan=False)) == event.args, "plain data"
    assert isinstance(event.ref, str)


@pytest.mark.asyncio(loop_scope="class")
class MindConformance(LifeCycleConformance):
    """Subclasses define the fixture `make` of `LifeCycleConformance`."""

    two = ("open the red door", "who are you")
    """Two texts that this mind always answers in the same way."""

    async def use(self, adapter: Mind) -> list[MindEvent]:
        return await answer(adapter, request_for(adapter, self.two[1]))

    @pytest.mark.parametrize("text", [*SILENT, *STRANGE.values(), LONG_SENTENCE * 200])
    async def test_any_text_is_answered(self, adapter: Mind, text: str) -> None:
        await answer(adapter, request_for(adapter, text))
        others = replace(request_for(adapter, "hello"), alternatives=(text, text))
        await answer(adapter, others)

    async def test_an_answer_has_text_or_a_tool_request(self, adapter: Mind) -> None:
        for text in self.two:
            assert await answer(adapter, request_for(adapter, text))

    @pytest.mark.parametrize("state", STATES)
    async def test_a_step_follows_a_call_in_every_state(self, adapter: Mind, state: str) -> None:
        for text in ("", "no key", *STRANGE.values()):
            outcome = ToolOutcome(1, "open", {"target": "door"}, state, reason=text, value=text)
            first = request_for(adapter, self.two[0])
            await answer(adapter, replace(first, step=1, outcomes=(outcome,), said="Well."))

    async def test_a_scene_of_strange_texts_is_answered(self, adapter: Mind) -> None:
        scene = {
            f"{number}": Entity(f"{number}", text, aliases=(text,), state={text: [text, None]})
            for number, text in enumerate((*SILENT, *STRANGE.values()))
        }
        tool = ToolSpec("open", STRANGE["markup"], verbs=tuple(STRANGE.values()))
        request = replace(request_for(adapter, self.two[0]), scene=scene, tools=(tool,))
        await answer(adapter, request)

    async def test_a_long_history_is_answered(self, adapter: Mind) -> None:
        history = tuple(PlayerSaid(turn, LONG_SENTENCE) for turn in range(500))
        await answer(adapter, replace(request_for(adapter, self.two[1]), history=history))

    async def test_without_scene_or_tools_it_still_answers(self, adapter: Mind) -> None:
        for text in self.two:
            bare = MindRequest(adapter.characters[0], 1, text)
            async with asyncio.timeout(TIMEOUT_S):
                assert [event async for event in adapter.think(bare)]

    async def test_a_cancelled_step_leaves_the_mind_usable(self, adapter: Mind) -> None:
        expected = await self.use(adapter)
        for _ in range(3):
            async with aclosing(adapter.think(request_for(adapter, self.two[1]))) as events:
                await anext(events)
        assert await self.use(adapter) == expected

    async def test_concurrent_requests_are_independent(self, adapter: Mind) -> None:
        alone = [await answer(adapter, request_for(adapter, text)) for text in self.two]
        both = await asyncio.gather(
            *(answer(adapter, request_for(adapter, text)) for text in self.two * 4)
        )
        assert both == alone * 4

    async def test_an_unknown_character_is_answered_or_fails_cleanly(self, adapter: Mind) -> None:
        for name in ("nobody", "", *STRANGE.values()):
            request = replace(request_for(adapter, self.two[1]), character=name)
            await works_or_fails_cleanly(answer(adapter, request))
        assert await self.use(adapter)

    async def test_phrases_and_greetings_are_texts(self, adapter: Mind) -> None:
        assert adapter.characters
        for name in (*adapter.characters, "nobody"):
            assert all(isinstance(phrase, str) for phrase in adapter.phrases(name))
            assert isinstance(adapter.greeting(name), str)
