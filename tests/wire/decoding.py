"""What must hold for the decoders whatever they are given; for tests and for the fuzz target."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from frametalk.errors import WireError
from frametalk.wire import messages as m
from frametalk.wire.codec import (
    Media,
    UnknownMessage,
    client_codec,
    decode_media,
    encode,
    encode_json,
    server_codec,
)

CODES = {
    "message_malformed", "message_invalid", "message_too_deep", "message_too_large",
    "number_not_finite", "media_truncated", "media_kind_unknown", "media_odd_length",
}  # fmt: skip


def read(decode: Callable[[Any], Any], data: bytes | str) -> Any:
    """What `decode` returns, or the WireError that it raises."""
    try:
        return decode(data)
    except WireError as error:
        return error


def check_bytes(data: bytes) -> None:
    """Decode a binary frame in every way; any outcome but a message or a WireError fails."""
    for codec in (client_codec, server_codec):
        message = read(codec.decode_binary, data)
        check_outcome(message)
        if isinstance(message, m.Message):
            # An accepted message can be encoded in both forms and decoded again.
            assert codec.decode_binary(encode(message)) == message
            assert codec.decode_text(encode_json(message).decode()) == message
    check_outcome(read(decode_media, data))


def check_text(text: str) -> None:
    """Decode a text frame; any outcome but a message or a WireError fails."""
    for codec in (client_codec, server_codec):
        check_outcome(read(codec.decode_text, text))


def check_outcome(outcome: Any) -> None:
    if isinstance(outcome, WireError):
        assert outcome.code in CODES
    else:
        assert isinstance(outcome, m.Message | UnknownMessage | Media)
