"""A connection at the boundary of a session: what comes and what is sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from frametalk.boundary import Boundary
from frametalk.replay.values import without_tokens
from frametalk.transports.link import Inbound, OnMedia, WatchedLink
from frametalk.wire.codec import Media, encode
from frametalk.wire.messages import AnyMessage


class BoundaryLink:
    """A connection, the session's `number`th from 0."""

    def __init__(self, boundary: Boundary, link: WatchedLink, number: int) -> None:
        self._boundary = boundary
        self._link = link
        self._number = number

    @property
    def on_quiet(self) -> Callable[[bool], None]:
        """What is called when nothing comes any more, and when something comes again."""
        return self._link.on_quiet

    @on_quiet.setter
    def on_quiet(self, act: Callable[[bool], None]) -> None:
        self._link.on_quiet = self._boundary.callback(act)

    @property
    def on_media(self) -> OnMedia:
        """What takes frames for which nothing else waits."""
        return self._link.on_media

    @on_media.setter
    def on_media(self, take: OnMedia) -> None:
        self._link.on_media = self._boundary.callback(take)

    @property
    def address(self) -> str:
        """The client's address."""
        return getattr(self._link, "address", "127.0.0.1")

    @property
    def bytes_waiting(self) -> int:
        """Bytes that the connection has not taken yet; the session does not depend on it."""
        return getattr(self._link, "bytes_waiting", 0)

    @property
    def read_bytes(self) -> int:
        """The size of what was received last."""
        return self._boundary.value(lambda: self._link.read_bytes)

    async def receive(self) -> Inbound:
        """The next item."""
        return await self._boundary.answer(self._link.receive)

    def send(self, message: AnyMessage) -> None:
        """Send a control message."""
        self._boundary.sent(self._number, encode(without_tokens(message)))
        self._link.send(message)

    def send_media(self, frame: Media) -> None:
        """Send a frame; of its sound only a digest is compared."""
        self._boundary.sent_media(self._number, frame)
        self._link.send_media(frame)

    def flush_media(self, stream: int) -> None:
        """Discard frames that wait."""
        self._boundary.asked("link", "flush", stream)
        self._link.flush_media(stream)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close it."""
        self._boundary.asked("link", "close", code, reason)
        await self._boundary.answer(lambda: self._link.close(code, reason))


class NoLink:
    """Stands for the connection in a replay, which has no client."""

    on_quiet: Callable[[bool], None]
    on_media: OnMedia
    read_bytes = 0

    async def receive(self) -> Any:
        """Never called: what comes is in the recording."""
        raise NotImplementedError

    def send(self, message: Any) -> None:
        """Nobody gets it."""

    def send_media(self, frame: Any) -> None:
        """As `send`."""

    def flush_media(self, stream: int) -> None:
        """As `send`."""

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Never called, as `receive`."""
