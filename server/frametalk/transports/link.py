"""A connection that carries messages: the interface between a session and a transport."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from frametalk.errors import FrametalkError
from frametalk.wire.codec import Media, UnknownMessage
from frametalk.wire.messages import AnyMessage


class LinkClosed(Exception):  # noqa: N818  (an end, not an error)
    """The link has ended; `code` and `reason` as the transport gives them."""

    def __init__(self, code: int = 1006, reason: str = "") -> None:
        super().__init__(f"{code} {reason}".strip())
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class BadInput:
    """Something arrived that the wire refuses; the link stays open unless the error is fatal."""

    error: FrametalkError
    ref: str = ""


OnMedia = Callable[[Media], bool]
Inbound = Media | AnyMessage | UnknownMessage | BadInput


def not_taken(_frame: Media) -> bool:
    """Leave all media to `receive`."""
    return False


class Link(Protocol):
    """Messages in one order, both ways, control and media alike.

    Sending never blocks. The queue is bounded: a side that does not read is disconnected with
    LinkClosed 1006 `client_stalled` (on a client's link `server_stalled`). More than 64 `error`
    messages sent within a second also end the link, with 1008 `too_many_errors`.
    """

    async def receive(self) -> Inbound:
        """The next message or frame; one caller at a time, safe to cancel.

        After BadInput with a fatal error the next call closes the link. Raises LinkClosed once either
        side has ended the link, at every further call too.
        """
        ...

    def send(self, message: AnyMessage) -> None:
        """Queue a control message after everything queued before. Does nothing on a closed link."""
        ...

    def send_media(self, frame: Media) -> None:
        """Queue a media frame after everything queued before. Does nothing on a closed link."""
        ...

    def flush_media(self, stream: int) -> None:
        """Discard queued media of `stream`, so that later messages overtake it."""
        ...

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the link and free everything; may be called twice. Takes at most about a second."""
        ...


class WatchedLink(Link, Protocol):
    """A link whose other side is watched.

    `on_quiet` is called with True when nothing comes any more although the connection has not ended, and
    with False when something comes again. `read_bytes` is the size of what `receive` returned last. A media
    frame for which nothing else waits may go to `on_media` instead of `receive`, unless that returns False.
    """

    on_quiet: Callable[[bool], None]
    on_media: OnMedia
    read_bytes: int
