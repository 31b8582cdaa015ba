"""Bytes to messages and back: the two kinds of binary frame, and JSON text frames."""

from __future__ import annotations

import struct
from collections.abc import Callable
from enum import IntEnum, IntFlag
from typing import Any, Generic, TypeVar, Union, cast

import msgspec

from frametalk.errors import WireError
from frametalk.wire.keys import check_maps
from frametalk.wire.marks import MarkRows, PackedMarks, as_rows, from_rows, pack, unpack
from frametalk.wire.messages import AnyMessage, FromClient, FromServer, Message, ReplyMarks
from frametalk.wire.values import MAX_DEPTH, MAX_INTEGER, check_values, not_finite

MAX_MESSAGE_BYTES = 60 * 1024
FIRST_CONTROL_BYTE = 0x80
MEDIA_HEADER = struct.Struct("<BBHIQ")

_M = TypeVar("_M", bound=Message)


class MediaKind(IntEnum):
    """First byte of a media frame, below 0x80."""

    PCM16 = 1
    OPUS = 2


class MediaFlags(IntFlag):
    """Second byte of a media frame."""

    NONE = 0
    LAST = 1
    SPEECH = 2


class Media(msgspec.Struct, frozen=True):
    """Sound that begins at `sample` of the clock of `stream`; `payload` is one frame of it.

    `seq` counts the stream's frames from 0 and wraps at 2**32.
    """

    kind: MediaKind
    stream: int
    seq: int
    sample: int
    payload: bytes
    flags: MediaFlags = MediaFlags.NONE


def encode_media(frame: Media) -> bytes:
    """A media frame's bytes: the 16-byte little-endian header, then the payload."""
    return (
        MEDIA_HEADER.pack(frame.kind, frame.flags, frame.stream, frame.seq, frame.sample)
        + frame.payload
    )


_KINDS = {int(kind): kind for kind in MediaKind}
# Indexed by the flags byte; unknown bits are ignored.
_FLAGS = tuple(MediaFlags(byte & (MediaFlags.LAST | MediaFlags.SPEECH)) for byte in range(256))


def decode_media(data: bytes) -> Media:
    """Read a media frame. Unknown flag bits are ignored; unknown kinds are refused.

    Raises WireError: message_too_large, media_truncated, media_kind_unknown, media_odd_length,
    message_invalid.
    """
    if len(data) > MAX_MESSAGE_BYTES:
        raise too_large(len(data))
    if len(data) < MEDIA_HEADER.size:
        raise WireError(
            "media_truncated",
            f"a media frame of {len(data)} bytes is shorter than its 16-byte header",
            remedy="send kind u8, flags u8, stream u16, seq u32, sample u64, then the sound",
        )
    kind_byte, flags, stream, seq, sample = MEDIA_HEADER.unpack_from(data)
    kind = _KINDS.get(kind_byte)
    if kind is None:
        raise WireError(
            "media_kind_unknown",
            f"media kind {kind_byte} is unknown",
            remedy="send 1 for PCM16 or 2 for Opus; control messages are MessagePack maps",
        )
    payload = data[MEDIA_HEADER.size :]
    if kind is MediaKind.PCM16 and len(payload) % 2:
        raise WireError(
            "media_odd_length",
            f"a PCM16 payload of {len(payload)} bytes ends within a sample",
            remedy="send whole 16-bit samples",
        )
    if sample > MAX_INTEGER:
        raise WireError(
            "message_invalid",
            f"media: sample {sample} is not below 2**53",
            remedy="count the stream's samples from 0",
        )
    return Media(kind, stream, seq, sample, payload, _FLAGS[flags])


class UnknownMessage(msgspec.Struct, frozen=True):
    """A control message of an unknown type, which is ignored."""

    type: str


class _Envelope(msgspec.Struct):
    type: str


class ControlCodec(Generic[_M]):
    """Decodes one direction's control messages, strictly; see `client_codec` and `server_codec`."""

    def __init__(self, messages: Any) -> None:
        self._messages = _with_marks_as(MarkRows, messages)
        self._msgpack = msgspec.msgpack.Decoder(_with_marks_as(PackedMarks, messages))
        self.types = frozenset(member.__struct_config__.tag for member in messages.__args__)
        self._envelope_msgpack = msgspec.msgpack.Decoder(_Envelope)
        self._envelope_json = msgspec.json.Decoder(_Envelope)

    def decode_binary(self, data: bytes) -> _M | UnknownMessage:
        """Read one MessagePack control message.

        Raises WireError: message_too_large, message_too_deep, message_malformed, message_invalid,
        number_not_finite.
        """
        return self._decode(data, self._msgpack.decode, self._envelope_msgpack, text=False)

    def decode_text(self, text: str) -> _M | UnknownMessage:
        """Read one JSON control message; raises as `decode_binary` does.

        A number without a fraction is a whole number, also as `1.0`.
        """
        try:
            data = text.encode()
        except UnicodeEncodeError as error:
            raise _malformed(error) from None
        return self._decode(data, self._from_json, self._envelope_json, text=True)

    def _from_json(self, data: bytes) -> _M:
        # In two steps, because a typed decoder refuses 1.0 where a whole number is due.
        message: _M = msgspec.convert(_any_json.decode(data), self._messages)
        return message

    def _decode(
        self, data: bytes, decode: Callable[[bytes], _M], envelope: Any, *, text: bool
    ) -> _M | UnknownMessage:
        if len(data) > MAX_MESSAGE_BYTES:
            raise too_large(len(data))
        kind = ""
        try:
            kind = envelope.decode(data).type
            if kind not in self.types:
                return UnknownMessage(kind)
            check_maps(data, text=text)
            message = decode(data)
        except msgspec.ValidationError as error:
            raise _not_finite(data) or WireError(
                "message_invalid",
                f"{kind or 'message'}: {error}",
                remedy="compare the message with protocols/wire.md",
            ) from None
        except RecursionError:
            raise WireError(
                "message_too_deep",
                "the message is nested too deeply",
                remedy=f"nest at most {MAX_DEPTH} levels",
            ) from None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _malformed(error) from None
        check_values(message)
        if isinstance(message, PackedMarks):
            return cast(_M, unpack(message))
        if isinstance(message, MarkRows):
            return cast(_M, from_rows(message))
        return message


def _with_marks_as(form: type[Message], messages: Any) -> Any:
    """The union of messages with `reply.marks` in its form of one encoding."""
    kinds = [form if kind is ReplyMarks else kind for kind in messages.__args__]
    return Union[tuple(kinds)]  # noqa: UP007  (made of a list)


def _json_number(text: str) -> float:
    """A JSON number with a fraction or an exponent; a whole one becomes an `int` if that is exact."""
    number = float(text)
    return int(number) if abs(number) <= MAX_INTEGER and number.is_integer() else number


_any_json = msgspec.json.Decoder(float_hook=_json_number)


def _malformed(error: Exception) -> WireError:
    return WireError(
        "message_malformed",
        f"not a control message: {error}",
        remedy="send one MessagePack map in a binary frame, or one JSON object in text",
    )


def _not_finite(data: bytes) -> WireError | None:
    """The error for a NaN that a bounded field refused; None if something else is wrong."""
    try:
        return not_finite(msgspec.msgpack.decode(data))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None  # JSON, which has no NaN, or a message that is broken in other ways too


def too_large(size: int) -> WireError:
    """The error for a message of `size` bytes, which exceeds the limit."""
    return WireError(
        "message_too_large",
        f"a message of {size} bytes exceeds {MAX_MESSAGE_BYTES}",
        remedy="send several patches, or shorter frames",
        fatal=True,
    )


client_codec: ControlCodec[FromClient] = ControlCodec(FromClient)
"""Decodes the client's messages; the server uses it."""

server_codec: ControlCodec[FromServer] = ControlCodec(FromServer)
"""Decodes the server's messages; clients use it."""

_encoder = msgspec.msgpack.Encoder()
_json_encoder = msgspec.json.Encoder()


def encode(message: AnyMessage) -> bytes:
    """One control message as MessagePack."""
    return _encoder.encode(pack(message) if isinstance(message, ReplyMarks) else message)


def encode_json(message: AnyMessage) -> bytes:
    """One control message as JSON, which people can read and type."""
    return _json_encoder.encode(as_rows(message) if isinstance(message, ReplyMarks) else message)


def is_media(data: bytes) -> bool:
    """Whether a binary frame is media (first byte below 0x80) rather than control."""
    return bool(data) and data[0] < FIRST_CONTROL_BYTE
