"""The openai library against a real server: requests, answers, failures."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from adapters.llm.chat_server import (
    END,
    HANG,
    ChatServer,
    Script,
    chunk,
    event,
    refusal,
    serving,
    stream,
)
from frametalk.adapters.llm.openai.client import MAX_LINE_BYTES, OpenAiModel
from frametalk.adapters.llm.openai.client_errors import retry_after_s
from frametalk.adapters.llm.openai.models import ModelError, Piece
from frametalk.adapters.llm.openai.prompt import Prompt
from frametalk.adapters.llm.openai.providers import Provider
from frametalk.errors import AdapterError

pytestmark = pytest.mark.real

ASK = Prompt(({"role": "user", "content": "hello"},))
TIMEOUT_S = 30  # only ends a test that would hang


@asynccontextmanager
async def model_of(
    base_url: str, connect_ms: float = 1_000, **fields: Any
) -> AsyncIterator[OpenAiModel]:
    provider = Provider(base_url=base_url, model="tiny", **fields)
    model = OpenAiModel(provider, {"max_tokens": 50}, connect_ms, TIMEOUT_S * 1_000)
    await model.start()
    try:
        yield model
    finally:
        await model.close()


async def pieces(model: OpenAiModel, prompt: Prompt = ASK) -> list[Piece]:
    async with asyncio.timeout(TIMEOUT_S):
        return [piece async for piece in model.answer(prompt)]


async def failure(*script: Script, **fields: Any) -> ModelError:
    async with serving(*script) as server, model_of(server.base_url, **fields) as model:
        with pytest.raises(ModelError) as caught:
            await pieces(model)
    assert caught.value.error.remedy
    return caught.value


GOOD = stream(chunk("Hel"), chunk("lo."), chunk(finish="stop"), END)


async def test_an_answer_comes_piece_by_piece() -> None:
    async with serving(GOOD) as server, model_of(server.base_url) as model:
        assert await pieces(model) == [
            *(Piece("Hel"), Piece("lo."), Piece(finish="stop")),
            Piece(done=True),
        ]


async def test_a_stream_is_done_only_after_its_last_event() -> None:
    text = "data: [DONE]"
    scripts = (
        stream(chunk(text)),
        stream(chunk(text), b"data: [DO", b"NE]\n\n"),
        stream(chunk(text), b"data:[DONE]\n\n"),
    )
    async with serving(*scripts) as server, model_of(server.base_url) as model:
        ends = [[piece.done for piece in await pieces(model)] for _ in scripts]
    assert ends == [[False], [False, True], [False, True]]


async def test_the_request_contains_the_prompt_and_the_options() -> None:
    prompt = Prompt(ASK.messages, ({"type": "function", "function": {"name": "open"}},), "required")
    async with serving(GOOD) as server:
        async with model_of(server.base_url, api_key="secret", extra={"think": False}) as model:
            await pieces(model, prompt)
        async with model_of(server.base_url, usage=False) as model:
            await pieces(model)
    assert server.requests == [
        {
            "model": "tiny",
            "messages": list(ASK.messages),
            "stream": True,
            "max_tokens": 50,
            "tools": list(prompt.tools),
            "tool_choice": "required",
            "stream_options": {"include_usage": True},
            "think": False,
        },
        {"model": "tiny", "messages": list(ASK.messages), "stream": True, "max_tokens": 50},
    ]
    assert "secret" in server.headers[0]
    assert "accept-encoding: identity" in server.headers[0].lower()


async def test_the_openai_key_is_not_sent_to_other_servers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "private")
    async with serving(GOOD) as server, model_of(server.base_url) as model:
        await pieces(model)
    assert "private" not in server.headers[0]


async def test_closing_the_answer_disconnects_at_once() -> None:
    async with serving(stream(chunk("Hello"), HANG)) as server, model_of(server.base_url) as model:
        async with aclosing(model.answer(ASK)) as answer:
            assert await anext(answer) == Piece("Hello")
        async with asyncio.timeout(TIMEOUT_S):
            await server.disconnected.wait()


async def test_a_cancelled_task_disconnects_before_and_after_the_first_byte() -> None:
    for script in ([HANG], stream(HANG), stream(chunk("Hello"), HANG)):
        async with serving(script) as server, model_of(server.base_url) as model:
            async with asyncio.TaskGroup() as group:
                task = group.create_task(pieces(model))
                await server.requested.wait()
                task.cancel()
            async with asyncio.timeout(TIMEOUT_S):
                await server.disconnected.wait()


# ---- failures ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "code", "sure"),
    [
        (400, "mind_request", False),
        (401, "mind_auth", True),
        (403, "mind_auth", True),
        (404, "mind_model", True),
        (422, "mind_request", False),
        (429, "mind_rate_limit", True),
        (500, "mind_server", False),
        (503, "mind_server", False),
    ],
)
async def test_an_error_status_has_a_code_and_is_not_retried(
    status: int, code: str, sure: bool
) -> None:
    async with serving(refusal(status), GOOD) as server, model_of(server.base_url) as model:
        with pytest.raises(ModelError) as caught:
            await pieces(model)
        assert (caught.value.error.code, caught.value.sure) == (code, sure)
        assert len(server.requests) == 1
        assert "tiny at 127.0.0.1" in caught.value.error.text


async def test_retry_after_is_read() -> None:
    assert (await failure(refusal(429, None, "Retry-After: 7"))).for_s == 7.0
    assert (await failure(refusal(503, None, "Retry-After: 2.5"))).for_s == 2.5
    assert (await failure(refusal(429))).for_s is None


def test_retry_after_may_be_a_date_and_nonsense_is_ignored() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    for_s = retry_after_s({"retry-after": soon})
    assert for_s is not None
    assert 50 < for_s <= 60
    past = format_datetime(datetime.now(UTC) - timedelta(days=1), usegmt=True)
    assert retry_after_s({"retry-after": past}) == 0
    for nonsense in ("soon", "", "inf", "nan", "Thu, 99 Foo 2026"):
        assert retry_after_s({"retry-after": nonsense}) is None


@pytest.mark.parametrize(
    "script",
    [
        stream(chunk("Hello"), b"data: {broken\n\n", END),
        stream(chunk("Hello"), b"data: \xff\xfe\n\n", END),
        stream(chunk("Hello"), event({"error": {"message": "out of memory"}})),
        stream(chunk("Hello"), head="Content-Length: 10000\r\nContent-Type: text/event-stream"),
        stream(chunk("Hello"), b"zzz", head="Transfer-Encoding: chunked"),
        [b"nonsense\r\n\r\n"],
        [b""],
    ],
    ids=["json", "utf-8", "error", "short", "chunked", "http", "closed"],
)
async def test_a_broken_stream_is_a_stream_failure(script: list[bytes]) -> None:
    failed = await failure(script)
    assert (failed.error.code, failed.sure) == ("mind_stream", False)


@pytest.mark.parametrize(
    "script",
    [
        stream(chunk("x" * 2**20), END),
        stream(chunk("Hello"), *[b"x" * 65_536] * 16),
        [b"HTTP/1.1 500 No\r\nContent-Length: 10000000\r\n\r\n", *[b"x" * 65_536] * 150],
        [b"HTTP/1.1 500 No\r\n\r\n", *[b"x" * 65_536] * 150],
    ],
    ids=["token", "line", "page", "endless page"],
)
async def test_the_memory_for_an_answer_is_bounded(script: list[bytes]) -> None:
    failed = await failure(script)
    assert failed.error.code == "mind_stream"
    assert len(failed.error.text) < MAX_LINE_BYTES / 100


async def test_a_page_that_is_not_a_stream_is_an_empty_answer() -> None:
    page = stream(b"<html>Sign in</html>\n", head="Content-Type: text/html")
    async with serving(page) as server, model_of(server.base_url) as model:
        assert await pieces(model) == []


async def test_a_refused_connection_fails_at_once() -> None:
    async with serving(GOOD) as server:
        pass  # the port is free again
    async with model_of(server.base_url) as model:
        with pytest.raises(ModelError) as caught:
            await pieces(model)
    assert (caught.value.error.code, caught.value.sure) == ("mind_connect", True)


async def test_a_server_that_starts_later_is_used_then() -> None:
    async with serving(GOOD) as server:
        pass
    port = int(server.base_url.rsplit(":", 1)[1].split("/")[0])
    async with model_of(server.base_url) as model:
        with pytest.raises(ModelError):
            await pieces(model)
        later = ChatServer([GOOD])
        async with await asyncio.start_server(later.handle, "127.0.0.1", port):
            assert len(await pieces(model)) == 4


async def test_an_answer_after_close_fails() -> None:
    async with model_of("http://127.0.0.1:9/v1") as model:
        pass
    with pytest.raises(ModelError, match="closed"):
        await pieces(model)


# ---- the library ---------------------------------------------------------------------------------


async def test_a_missing_library_is_an_error_with_a_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "openai", None)
    model = OpenAiModel(
        Provider(base_url="http://localhost/v1", model="m"), {"max_tokens": 1}, 1, 1
    )
    with pytest.raises(AdapterError) as caught:
        await model.start()
    assert (caught.value.code, caught.value.fatal) == ("engine_missing", True)
    assert "frametalk[openai]" in caught.value.remedy


def test_the_library_is_loaded_by_start_and_not_before() -> None:
    source = "import sys, frametalk.adapters.llm.openai.mind; print('openai' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"


async def test_openai_gets_max_completion_tokens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    provider = Provider(base_url="https://api.openai.com/v1", model="m", api_key="k")
    model = OpenAiModel(provider, {"max_tokens": 5}, 1, 1)
    assert json.loads(json.dumps(model.arguments(ASK)))["max_completion_tokens"] == 5
    assert "max_tokens" not in model.arguments(ASK)
