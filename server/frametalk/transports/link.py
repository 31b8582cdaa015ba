"""A connection that carries messages: what a session needs to know of a transport."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from frametalk.errors import FrametalkError
from frametalk.wire.codec import Media, UnknownMessage
from frametalk.wire.messages import AnyMessage


class LinkClosed(Exception):  # noqa: N818  (an end, not an error)
    """The other side is gone; `code` and `reason` as the transport gives them."""

    def __init__(self, code: int = 1006, reason: str = "") -> None:
        super().__init__(f"{code} {reason}".strip())
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class BadInput:
    """Something arrived that the wire refuses; the link goes on unless the error is fatal."""

    error: FrametalkError
    ref: str = ""


Inbound = Media | AnyMessage | UnknownMessage | BadInput


class Link(Protocol):
    """Messages in one order, both ways, control and media alike.

    Sending never blocks. What waits is bounded by the link: a side that does not take it is dropped,
    LinkClosed 1006 `client_stalled` (on a client's link `server_stalled`). More than 64 `error`
    messages sent within a second end the link too, 1008 `too_many_errors`.
    """

    async def receive(self) -> Inbound:
        """Next thing from the other side; one caller at a time, safe to cancel.

        After BadInput with a fatal error the next call closes the link. Raises LinkClosed at the
        end, whoever ended it, and again when called again.
        """
        ...

    def send(self, message: AnyMessage) -> None:
        """Queue a control message, after those queued before. Nothing happens on a closed link."""
        ...

    def send_media(self, frame: Media) -> None:
        """Queue a media frame, after control messages queued before it."""
        ...

    def flush_media(self, stream: int) -> None:
        """Drop queued media of `stream` that has not left yet, so that what follows overtakes it."""
        ...

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Say good-bye and free everything; safe twice. Takes at most about a second."""
        ...
