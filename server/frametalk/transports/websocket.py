"""A link over a WebSocket: sends without awaiting, bounds what waits, gives up on stalled peers."""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.connection import Connection, broadcast
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from frametalk.transports.link import Inbound, LinkClosed
from frametalk.transports.outbox import Outbox
from frametalk.transports.queued import ABNORMAL, TOO_BIG, QueuedLink, closing
from frametalk.wire.codec import MAX_MESSAGE_BYTES, ControlCodec

PATH = "/v1"
CLOSE_TIMEOUT_S = 1.0
MAX_REASON_BYTES = 123  # of a close frame (RFC 6455, 5.5)
SEND_BUFFER_BYTES = 32 * 1024
WRITE_LIMIT_BYTES = 16 * 1024
UNREAD_LIMIT_BYTES = 256 * 1024

# Fewer errors in the log: what goes wrong on a connection is told by its link.
quiet = logging.getLogger("frametalk.websockets")
quiet.setLevel(logging.CRITICAL)

OPTIONS: dict[str, Any] = {
    "compression": None,  # sound does not shrink, and a deflate context costs memory per session
    # Somewhat above the wire's limit, so that a message just over it gets an error before the close.
    "max_size": 2 * MAX_MESSAGE_BYTES,
    "max_queue": 16,
    "write_limit": WRITE_LIMIT_BYTES,
    # A dead peer is noticed within 20 s.
    "ping_interval": 10.0,
    "ping_timeout": 10.0,
    "close_timeout": CLOSE_TIMEOUT_S,
    "logger": quiet,
}
"""What both ends ask of websockets."""


class _Flow(Connection):
    """Tells its link when the socket takes more, and when it is gone."""

    link: WebSocketLink | None = None
    taking = True  # False while the write buffer is above its limit
    last_wait: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # The pace is set by the playback clock; what the kernel holds can no longer be taken back.
        raw: socket.socket = transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        super().connection_made(transport)

    def pause_writing(self) -> None:
        super().pause_writing()
        self.taking = False
        if self.link is not None:
            self.link.paused()

    def resume_writing(self) -> None:
        super().resume_writing()
        self.taking = True
        if self.link is not None:
            self.link.resumed()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.last_wait is not None:
            self.last_wait.cancel()
        if self.link is not None:
            self.link.lost()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.protocol.close_expected():
            self._wait_for_end()
        # Answers to pings are written whether or not the peer reads them.
        if not self.taking and self.transport.get_write_buffer_size() > UNREAD_LIMIT_BYTES:
            self.transport.abort()

    def say_good_bye(self, code: int, reason: str) -> None:
        """Send the close frame; the peer has a limited time to answer it."""
        if self.protocol.state is State.OPEN:
            self.protocol.send_close(code, reason)
            self.send_data()
        self._wait_for_end()

    def _wait_for_end(self) -> None:
        """Both sides know that it is over: a peer that keeps the socket open is cut off."""
        if self.last_wait is None:
            self.last_wait = self.loop.call_later(CLOSE_TIMEOUT_S, self.transport.abort)


class ServerSide(_Flow, ServerConnection):
    """A connection that was accepted."""


class ClientSide(_Flow, ClientConnection):
    """A connection that was made."""


class WebSocketLink(QueuedLink):
    """The link of one connection; no task of its own, the socket's callbacks move what waits."""

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
        self._sent_all = asyncio.Event()
        self._sent_all.set()
        connection.link = self

    @property
    def peer(self) -> str:
        """The other side's address, for logs."""
        address = self._connection.remote_address
        return f"{address[0]}:{address[1]}" if address else "gone"

    @property
    def bytes_waiting(self) -> int:
        """Bytes that the kernel has not taken yet."""
        return self._outbox.bytes_waiting + self._connection.transport.get_write_buffer_size()

    async def receive(self) -> Inbound:
        """Next thing from the other side. One caller at a time; safe to cancel."""
        await self._check_open()
        try:
            data = await self._connection.recv()
        except ConnectionClosed as closed:
            raise self._ended(closed) from None
        return self._read(data)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Send what waits, then the close frame; gives up after a second."""
        end = self._end = self._end or closing(code, reason)
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._sent_all.wait()
                await self._connection.close(end.code, _fit(end.reason))
        except TimeoutError:
            self._connection.transport.abort()
            await self._connection.wait_closed()
        except asyncio.CancelledError:
            self._connection.transport.abort()
            raise

    # ---- what the connection tells -------------------------------------------------------------

    def paused(self) -> None:
        """The socket takes no more: it must move within the stall time."""
        self._unsent_bytes = self._connection.transport.get_write_buffer_size()
        self._stall_timer = self._loop.call_later(self._stalled_s, self._check_stall)

    def resumed(self) -> None:
        """The socket takes more."""
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
        while connection.taking and (packet := self._outbox.pop()) is not None:
            # The one way that websockets offers to send without awaiting.
            broadcast((connection,), packet.data, text=packet.text)
        if self._outbox:
            self._sent_all.clear()
        else:
            self._sent_all.set()

    def _abort(self, end: LinkClosed, *, linger: bool = False) -> None:
        self._end = end
        self._outbox.clear()
        if linger and self._connection.taking:
            self._connection.say_good_bye(end.code, _fit(end.reason))
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
        """Why the connection is over: the first close frame there was tells."""
        if self._end is None:
            ours_first = closed.rcvd is None or closed.rcvd_then_sent is False
            first = closed.sent if ours_first else closed.rcvd
            code, reason = (ABNORMAL, "") if first is None else (first.code, first.reason)
            self._end = LinkClosed(code, "message_too_large" if code == TOO_BIG else reason)
        return self._end


def _fit(reason: str) -> str:
    """As much of a reason as a close frame holds."""
    return reason.encode()[:MAX_REASON_BYTES].decode(errors="ignore")
