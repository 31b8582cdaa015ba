"""A server that sends a client the exact bytes of a script, and notices when it disconnects."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

END = b"data: [DONE]\n\n"
HANG = None  # in a script: send nothing more, and wait until the client disconnects

Script = Sequence[bytes | None]


def event(value: Any) -> bytes:
    """One event of a stream."""
    return b"data: " + json.dumps(value).encode() + b"\n\n"


def chunk(content: Any = None, finish: Any = None, **delta: Any) -> bytes:
    """One chunk of a chat completion."""
    if content is not None:
        delta["content"] = content
    return event({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


def stream(*events: bytes, head: str = "Content-Type: text/event-stream") -> list[bytes | None]:
    """A response with status 200 that ends with the connection."""
    return [f"HTTP/1.1 200 OK\r\n{head}\r\nConnection: close\r\n\r\n".encode(), *events]


def refusal(status: int, body: Any = None, *headers: str) -> list[bytes | None]:
    """An error response."""
    text = json.dumps(body or {"error": {"message": "no"}}).encode()
    lines = [f"HTTP/1.1 {status} No", f"Content-Length: {len(text)}", *headers, "", ""]
    return ["\r\n".join(lines).encode() + text]


@dataclass
class ChatServer:
    """Answers each request with the next script; repeats the last one."""

    scripts: list[Script]
    base_url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    requested: asyncio.Event = field(default_factory=asyncio.Event)
    # A client has disconnected before the end.
    disconnected: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = next(
                int(line.split(":")[1])
                for line in head.lower().splitlines()
                if line.startswith("content-length:")
            )
            self.requests.append(json.loads(await reader.readexactly(length)))
            self.headers.append(head)
            self.requested.set()
            script = self.scripts[min(len(self.requests), len(self.scripts)) - 1]
            for data in script:
                if data is HANG:
                    assert await reader.read() == b"", "the client sends nothing more"
                    self.disconnected.set()
                else:
                    writer.write(data)
                    await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            self.disconnected.set()
        finally:
            writer.close()


@asynccontextmanager
async def serving(*scripts: Script) -> AsyncIterator[ChatServer]:
    """The server, on loopback, while the block runs."""
    server = ChatServer(list(scripts))
    listener = await asyncio.start_server(server.handle, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    server.base_url = f"http://127.0.0.1:{port}/v1"
    async with listener:
        yield server
