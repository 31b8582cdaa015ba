"""The stub's server: its connections, answers and counters."""

from __future__ import annotations

import asyncio
import logging
import math
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from frametalk.adapters.base import ToolRequest
from frametalk.errors import ConfigError
from frametalk.mind_stub import chat as chats
from frametalk.mind_stub.chat import ChatRequest
from frametalk.mind_stub.chunks import Answer
from frametalk.mind_stub.counters import Counters
from frametalk.mind_stub.faults import (
    PAGE,
    REFUSALS,
    TOOL_FAULTS,
    Fault,
    Halt,
    misbehave,
    misbehave_whole,
)
from frametalk.mind_stub.http import HttpConnection, HttpRequest, Refused
from frametalk.mind_stub.obedient import ObedientSpeaker
from frametalk.mind_stub.options import FAULT_MODEL, SPEAKERS, StubOptions, model_names
from frametalk.mind_stub.speakers import (
    FixedSpeaker,
    ScriptedSpeaker,
    Speaker,
    some_call,
)
from frametalk.tasks import Tasks

log = logging.getLogger(__name__)

KEPT_REQUESTS = 32  # bodies for tests to examine; the oldest is dropped first


class Stub:
    """A listening stub. `options` may be replaced at any time; later requests use the new ones."""

    def __init__(self, options: StubOptions) -> None:
        self.options = options
        self.counters = Counters()
        self.requests: deque[dict[str, Any]] = deque(maxlen=KEPT_REQUESTS)
        self.address = ("", 0)
        self._news = asyncio.Event()
        self._scripted: dict[tuple[str, ...], Speaker] = {}

    @property
    def base_url(self) -> str:
        """The base URL for an OpenAI client."""
        host, port = self.address
        return f"http://{f'[{host}]' if ':' in host else host}:{port}/v1"

    async def until(self, **least: int) -> None:
        """Wait until each named counter has reached its value: `until(cancelled=1)`."""
        while any(getattr(self.counters, name) < number for name, number in least.items()):
            await self._news.wait()

    # ---- connections -----------------------------------------------------------------------------

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection from its first to its last request."""
        self.counters.connections += 1
        connection = HttpConnection(reader, writer)
        try:
            while (request := await connection.request()) is not None:
                if not await self._exchange(connection, request):
                    break
        except Refused as refused:
            await connection.refuse(refused.status, "invalid_request_error", str(refused))
        except ConnectionError:
            log.debug("a client left before it received the refusal")
        finally:
            await connection.close()

    async def _exchange(self, connection: HttpConnection, request: HttpRequest) -> bool:
        """Answer one request, and stop if its client leaves."""
        async with asyncio.TaskGroup() as group:
            answering = group.create_task(self._answer(connection, request))
            gone = group.create_task(connection.gone())
            await asyncio.wait((answering, gone), return_when=asyncio.FIRST_COMPLETED)
            answering.cancel()
            gone.cancel()
        return not answering.cancelled() and answering.result()

    async def _answer(self, connection: HttpConnection, request: HttpRequest) -> bool:
        """Answer; returns whether another request may follow on this connection."""
        try:
            return await self._route(connection, request)
        except ConnectionError:
            return False

    async def _route(self, connection: HttpConnection, request: HttpRequest) -> bool:
        method, path = request.method, request.path.rstrip("/")
        if (method, path) == ("POST", "/v1/chat/completions"):
            return await self._chat(connection, request.body)
        if (method, path) == ("GET", "/v1/models"):
            return await connection.answer(200, {"object": "list", "data": _models()})
        if (method, path) == ("GET", "/stub/counters"):
            return await connection.answer(200, self.counters.as_json())
        return await connection.refuse(404, "not_found", f"unknown path {method} {request.path}")

    # ---- chat completions ------------------------------------------------------------------------

    async def _chat(self, connection: HttpConnection, body: bytes) -> bool:
        try:
            chat = chats.read(body)
            fault = self._fault_of(chat.model)
        except ValueError as error:
            return await connection.refuse(400, "invalid_request_error", str(error))
        self.requests.append(msgspec.json.decode(body))
        self._count(requests=1, under_way=1)
        if fault is not None:
            self.counters.faults[fault] += 1
        try:
            more = await self._say(connection, chat, fault, len(body))
        except (asyncio.CancelledError, ConnectionError):
            self._count(cancelled=1, under_way=-1)
            raise
        self._count(answered=1, under_way=-1)
        return more

    def _fault_of(self, model: str) -> Fault | None:
        if model.startswith(FAULT_MODEL):
            return Fault(model.removeprefix(FAULT_MODEL))
        return self.options.fault_at.get(self.counters.requests + 1, self.options.fault)

    async def _say(
        self, connection: HttpConnection, chat: ChatRequest, fault: Fault | None, size: int
    ) -> bool:
        if fault is Fault.NEVER_ANSWERS:
            await _forever()
        if fault in REFUSALS:
            refusal = REFUSALS[fault]
            self.counters.refused += 1
            return await connection.refuse(
                refusal.status, refusal.kind, refusal.text, refusal.headers
            )
        if fault is Fault.WRONG_CONTENT_TYPE:
            await connection.begin(200, "text/html; charset=utf-8")
            await connection.send(PAGE)
            return await connection.end()
        if fault is Fault.TOOLS_DROPPED:
            size -= chat.tools_size
            chat = msgspec.structs.replace(chat, tools=None)
        events = await self.speaker(chat.model).answer(chat)
        called = any(isinstance(event, ToolRequest) for event in events)
        if fault in TOOL_FAULTS and not called and chat.step == 0:
            events = [some_call(chat)]
        answer = Answer(self.counters.requests, chat.model, events, fault)
        if not chat.stream:
            await connection.begin(200, "application/json")
            return await self._send(connection, misbehave_whole(fault, answer.whole(size)))
        usage = chat.stream_options is not None and chat.stream_options.include_usage
        tokens, end = answer.frames(size, usage=usage)
        await connection.begin(200, "text/event-stream", [("Cache-Control", "no-cache")])
        paced = math.inf if fault is Fault.ENDLESS_STREAM else len(tokens)
        return await self._send(connection, misbehave(fault, tokens, end), paced)

    def speaker(self, model: str) -> Speaker:
        """The speaker for this model. Raises ConfigError if a character file cannot be used."""
        options = self.options
        speaks = model if model in SPEAKERS else options.speaks
        if speaks == "obedient":
            return ObedientSpeaker()
        if speaks == "text":
            return FixedSpeaker(options.text, options.rounds)
        if options.characters not in self._scripted:
            self._scripted[options.characters] = _scripted(options.characters)
        return self._scripted[options.characters]

    async def _send(
        self, connection: HttpConnection, pieces: Iterator[bytes | Halt], paced: float = 0
    ) -> bool:
        """Send an answer; its first `paced` pieces are tokens, sent at the pace of the options."""
        gap_s = 1 / self.options.tokens_per_s if self.options.tokens_per_s else 0.0
        await asyncio.sleep(self.options.first_token_ms / 1000)
        for number, piece in enumerate(pieces):
            if piece is Halt.STALL:
                await _forever()
            if piece is Halt.CUT:
                connection.reset()
                return False
            if number:
                # Also without a gap: an endless stream must not block the event loop.
                await asyncio.sleep(gap_s if number < paced else 0)
            await connection.send(piece)  # type: ignore[arg-type]  # both halts are handled
            self._count(tokens=int(number < paced))
        return await connection.end()

    def _count(self, **changes: int) -> None:
        for name, change in changes.items():
            setattr(self.counters, name, getattr(self.counters, name) + change)
        self._news.set()
        self._news = asyncio.Event()


@asynccontextmanager
async def serving(
    options: StubOptions | None = None, host: str = "127.0.0.1", port: int = 0
) -> AsyncIterator[Stub]:
    """A stub that listens while the context is open; port 0 chooses a free one.

    Raises OSError if it cannot listen, ConfigError if a character file cannot be used.
    """
    stub = Stub(options or StubOptions())
    if stub.options.speaks == "scripted":
        stub.speaker("scripted")
    tasks = Tasks(lambda name, error: log.error("%s failed", name, exc_info=error))

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.start(stub.serve(reader, writer), "stub connection")

    server = await asyncio.start_server(connected, host, port)
    stub.address = server.sockets[0].getsockname()[:2]
    try:
        yield stub
    finally:
        server.close()
        await tasks.close()
        await server.wait_closed()


def _scripted(characters: tuple[str, ...]) -> Speaker:
    try:
        from frametalk.adapters.llm.scripted import ScriptedMind  # noqa: PLC0415  (comes with an extra)
    except ImportError as error:
        raise ConfigError(str(error), remedy='pip install "frametalk[embedded]"') from None
    return ScriptedSpeaker(ScriptedMind(characters).think)


def _models() -> list[dict[str, Any]]:
    return [
        {"id": name, "object": "model", "created": 0, "owned_by": "frametalk"}
        for name in model_names()
    ]


async def _forever() -> None:
    await asyncio.Event().wait()
