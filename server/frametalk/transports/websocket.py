"""A link over a WebSocket: sends without awaiting, bounds its queue, disconnects stalled peers."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from dataclasses import dataclass
from struct import Struct
from typing import Any, ClassVar

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.connection import Connection, broadcast
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from frametalk.errors import WireError
from frametalk.transports.intake import ClientPace, Intake, Pace
from frametalk.transports.link import Inbound, LinkClosed
from frametalk.transports.media_frames import MediaFrames
from frametalk.transports.outbox import Outbox, Packet
from frametalk.transports.queued import ABNORMAL, TOO_BIG, QueuedLink, closing
from frametalk.transports.quiet import QuietWatch
from frametalk.wire.codec import MAX_MESSAGE_BYTES, ControlCodec, decode_media

PATH = "/v1"
CLOSE_TIMEOUT_S = 1.0
MAX_REASON_BYTES = 123  # of a close frame (RFC 6455, 5.5)
SEND_BUFFER_BYTES = 32 * 1024
QUIET_PINGS = 2  # a client that answers pings is heard once in two of them, also when one is late
WRITE_LIMIT_BYTES = 16 * 1024
UNREAD_LIMIT_BYTES = 256 * 1024

_TEXT, _BINARY = 0x81, 0x82  # whole
_TWO_BYTES, _EIGHT_BYTES = 126, 127  # so many bytes of length follow
_SHORT_HEAD, _LONG_HEAD, _LONGER_HEAD = Struct("!BB"), Struct("!BBH"), Struct("!BBQ")

# The link reports what goes wrong on its connection, so websockets need not log it too.
quiet = logging.getLogger("frametalk.websockets")
quiet.setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Pings:
    """WebSocket pings: how often, and when one without an answer ends the connection; 0: never."""

    every_ms: float = 1_000
    timeout_ms: float = 30_000  # a game that loads a level may not answer for 20 s

    @property
    def options(self) -> dict[str, Any]:
        """As options of websockets."""
        return {
            "ping_interval": self.every_ms / 1000,
            "ping_timeout": self.timeout_ms / 1000 or None,
        }


PINGS = Pings()

OPTIONS: dict[str, Any] = {
    **PINGS.options,
    "compression": None,  # sound does not compress, and each deflate context costs memory
    # Above the wire's limit, so that a message slightly too large is answered before the close.
    "max_size": 2 * MAX_MESSAGE_BYTES,
    "max_queue": 16,
    "write_limit": WRITE_LIMIT_BYTES,
    "close_timeout": CLOSE_TIMEOUT_S,
    "logger": quiet,
}
"""Options of websockets for both ends."""


class _Flow(Connection):
    """Reports to its link when the socket accepts more, and when it is gone."""

    link: WebSocketLink | None = None
    writable = True  # False while the write buffer is above its limit
    end_timer: asyncio.TimerHandle | None = None
    pace: ClientPace | None = None  # of what the peer sends
    quiet: QuietWatch | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A small buffer, because sound that the kernel has can no longer be flushed.
        raw: socket.socket = transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        super().connection_made(transport)

    def pause_writing(self) -> None:
        super().pause_writing()
        self.writable = False
        if self.link is not None:
            self.link.paused()

    def resume_writing(self) -> None:
        super().resume_writing()
        self.writable = True
        if self.link is not None:
            self.link.resumed()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.end_timer is not None:
            self.end_timer.cancel()
        if self.quiet is not None:
            self.quiet.close()
        if self.link is not None:
            self.link.lost()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.protocol.close_expected():
            self._wait_for_end()
        # websockets writes pongs even if the peer does not read.
        if not self.writable and self.transport.get_write_buffer_size() > UNREAD_LIMIT_BYTES:
            self.transport.abort()

    def send_now(self, packet: Packet) -> None:
        """Send without awaiting; `broadcast` is the only way in websockets to do so."""
        broadcast((self,), packet.data, text=packet.text)

    def close_soon(self, code: int, reason: str) -> None:
        """Send the close frame; the peer must answer within a second."""
        if self.protocol.state is State.OPEN:
            self.protocol.send_close(code, reason)
            self.send_data()
        self._wait_for_end()

    def _wait_for_end(self) -> None:
        """Abort the connection if the peer keeps it open although it has ended."""
        if self.end_timer is None:
            self.end_timer = self.loop.call_later(CLOSE_TIMEOUT_S, self.transport.abort)


class ServerSide(_Flow, ServerConnection):
    """An accepted connection. A client that sends very much, or what is expensive, is read more slowly.

    A server has a class of its own, with `crowd`, the pace of all such clients together.
    """

    crowd: ClassVar[Pace]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.pace = ClientPace(self.crowd)
        self._frames = MediaFrames(super().data_received, self._take_media)
        self._intake = Intake(self.transport, self._frames.feed, self.pace)
        # websockets pauses the transport itself, and parses all that a read has brought.
        self.recv_messages.pause = self._intake.pause
        self.recv_messages.resume = self._intake.resume

    def data_received(self, data: bytes) -> None:
        if self.quiet is not None:
            self.quiet.heard()
        self._intake.put(data)

    def send_now(self, packet: Packet) -> None:
        """As the library would, which takes five times as long. Nothing else is being sent."""
        data = packet.data
        self.transport.write(_head(_TEXT if packet.text else _BINARY, len(data)) + data)

    def _take_media(self, data: bytes) -> bool:
        link, is_open = self.link, self.protocol.state is State.OPEN
        return (
            link is not None and is_open and not self.recv_messages.frames and link.take_media(data)
        )

    def eof_received(self) -> None:
        self._intake.close()
        self._frames.end()
        super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._intake.close()
        super().connection_lost(exc)


class ClientSide(_Flow, ClientConnection):
    """An outgoing connection."""


class WebSocketLink(QueuedLink):
    """The link of one connection. It has no task: the socket's callbacks move the packets."""

    def __init__(
        self,
        connection: ServerSide | ClientSide,
        codec: ControlCodec[Any],
        *,
        json: bool | None,
        stalled_reason: str,
        stalled_ms: float,
    ) -> None:
        super().__init__(codec, json=json, stalled_reason=stalled_reason, outbox=Outbox())
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._stalled_s = stalled_ms / 1000
        self._stall_timer: asyncio.TimerHandle | None = None
        self._unsent_bytes = 0
        self._taken_s: float | None = None
        self._receives = False  # `receive` waits for a message
        self._sent_all = asyncio.Event()
        self._sent_all.set()
        connection.link = self

    @property
    def peer(self) -> str:
        """The other side's address, for logs."""
        address = self._connection.remote_address
        return f"{address[0]}:{address[1]}" if address else "gone"

    @property
    def address(self) -> str:
        """The other side's address without its port."""
        return self.peer.rpartition(":")[0]

    def watch(self, quiet_s: float) -> None:
        """Call `on_quiet` when nothing has come for so long, not even the answer to a ping."""
        self._connection.quiet = QuietWatch(quiet_s, self._changed)

    def _changed(self, is_quiet: bool) -> None:
        self.on_quiet(is_quiet)

    def abort(self, reason: str) -> None:
        """End the link at once, without closing it properly."""
        self._abort(LinkClosed(ABNORMAL, reason))

    @property
    def bytes_waiting(self) -> int:
        """Bytes that the kernel has not taken yet."""
        return self._outbox.bytes_waiting + self._connection.transport.get_write_buffer_size()

    async def receive(self) -> Inbound:
        """The next message or frame. One caller at a time; safe to cancel.

        The caller handles it without awaiting: the time until the next call counts for the peer's pace.
        """
        await self._keep_pace()
        await self._check_open()
        self._receives = True
        try:
            data = await self._connection.recv()
        except ConnectionClosed as closed:
            raise self._ended(closed) from None
        finally:
            self._receives = False
        self._taken_s = time.thread_time()
        return self._read(data)

    def take_media(self, data: bytes) -> bool:
        """Take a media frame at once: it came while `receive` waits. Returns whether it was taken."""
        if not self._receives or self._end is not None:
            return False
        try:
            frame = decode_media(data)
        except WireError:
            return False  # `receive` says what is wrong with it
        return self.on_media(frame)

    async def _keep_pace(self) -> None:
        pace, taken_s, self._taken_s = self._connection.pace, self._taken_s, None
        if pace is None or taken_s is None:
            return
        if wait_s := pace.wait_s(time.thread_time() - taken_s, self._loop.time()):
            await asyncio.sleep(wait_s)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Send the queue, then the close frame; aborts the connection after a second."""
        end = self._end = self._end or closing(code, reason)
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                if (
                    end.code == ABNORMAL
                ):  # aborted: there is nothing to send, and no such close frame
                    await self._connection.wait_closed()
                    return
                await self._sent_all.wait()
                await self._connection.close(end.code, _fit(end.reason))
        except TimeoutError:
            self._connection.transport.abort()
            await self._connection.wait_closed()
        except asyncio.CancelledError:
            self._connection.transport.abort()
            raise

    # ---- calls from the connection -------------------------------------------------------------

    def paused(self) -> None:
        """The socket accepts no more; it must accept some within the stall time."""
        self._unsent_bytes = self._connection.transport.get_write_buffer_size()
        self._stall_timer = self._loop.call_later(self._stalled_s, self._check_stall)

    def resumed(self) -> None:
        """The socket accepts more."""
        self._stop_timer()
        self._pump()

    def lost(self) -> None:
        """The socket is gone."""
        self._stop_timer()
        self._outbox.clear()
        self._sent_all.set()

    # ---- moving packets -------------------------------------------------------------------------

    def _pump(self) -> None:
        connection = self._connection
        if connection.protocol.state is not State.OPEN:
            self._outbox.clear()
        while connection.writable and (packet := self._outbox.pop()) is not None:
            connection.send_now(packet)
        if self._outbox:
            self._sent_all.clear()
        else:
            self._sent_all.set()

    def _abort(self, end: LinkClosed, *, linger: bool = False) -> None:
        self._end = end
        self._outbox.clear()
        if linger and self._connection.writable:
            self._connection.close_soon(end.code, _fit(end.reason))
        else:
            self._connection.transport.abort()

    def _check_stall(self) -> None:
        unsent_bytes = self._connection.transport.get_write_buffer_size()
        if unsent_bytes < self._unsent_bytes:
            self.paused()
        else:
            self._abort(LinkClosed(ABNORMAL, self._stalled_reason))

    def _stop_timer(self) -> None:
        if self._stall_timer is not None:
            self._stall_timer.cancel()
            self._stall_timer = None

    def _ended(self, closed: ConnectionClosed) -> LinkClosed:
        """Why the connection ended, from the first close frame."""
        if self._end is None:
            ours_first = closed.rcvd is None or closed.rcvd_then_sent is False
            first = closed.sent if ours_first else closed.rcvd
            code, reason = (ABNORMAL, "") if first is None else (first.code, first.reason)
            self._end = LinkClosed(code, "message_too_large" if code == TOO_BIG else reason)
        return self._end


def _head(kind: int, length: int) -> bytes:
    """The head of a whole frame without a mask (RFC 6455, 5.2)."""
    if length < _TWO_BYTES:
        return _SHORT_HEAD.pack(kind, length)
    if length < 2**16:
        return _LONG_HEAD.pack(kind, _TWO_BYTES, length)
    return _LONGER_HEAD.pack(kind, _EIGHT_BYTES, length)


def _fit(reason: str) -> str:
    """The part of a reason that fits into a close frame."""
    return reason.encode()[:MAX_REASON_BYTES].decode(errors="ignore")
