"""One connection of an HTTP/1.1 server, with control of each byte for faults."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from frametalk.errors import ConfigError

try:
    import h11
except ImportError as error:  # h11 comes with an extra; every start of a stub imports this
    raise ConfigError(str(error), remedy='pip install "frametalk[openai]"') from None

MAX_BODY_BYTES = 8 * 2**20
READ_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request with its whole body."""

    method: str
    path: str
    body: bytes


class Refused(Exception):  # noqa: N818  (the request is refused)
    """A request that the server refuses, with the status of its answer; the connection then ends."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class HttpConnection:
    """Reads requests and writes answers. `close` may be called twice."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.SERVER)

    async def request(self) -> HttpRequest | None:
        """The next request; None if the client has closed. Raises Refused for invalid HTTP."""
        if self._http.our_state is h11.DONE:
            self._http.start_next_cycle()
        head: h11.Request | None = None
        body = bytearray()
        try:
            while True:
                event = await self._next_event()
                if isinstance(event, h11.Request):
                    head = event
                elif isinstance(event, h11.Data):
                    body += event.data
                    if len(body) > MAX_BODY_BYTES:
                        raise Refused(413, f"the body is longer than {MAX_BODY_BYTES} bytes")
                elif isinstance(event, h11.EndOfMessage) and head is not None:
                    path = head.target.decode("ascii").partition("?")[0]
                    return HttpRequest(head.method.decode("ascii"), path, bytes(body))
                else:
                    return None
        except h11.RemoteProtocolError as error:
            raise Refused(error.error_status_hint, str(error)) from None
        except ConnectionError:
            return None

    async def _next_event(self) -> object:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            if self._http.they_are_waiting_for_100_continue:
                await self._write(h11.InformationalResponse(status_code=100, headers=[]))
            self._http.receive_data(await self._reader.read(READ_BYTES))
        return event

    async def gone(self) -> None:
        """Wait until the client has left; keep what it sends meanwhile for the next request.

        Returns early if that is more than the limit of a body.
        """
        received = 0
        with suppress(ConnectionError):
            while received < MAX_BODY_BYTES and (data := await self._reader.read(READ_BYTES)):
                received += len(data)
                self._http.receive_data(data)

    async def begin(
        self, status: int, content_type: str, headers: Iterable[tuple[str, str]] = ()
    ) -> None:
        """Send an answer's head; the body follows in chunks."""
        fields = [("Content-Type", content_type), *headers]
        await self._write(h11.Response(status_code=status, headers=fields))

    async def send(self, data: bytes) -> None:
        """Send a piece of the body; waits if the client reads slowly."""
        await self._write(h11.Data(data=data))

    async def end(self) -> bool:
        """Complete the answer; returns whether another request may follow."""
        await self._write(h11.EndOfMessage())
        return self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    async def answer(
        self, status: int, body: Mapping[str, Any], headers: Iterable[tuple[str, str]] = ()
    ) -> bool:
        """Send a complete answer in JSON; returns whether another request may follow."""
        await self.begin(status, "application/json", headers)
        await self.send(json.dumps(body).encode())
        return await self.end()

    async def refuse(
        self, status: int, kind: str, text: str, headers: Iterable[tuple[str, str]] = ()
    ) -> bool:
        """Send an error in the form of OpenAI's servers; returns whether another request may follow."""
        error = {"message": text, "type": kind, "code": kind, "param": None}
        return await self.answer(status, {"error": error}, headers)

    async def _write(self, event: h11.Event) -> None:
        self._writer.write(self._http.send(event) or b"")
        await self._writer.drain()

    def reset(self) -> None:
        """Reset the connection instead of ending it properly."""
        linger = struct.pack("ii", 1, 0)
        with suppress(OSError):
            raw = self._writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._writer.transport.abort()

    async def close(self) -> None:
        """End the connection."""
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()
