"""Two connected links in one process: the same bytes, limits and errors as on a socket."""

from __future__ import annotations

import asyncio
from typing import Any

from frametalk.transports.link import Inbound, LinkClosed
from frametalk.transports.outbox import MAX_BYTES, MAX_PACKETS, Outbox, Packet
from frametalk.transports.queued import ABNORMAL, QueuedLink, closing
from frametalk.wire.codec import ControlCodec, client_codec, server_codec


class _Pipe:
    """One direction: packets sent and not yet received, and how it ended."""

    def __init__(self, max_packets: int, max_bytes: int) -> None:
        self.outbox = Outbox(max_packets, max_bytes)
        self.changed = asyncio.Event()
        self.end: LinkClosed | None = None

    def finish(self, end: LinkClosed) -> None:
        self.end = self.end or end
        self.changed.set()


class MemoryLink(QueuedLink):
    """One end of a pair. A packet is queued until the other end receives it."""

    def __init__(
        self,
        codec: ControlCodec[Any],
        out: _Pipe,
        into: _Pipe,
        *,
        json: bool | None,
        stalled_reason: str,
    ) -> None:
        super().__init__(codec, json=json, stalled_reason=stalled_reason, outbox=out.outbox)
        self._out = out
        self._into = into

    @property
    def bytes_waiting(self) -> int:
        """Bytes that the other end has not received yet."""
        return self._outbox.bytes_waiting

    async def receive(self) -> Inbound:
        """The next message or frame, including those sent before the other end closed."""
        while True:
            await self._check_open()
            packet = self._into.outbox.pop()
            if packet is not None:
                return self._read(packet.data.decode() if packet.text else packet.data)
            if self._into.end is not None:
                self._end = self._into.end
                raise self._end
            self._into.changed.clear()
            await self._into.changed.wait()

    def send_raw(self, data: bytes | str) -> None:
        """Send bytes (a binary frame) or text as they are, for tests of bad input."""
        if self._end is None:
            packet = Packet(data.encode(), text=True) if isinstance(data, str) else Packet(data)
            self._put(packet)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close; the other end still receives what was sent before."""
        if self._end is None:
            self._abort(closing(code, reason), linger=True)

    def _pump(self) -> None:
        if self._into.end is not None:  # the other end is gone
            self._outbox.clear()
        self._out.changed.set()

    def _abort(self, end: LinkClosed, *, linger: bool = False) -> None:
        self._end = end
        if not linger:
            self._outbox.clear()
        self._out.finish(end if linger else LinkClosed(ABNORMAL))
        self._into.changed.set()


def memory_pair(
    *, json: bool = False, max_packets: int = MAX_PACKETS, max_bytes: int = MAX_BYTES
) -> tuple[MemoryLink, MemoryLink]:
    """A connected (server link, client link); `max_packets` and `max_bytes` bound each direction.

    `json`: the client sends its control messages as JSON text. When a direction's bound is exceeded,
    the sending link ends with LinkClosed 1006 `client_stalled` (the client's: `server_stalled`), and
    the other one with 1006.
    """
    down = _Pipe(max_packets, max_bytes)
    up = _Pipe(max_packets, max_bytes)
    server = MemoryLink(client_codec, down, up, json=None, stalled_reason="client_stalled")
    client = MemoryLink(server_codec, up, down, json=json, stalled_reason="server_stalled")
    return server, client
