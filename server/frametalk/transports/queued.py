"""The base of all links: encodes, queues, bounds and decodes; transports only move packets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec

from frametalk.errors import Fault, Stage, WireError
from frametalk.transports.link import BadInput, Inbound, LinkClosed, OnMedia, not_taken
from frametalk.transports.outbox import MAX_ERRORS, ErrorBudget, Outbox, Packet
from frametalk.wire.codec import (
    ControlCodec,
    Media,
    decode_media,
    encode,
    encode_json,
    encode_media,
    is_media,
)
from frametalk.wire.messages import AnyMessage, Error, Hello

ABNORMAL = 1006
POLICY_VIOLATION = 1008
TOO_BIG = 1009


class QueuedLink:
    """Implements Link except `receive`, `close` and the moving of packets.

    `json`: control messages are sent as JSON text; None: in the form of the other side's `hello`.
    `stalled_reason` is the reason of LinkClosed when the other side does not read.
    """

    def __init__(
        self,
        codec: ControlCodec[Any],
        *,
        json: bool | None,
        stalled_reason: str,
        outbox: Outbox,
    ) -> None:
        self.on_quiet: Callable[[bool], None] = lambda _quiet: None
        self.read_bytes = 0
        self.on_media: OnMedia = not_taken
        self._codec = codec
        self._json = bool(json)
        self._json_decided = json is not None
        self._stalled_reason = stalled_reason
        self._outbox = outbox
        self._errors = ErrorBudget()
        self._end: LinkClosed | None = None  # why this side ended it
        self._fatal: WireError | None = None

    def send(self, message: AnyMessage) -> None:
        """Queue a control message; more errors than the budget allows end the link."""
        if self._end is not None:
            return
        if type(message) is Error and not self._errors.allows(asyncio.get_running_loop().time()):
            self._refuse_flood()
            return
        self._put(self._packet(message))

    def send_media(self, frame: Media) -> None:
        """Queue a media frame."""
        if self._end is None:
            self._put(Packet(encode_media(frame), stream=frame.stream))

    def flush_media(self, stream: int) -> None:
        """Discard queued media of `stream`."""
        self._outbox.flush(stream)

    def _packet(self, message: AnyMessage) -> Packet:
        if self._json:
            return Packet(encode_json(message), text=True)
        return Packet(encode(message))

    def _put(self, packet: Packet) -> None:
        if self._outbox.put(packet):
            self._pump()
        else:
            self._abort(LinkClosed(ABNORMAL, self._stalled_reason))

    def _read(self, data: bytes | str) -> Inbound:
        """Decode a binary or text frame; one that the wire refuses becomes BadInput."""
        self.read_bytes = len(data)
        if not self._json_decided:
            self._json = isinstance(data, str)
        try:
            if isinstance(data, str):
                item = self._codec.decode_text(data)
            elif is_media(data):
                return decode_media(data)
            else:
                item = self._codec.decode_binary(data)
        except WireError as error:
            if error.fatal:
                self._fatal = error
            return BadInput(error, _ref(data))
        if isinstance(item, Hello):
            self._json_decided = True
        return item

    async def _check_open(self) -> None:
        """Raise LinkClosed if this side has ended the link; close it after a fatal error."""
        if self._fatal is not None and self._end is None:
            await self.close(POLICY_VIOLATION, self._fatal.code)
        if self._end is not None:
            raise self._end

    def _refuse_flood(self) -> None:
        flood = Error(
            code="too_many_errors",
            text=f"more than {MAX_ERRORS} errors within a second",
            stage=Stage.LINK,
            fault=Fault.CLIENT,
            remedy="stop at the first error and read its text",
            fatal=True,
        )
        self._put(self._packet(flood))
        self._abort(LinkClosed(POLICY_VIOLATION, flood.code), linger=True)

    def _pump(self) -> None:
        """Move packets to the other side as far as it accepts them. Never blocks."""
        raise NotImplementedError

    def _abort(self, end: LinkClosed, *, linger: bool = False) -> None:
        """End the link at once with `end`; with `linger`, queued packets may still leave."""
        raise NotImplementedError

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the link and free everything."""
        raise NotImplementedError


def closing(code: int, reason: str) -> LinkClosed:
    """The end for a close; RFC 6455 has a code of its own for a message that is too large."""
    return LinkClosed(TOO_BIG if reason == "message_too_large" else code, reason)


class _Typed(msgspec.Struct):
    type: str


def _ref(data: bytes | str) -> str:
    """The type of the message that was refused, as far as it can be read."""
    try:
        if isinstance(data, str):
            return msgspec.json.decode(data, type=_Typed).type[:64]
        if is_media(data):
            return "media"
        return msgspec.msgpack.decode(data, type=_Typed).type[:64]
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return ""
