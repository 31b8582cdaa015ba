"""The adapter `openai` against a server with faults, up to whole conversations."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from adapters.conformance.minds import MindConformance
from adapters.llm.scripted_model import said
from frametalk.adapters.base import MindRequest, TextDelta, ToolRequest, Trouble
from frametalk.adapters.llm.openai.mind import OpenAiMind
from frametalk.adapters.llm.openai.providers import Provider
from frametalk.core.scene import Entity
from frametalk.core.tools import ToolOutcome, ToolSpec
from frametalk.errors import AdapterError
from frametalk.mind_stub.faults import Fault
from frametalk.mind_stub.options import StubOptions
from frametalk.mind_stub.server import Stub, serving
from frametalk.wire import messages as m
from player import engines, playing

pytestmark = pytest.mark.real

TIMEOUT_S = 60  # only ends a test that would hang
SHORT = {"first_token_ms": 400.0, "between_tokens_ms": 200.0}
HELLO = MindRequest("blacksmith", 1, "hello")


@asynccontextmanager
async def started(stub: Stub, model: str = "text", **options: Any) -> AsyncIterator[OpenAiMind]:
    mind = OpenAiMind(base_url=stub.base_url, model=model, **options)
    await mind.start()
    try:
        yield mind
    finally:
        await mind.close()


class TestOpenAiMind(MindConformance):
    @pytest_asyncio.fixture(scope="class", loop_scope="class")
    @classmethod
    async def make(cls) -> AsyncIterator[Callable[[], OpenAiMind]]:
        async with serving(StubOptions(speaks="text", text="Well, well. Who goes there?")) as stub:
            yield lambda: OpenAiMind(base_url=stub.base_url, model="text")


# A broken call is not the server's failure: the model gets an error and can try again.
CODES = {
    Fault.NEVER_ANSWERS: "mind_timeout",
    Fault.UNAUTHORISED: "mind_auth",
    Fault.NOT_FOUND: "mind_model",
    Fault.RATE_LIMITED: "mind_rate_limit",
    Fault.SERVER_ERROR: "mind_server",
    Fault.WRONG_CONTENT_TYPE: "mind_stream",
    Fault.EMPTY_STREAM: "mind_stream",
    Fault.STALL_BEFORE_FIRST: "mind_timeout",
    Fault.STALL_AFTER_FIRST: "mind_timeout",
    Fault.CUT_IN_MIDDLE: "mind_stream",
    Fault.BROKEN_SSE: "mind_stream",
    Fault.MEGABYTE_TOKEN: "mind_stream",
    Fault.ENDLESS_STREAM: None,  # it repeats itself, and is ended there
    Fault.PARTIAL_TOOL_DELTAS: None,
    Fault.DUPLICATE_TOOL_DELTAS: None,
    Fault.BAD_TOOL_ARGUMENTS: None,
    Fault.CALLS_AT_INDEX_0: None,
    Fault.CALLS_AS_TEXT: None,
    Fault.CONTENT_PARTS: None,
    Fault.MARKED_TEXT: None,
    Fault.TOOLS_DROPPED: None,
    Fault.NO_FINISH_REASON: None,
}


def timeouts_for(fault: Fault) -> dict[str, float]:
    """Short ones where the fault is that nothing comes; others would time out on a busy machine."""
    return SHORT if CODES[fault] == "mind_timeout" else {}


DIALECTS = (
    *(None, Fault.CALLS_AT_INDEX_0, Fault.CALLS_AS_TEXT, Fault.CONTENT_PARTS),
    *(Fault.MARKED_TEXT, Fault.NO_FINISH_REASON),
)


@pytest.mark.parametrize("fault", list(Fault))
async def test_every_fault_ends_with_a_spoken_reply(fault: Fault) -> None:
    async with (
        asyncio.timeout(TIMEOUT_S),
        serving(StubOptions(fault=fault)) as stub,
        started(stub, "scripted", **timeouts_for(fault)) as mind,
        playing(engines(mind), beside="stub connection") as player,
    ):
        await player.enter()
        player.link.send(m.Say(text="hello"))
        assert (await player.until(m.ReplyText)).text
        await player.until(m.ReplyEnd)
        await player.until(m.TurnStateChanged, lambda item: item.state == "idle")
        assert player.error_codes == ([CODES[fault]] if CODES[fault] else [])
        assert player.of(m.ToolCall) == []


@pytest.mark.parametrize("fault", [fault for fault in Fault if CODES[fault]])
async def test_a_fallback_completes_the_answer_after_every_fault(fault: Fault) -> None:
    text = "As you wish, traveller, though it is late."
    async with (
        asyncio.timeout(TIMEOUT_S),
        serving(StubOptions(speaks="text", text=text)) as stub,
        started(
            stub,
            f"fault:{fault}",
            fallbacks=(Provider(base_url=stub.base_url, model="text"),),
            **timeouts_for(fault),
        ) as mind,
    ):
        events = [event async for event in mind.think(HELLO)]
    assert said(events).startswith(text)
    if fault is not Fault.ENDLESS_STREAM:
        assert said(events) == text
    assert [event.error.code for event in events if isinstance(event, Trouble)] == [CODES[fault]]


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_servers_that_differ_get_the_same_words_and_calls(dialect: Fault | None) -> None:
    things = {id_: Entity(id_, id_) for id_ in ("door", "chest")}
    target = {"type": "object", "properties": {"target": {"type": "string", "x-entity": True}}}
    both = [ToolRequest("open", {"target": id_}) for id_ in things]
    request = MindRequest(
        "blacksmith", 1, "hello", scene=things, tools=[ToolSpec("open", parameters=target)]
    )
    options = StubOptions(speaks="text", text="Well met, traveller.", rounds=[both], fault=dialect)
    async with asyncio.timeout(TIMEOUT_S), serving(options) as stub, started(stub) as mind:
        calls = [event async for event in mind.think(request)]
        done = [ToolOutcome(n, one.name, one.args, "done") for n, one in enumerate(both)]
        words = [event async for event in mind.think(replace(request, step=1, outcomes=done))]
    requests = [event for event in calls if isinstance(event, ToolRequest)]
    assert [(one.name, one.args) for one in requests] == [(one.name, one.args) for one in both]
    assert said(calls) == ""
    assert said(words) == "Well met, traveller."
    assert not [event for event in (*calls, *words) if isinstance(event, Trouble)]


async def test_check_requests_the_list_of_models() -> None:
    async with serving() as stub:
        async with started(stub) as mind:
            await mind.check()
        wrong = OpenAiMind(base_url=f"{stub.base_url}/v1", model="text")
        await wrong.start()
        with pytest.raises(AdapterError, match="mind_model"):
            await wrong.check()
        await wrong.close()
    async with started(stub) as mind:
        with pytest.raises(AdapterError, match="mind_connect"):
            await mind.check()


async def test_one_connection_serves_turn_after_turn() -> None:
    async with serving() as stub, started(stub) as mind:
        for _ in range(3):
            assert said([event async for event in mind.think(HELLO)])
        assert (stub.counters.requests, stub.counters.connections) == (3, 1)


async def test_a_cancelled_answer_reaches_the_server() -> None:
    options = StubOptions(speaks="text", text="word " * 100, tokens_per_s=20)
    async with asyncio.timeout(TIMEOUT_S), serving(options) as stub, started(stub) as mind:
        async with aclosing(mind.think(HELLO)) as events:
            assert isinstance(await anext(events), TextDelta)
        await stub.until(cancelled=1)
        assert stub.counters.answered == 0


async def test_a_cut_reply_cancels_its_request() -> None:
    options = StubOptions(speaks="text", text="One. Two. Three. Four. " * 50, tokens_per_s=20)
    async with (
        asyncio.timeout(TIMEOUT_S),
        serving(options) as stub,
        started(stub) as mind,
        playing(engines(mind), beside="stub connection") as player,
    ):
        await player.enter()
        player.link.send(m.Say(text="hello"))
        said_first = await player.until(m.ReplyText)
        player.link.send(m.Interrupt(reply=said_first.reply))
        await stub.until(cancelled=1)


async def test_a_conversation_with_a_tool_call() -> None:
    async with (
        asyncio.timeout(TIMEOUT_S),
        serving() as stub,
        started(stub, "scripted") as mind,
        playing(engines(mind), beside="stub connection") as player,
    ):
        await player.enter()
        player.link.send(m.Say(text="open the door"))
        call = await player.until(m.ToolCall)
        assert (call.name, call.args) == ("open", {"target": "door"})
        player.link.send(m.ToolAck(call=call.call))
        player.link.send(m.ToolResult(call=call.call, ok=True))
        await player.until(m.ReplyEnd)
        assert player.of(m.ReplyText)[-1].text
        assert player.error_codes == []
    last = stub.requests[-1]["messages"]
    assert [one["role"] for one in last][-3:] == ["user", "assistant", "tool"]
    assert last[-1]["content"] == '{"state":"done"}'
