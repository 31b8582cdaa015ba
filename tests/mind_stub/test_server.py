"""The stub over real sockets, for OpenAI's own client and for one that sends raw bytes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import Any

import openai
import pytest

from chat_requests import body, tool, user
from frametalk.adapters.base import ToolRequest
from frametalk.mind_stub.faults import MEGABYTE, PAGE, Fault
from frametalk.mind_stub.options import StubOptions, model_names
from frametalk.mind_stub.server import Stub, serving

pytestmark = pytest.mark.real
REFUSED = {
    Fault.UNAUTHORISED: openai.AuthenticationError,
    Fault.NOT_FOUND: openai.NotFoundError,
    Fault.RATE_LIMITED: openai.RateLimitError,
    Fault.SERVER_ERROR: openai.InternalServerError,
}
WAITS = [Fault.NEVER_ANSWERS, Fault.STALL_BEFORE_FIRST, Fault.STALL_AFTER_FIRST]


@asynccontextmanager
async def asking(**options: Any) -> AsyncIterator[tuple[Stub, openai.AsyncOpenAI]]:
    """A stub and a client; when both are closed, no task of a connection may be left."""
    async with (
        asyncio.timeout(30),  # a test that hangs should not block the whole run
        serving(StubOptions(**options)) as stub,
        openai.AsyncOpenAI(base_url=stub.base_url, api_key="none", max_retries=0) as client,
    ):
        yield stub, client
    assert "stub connection" not in {task.get_name() for task in asyncio.all_tasks()}


async def deltas(
    client: openai.AsyncOpenAI, text: str = "hello", model: str = "any"
) -> AsyncIterator[Any]:
    """The deltas of an answer from OpenAI's client."""
    stream: Any = await client.chat.completions.create(
        model=model,
        messages=[user(text)],  # type: ignore[list-item]
        tools=[tool("open"), tool("give")],  # type: ignore[list-item]
        stream=True,
    )
    async with stream:
        async for chunk in stream:
            yield chunk.choices[0].delta


async def text_of(client: openai.AsyncOpenAI, text: str = "hello", model: str = "any") -> str:
    return "".join([delta.content or "" async for delta in deltas(client, text, model)])


async def raw(stub: Stub, request: bytes, path: str = "/v1/chat/completions") -> bytes:
    """All bytes of the answer to one request, until the connection ends."""
    reader, writer = await asyncio.open_connection(*stub.address)
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(request)}"
    writer.write(f"{head}\r\n\r\n".encode() + request)
    try:
        return await reader.read()
    finally:
        writer.close()


# ---- answers -------------------------------------------------------------------------------------


async def test_it_answers_with_a_fixed_text() -> None:
    async with asking(speaks="text", text="Well met, friend.") as (stub, client):
        assert await text_of(client) == "Well met, friend."
        assert stub.counters.answered == 1
        assert stub.requests[0]["messages"] == [user("hello")]


async def test_it_makes_fixed_calls() -> None:
    call = ToolRequest("open", {"target": "door"})
    async with asking(speaks="text", rounds=[[call]]) as (_stub, client):
        pieces = [piece async for delta in deltas(client) for piece in delta.tool_calls or ()]
        assert pieces[0].function.name == "open"
        joined = "".join(piece.function.arguments for piece in pieces)
        assert json.loads(joined) == call.args


async def test_it_speaks_for_the_scripted_character() -> None:
    async with asking() as (_stub, client):
        assert "Bram" in await text_of(client, "who are you")


async def test_the_models_name_chooses_the_speaker() -> None:
    async with asking(speaks="text", text="Hm.") as (_stub, client):
        assert await text_of(client, "who are you", "text") == "Hm."
        assert "Bram" in await text_of(client, "who are you", "scripted")
        assert await text_of(client, "who are you", "obedient") == "As you command."


async def test_an_answer_in_one_piece() -> None:
    async with asking(speaks="text", text="Well met.") as (_stub, client):
        answer = await client.chat.completions.create(
            model="any", messages=[{"role": "user", "content": "hello"}]
        )
        assert answer.choices[0].message.content == "Well met."
        assert answer.usage is not None


async def test_all_its_models_are_listed() -> None:
    async with asking() as (_stub, client):
        names = {model.id async for model in client.models.list()}
        assert names == set(model_names())
        assert {"scripted", "obedient", "fault:stall_before_first"} <= names


# ---- faults --------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", REFUSED)
async def test_a_refusal_has_its_status(fault: Fault) -> None:
    async with asking(fault=fault) as (stub, client):
        with pytest.raises(REFUSED[fault]) as refused:
            await text_of(client)
        assert refused.value.response.headers.get("Retry-After") == (
            "7" if fault is Fault.RATE_LIMITED else None
        )
        assert stub.counters.faults == {fault: 1}


@pytest.mark.parametrize("fault", WAITS)
async def test_a_stall_lasts_until_the_client_leaves(fault: Fault) -> None:
    async with (
        asking(speaks="text", text="one two three") as (stub, client),
        asyncio.TaskGroup() as g,
    ):
        waiting = g.create_task(text_of(client, model=f"fault:{fault}"))
        await stub.until(under_way=1)
        await stub.until(tokens=1 if fault is Fault.STALL_AFTER_FIRST else 0)
        assert not waiting.done()
        waiting.cancel()
        await stub.until(cancelled=1)
        assert stub.counters.under_way == 0


async def test_an_answer_cut_in_the_middle_breaks_the_connection() -> None:
    async with asking(speaks="text", text="one two three four", fault=Fault.CUT_IN_MIDDLE) as (
        stub,
        client,
    ):
        with pytest.raises(openai.APIConnectionError):
            await text_of(client)
        assert stub.counters.tokens == 2


async def test_a_broken_event_is_not_json() -> None:
    async with asking(speaks="text", fault=Fault.BROKEN_SSE) as (_stub, client):
        with pytest.raises(json.JSONDecodeError):
            await text_of(client)


async def test_a_page_of_html_comes_with_200() -> None:
    async with asking(fault=Fault.WRONG_CONTENT_TYPE) as (stub, _client):
        came = await raw(stub, body(user("hello")))
        assert came.startswith(b"HTTP/1.1 200 ")
        assert b"text/html" in came
        assert PAGE in came


async def test_an_empty_stream_and_a_megabyte() -> None:
    async with asking() as (_stub, client):
        assert await text_of(client, model="fault:empty_stream") == ""
        assert len(await text_of(client, model="fault:megabyte_token")) == MEGABYTE


async def test_an_endless_stream_lasts_until_the_client_leaves() -> None:
    async with asking(speaks="text", text="one", fault=Fault.ENDLESS_STREAM) as (stub, client):
        async with aclosing(deltas(client)) as stream:  # type: ignore[type-var]
            for _ in range(500):
                await anext(stream)
        await stub.until(cancelled=1)


@pytest.mark.parametrize(
    "fault",
    [Fault.PARTIAL_TOOL_DELTAS, Fault.DUPLICATE_TOOL_DELTAS, Fault.BAD_TOOL_ARGUMENTS],
)
async def test_a_fault_of_calls_finds_a_call_to_spoil(fault: Fault) -> None:
    async with asking(speaks="text", fault=fault) as (_stub, client):
        pieces = [piece async for delta in deltas(client) for piece in delta.tool_calls or ()]
        with pytest.raises(ValueError, match=r"Expecting|Extra|Unterminated"):
            json.loads("".join(piece.function.arguments for piece in pieces))


async def test_a_fault_can_apply_to_one_request_alone() -> None:
    async with asking(speaks="text", text="Hm.", fault_at={2: Fault.SERVER_ERROR}) as (
        _stub,
        client,
    ):
        assert await text_of(client) == "Hm."
        with pytest.raises(openai.InternalServerError):
            await text_of(client)
        assert await text_of(client) == "Hm."


async def test_options_may_change_while_it_runs() -> None:
    async with asking(speaks="text", text="Hm.") as (stub, client):
        assert await text_of(client) == "Hm."
        stub.options = replace(stub.options, text="Ah.")
        assert await text_of(client) == "Ah."


# ---- invalid requests, counters, concurrency ------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "path", "status", "named"),
    [
        (b"{", "/v1/chat/completions", 400, b"truncated"),
        (body(user("x"), model="fault:none"), "/v1/chat/completions", 400, b"not a valid Fault"),
        (b"{}", "/v1/embeddings", 404, b"/v1/embeddings"),
    ],
)
async def test_invalid_requests_get_openais_form_of_error(
    request_: bytes, path: str, status: int, named: bytes
) -> None:
    async with serving() as stub:
        came = await raw(stub, request_, path)
        assert came.startswith(f"HTTP/1.1 {status} ".encode())
        assert b'{"error": {"message": ' in came
        assert named in came
        assert stub.counters.requests == 0


async def test_bytes_that_are_not_http_are_refused() -> None:
    async with serving() as stub:
        reader, writer = await asyncio.open_connection(*stub.address)
        writer.write(b"\x16\x03\x01 hello\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 400 ")
        writer.close()


async def test_counters_are_served() -> None:
    async with asking(speaks="text", fault_at={2: Fault.SERVER_ERROR}) as (_stub, client):
        await text_of(client)
        with pytest.raises(openai.InternalServerError):
            await text_of(client)
        root = client.with_options(base_url=str(client.base_url).removesuffix("/v1/"))
        counters: Any = await root.get("/stub/counters", cast_to=object)
        assert {**counters, "tokens": 0} == {
            "connections": 1,
            "requests": 2,
            "answered": 2,
            "refused": 1,
            "cancelled": 0,
            "under_way": 0,
            "tokens": 0,
            "faults": {"server_error": 1},
        }


async def test_requests_are_answered_concurrently() -> None:
    async with asking(speaks="text", text="Hm.") as (stub, client), asyncio.TaskGroup() as group:
        stalled = group.create_task(text_of(client, model="fault:stall_before_first"))
        await stub.until(under_way=1)
        said = await asyncio.gather(*(text_of(client, model="text") for _ in range(20)))
        assert said == ["Hm."] * 20
        stalled.cancel()
        await stub.until(cancelled=1)
