"""The adapter `openai` as created from settings, against real servers on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from adapters.llm.chat_server import END, Script, chunk, event, refusal, serving, stream
from adapters.llm.scripted_model import said
from frametalk.adapters import registry
from frametalk.adapters.base import (
    Mind,
    MindEvent,
    MindRequest,
    TextDelta,
    ToolRequest,
    Trouble,
    Usage,
)
from frametalk.core.scene import Entity
from frametalk.core.tools import ToolSpec
from frametalk.errors import ConfigError

TALK = stream(chunk("As"), chunk(" you"), chunk(" wish."), chunk(finish="stop"), END)


def create(**options: Any) -> Mind:
    return registry.create("llm", "openai", {"model": "tiny", **options})


@asynccontextmanager
async def started(base_url: str, **options: Any) -> AsyncIterator[Mind]:
    mind = create(base_url=base_url, **options)
    await mind.start()
    try:
        yield mind
    finally:
        await mind.close()


async def events_of(mind: Mind, **fields: Any) -> list[MindEvent]:
    request = MindRequest(mind.characters[0], 1, "open the door", **fields)
    return [event async for event in mind.think(request)]


@pytest.mark.real
async def test_a_turn_has_its_text_and_its_cost() -> None:
    usage = event({"choices": [], "usage": {"prompt_tokens": 1_000, "completion_tokens": 100}})
    whole = stream(*TALK[1:-1], usage, END)
    prices = {"prompt_price": 1, "completion_price": 5}
    async with serving(whole) as server, started(server.base_url, **prices) as mind:
        events = await events_of(mind)
    assert said(events) == "As you wish."
    assert events[-1] == Usage(1_000, 100, pytest.approx(0.0015))
    request = server.requests[0]
    assert [message["role"] for message in request["messages"]] == ["system", "user"]
    assert request["messages"][1]["content"].endswith('<player>\n"open the door"\n</player>')
    assert "tools" not in request


@pytest.mark.real
async def test_parallel_calls_are_assembled() -> None:
    def part(index: int, **fields: Any) -> bytes:
        function = {key: fields.pop(key) for key in ("name", "arguments") if key in fields}
        return chunk(tool_calls=[{"index": index, "function": function, **fields}])

    calling = stream(
        chunk("Let me see."),
        part(0, id="a", name="open", arguments=""),
        part(1, id="b", name="look", arguments='{"at": '),
        part(0, arguments='{"target":"door"}'),
        part(1, arguments='"key'),
        chunk(finish="tool_calls"),
        END,
    )
    target = {"type": "object", "properties": {"target": {"type": "string"}}}
    tools = [ToolSpec("open", parameters=target), ToolSpec("look")]
    async with serving(calling) as server, started(server.base_url) as mind:
        events = await events_of(mind, tools=tools)
    assert [event for event in events if isinstance(event, ToolRequest)] == [
        ToolRequest("open", {"target": "door"}, "a"),
        ToolRequest("look", {}, "b", "the arguments are not JSON"),
    ]
    assert [tool["function"]["name"] for tool in server.requests[0]["tools"]] == ["open", "look"]


@pytest.mark.real
async def test_a_fallback_continues_after_the_first_server() -> None:
    cut = stream(chunk("As"), chunk(" you"), chunk(" wi"))
    async with serving(cut) as first, serving(TALK) as second:
        fallback = {"base_url": second.base_url, "model": "other", "api_key": "k"}
        async with started(first.base_url, fallbacks=[fallback]) as mind:
            events = await events_of(mind)
    assert said(events) == "As you wish."
    (trouble,) = [event for event in events if isinstance(event, Trouble)]
    assert trouble.error.code == "mind_stream"
    assert second.requests[0]["messages"][-1] == {"role": "assistant", "content": "As you"}
    assert second.requests[0]["model"] == "other"


@pytest.mark.real
@pytest.mark.parametrize(
    ("script", "code"),
    [
        (refusal(401), "mind_auth"),
        (refusal(404), "mind_model"),
        (refusal(429, None, "Retry-After: 3"), "mind_rate_limit"),
        (refusal(500), "mind_server"),
        (stream(END), "mind_stream"),
        (stream(chunk(finish="stop"), END), "mind_empty"),
        (stream(chunk("x" * 2**20), END), "mind_stream"),
    ],
    ids=["401", "404", "429", "500", "nothing", "empty", "megabyte"],
)
async def test_the_character_has_a_line_for_every_failure(script: Script, code: str) -> None:
    async with serving(script) as server, started(server.base_url) as mind:
        events = await events_of(mind)
    assert [event.error.code for event in events if isinstance(event, Trouble)] == [code]
    assert said(events) == "Hm. I have lost my thread. Ask me again in a moment."


@pytest.mark.real
async def test_a_call_is_ignored_when_no_tools_were_offered() -> None:
    call = {"index": 0, "id": "a", "function": {"name": "open", "arguments": "{}"}}
    calling = stream(chunk("No."), chunk(tool_calls=[call]), chunk(finish="tool_calls"), END)
    async with serving(calling) as server, started(server.base_url, tool_choice="none") as mind:
        assert await events_of(mind, tools=[ToolSpec("open")]) == [TextDelta("No.")]
    assert "tools" not in server.requests[0]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({}, "base_url"),
        ({"base_url": "http://h/v1", "model": ""}, "model"),
        ({"base_url": "http://h/v1", "api_key_env": "NO_SUCH_KEY_HERE"}, "NO_SUCH_KEY_HERE"),
        ({"base_url": "http://h/v1", "fallbacks": [{"model": "m"}]}, "fallbacks[0].base_url"),
        ({"base_url": "http://h/v1", "fallbacks": [{"modle": "m"}]}, "modle"),
        ({"base_url": "http://h/v1", "tool_choice": "maybe"}, "tool_choice"),
        ({"base_url": "http://h/v1", "first_token_ms": -1}, "first_token_ms"),
        ({"base_url": "http://h/v1", "max_tokens": 0}, "max_tokens"),
        ({"base_url": "http://h/v1", "characters": ["nowhere.toml"]}, "nowhere.toml"),
    ],
)
def test_invalid_options_are_refused_by_name(options: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigError) as caught:
        create(**options)
    assert named in str(caught.value)


async def test_start_does_not_need_the_server() -> None:
    async with started("http://127.0.0.1:9/v1"):
        pass


@pytest.mark.real
async def test_options_say_how_a_models_text_is_read() -> None:
    text = stream(
        chunk("Hm, so.\n</think>\nYes. "), chunk('{"name": "look"}'), chunk(finish="stop"), END
    )
    options = {"thinks_first": True, "text_calls": False}
    async with serving(text, text) as server:
        async with started(server.base_url, thinks_first=True) as mind:
            calling = await events_of(mind, tools=[ToolSpec("look")])
        async with started(server.base_url, **options) as mind:
            silent = await events_of(mind, tools=[ToolSpec("look")])
    assert [said(events).strip() for events in (calling, silent)] == ["Yes.", "Yes."]
    assert calling[-1] == ToolRequest("look", {})
    assert not [event for event in silent if isinstance(event, ToolRequest)]


@pytest.mark.real
async def test_arguments_are_fitted_to_the_scene() -> None:
    call = {"index": 0, "function": {"name": "Open", "arguments": '[{"target": "Red Door"}]'}}
    schema = {"type": "object", "properties": {"target": {"type": "string", "x-entity": True}}}
    calling = stream(chunk(tool_calls=[call]), chunk(finish="tool_calls"), END)
    async with serving(calling) as server, started(server.base_url) as mind:
        events = await events_of(
            mind,
            tools=[ToolSpec("open", parameters=schema)],
            scene={"door_1": Entity("door_1", "red door")},
        )
    assert events == [ToolRequest("open", {"target": "door_1"})]
    assert "x-entity" not in str(server.requests[0])
