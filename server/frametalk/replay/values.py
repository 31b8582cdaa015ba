"""Values of engines and messages as plain data, and back.

In plain data every list begins with a tag: `t` a tuple, `l` a list, `s` a set, `media`, `in` a message of a
client, `e` an exception, or the name of one of CLASSES, followed by its fields. No other class is made.
"""

from __future__ import annotations

import asyncio
import dataclasses
from hashlib import blake2b
from typing import Any, cast

import msgspec

from frametalk.adapters.base import (
    Dropped,
    HeardWord,
    Hypothesis,
    SpeechChunk,
    TextDelta,
    ToolRequest,
    Trouble,
    Usage,
)
from frametalk.core.guard.judge import Verdict
from frametalk.core.languages import SetLines
from frametalk.core.marks import Mark
from frametalk.errors import Fault, FrametalkError, Stage
from frametalk.privacy import Terms
from frametalk.tokens import Grant
from frametalk.transports.link import BadInput, LinkClosed
from frametalk.wire import messages as m
from frametalk.wire.codec import (
    MEDIA_HEADER,
    Media,
    UnknownMessage,
    client_codec,
    decode_media,
    encode,
    encode_media,
)

CLASSES: dict[str, type[Any]] = {
    each.__name__: each
    for each in (
        HeardWord,
        Hypothesis,
        TextDelta,
        Dropped,
        ToolRequest,
        Usage,
        Trouble,
        SpeechChunk,
        Mark,
        Verdict,
        SetLines,
        Terms,
        Grant,
        BadInput,
        UnknownMessage,
    )
}
_NAMES = {each: name for name, each in CLASSES.items()}
_FIELDS = {
    name: (
        each.__struct_fields__
        if issubclass(each, msgspec.Struct)
        else tuple(field.name for field in dataclasses.fields(each))
    )
    for name, each in CLASSES.items()
}
_PLAIN = (str, bytes, bool, int, float, type(None))
ISSUED = "issued"  # in place of a token
DIGEST_BYTES = 8


class EngineFailureError(Exception):
    """In a replay: an exception of a class that recordings do not know."""


def plain(value: Any) -> Any:  # noqa: PLR0911  (a row for each kind)
    """The value as plain data, without tokens and without the player's name."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Media):
        return ["media", encode_media(value)]
    if name := _NAMES.get(type(value)):
        if isinstance(value, Grant):
            value = dataclasses.replace(value, subject="")
        return [name, *(plain(getattr(value, field)) for field in _FIELDS[name])]
    if isinstance(value, m.Message):
        return ["in", encode(without_tokens(cast(m.AnyMessage, value)))]
    if isinstance(value, tuple):
        return ["t", *map(plain, value)]
    if isinstance(value, list):
        return ["l", *map(plain, value)]
    if isinstance(value, frozenset):
        return ["s", *sorted(value)]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, BaseException):
        return _plain_error(value)
    if isinstance(value, float | int | str):  # NumPy's, enumerations
        return float(value) if isinstance(value, float) else value
    raise TypeError(f"{type(value).__name__} is no value of a recording")


def from_plain(data: Any) -> Any:  # noqa: PLR0911  (as above)
    """The value. Raises ValueError for what no recording contains."""
    if isinstance(data, dict):
        return {key: from_plain(item) for key, item in data.items()}
    if not isinstance(data, list):
        return data
    tag, *items = data
    match tag:
        case "media":
            return decode_media(items[0])
        case "in":
            return client_codec.decode_binary(items[0])
        case "t":
            return tuple(map(from_plain, items))
        case "l":
            return list(map(from_plain, items))
        case "s":
            return frozenset(items)
        case "e":
            return _error(items)
    if tag not in CLASSES:
        raise ValueError(f"unknown value {tag!r}")
    return CLASSES[tag](*map(from_plain, items))


def without_tokens(message: m.AnyMessage) -> m.AnyMessage:
    """The message as it is kept: what lets somebody in is left out."""
    if isinstance(message, m.Hello):
        return msgspec.structs.replace(message, token="", resume=message.resume and ISSUED)
    if isinstance(message, m.Welcome):
        return msgspec.structs.replace(message, resume=message.resume and ISSUED, ice_servers=())
    if isinstance(message, m.RtcOffer | m.RtcAnswer):  # these have passwords and addresses
        return msgspec.structs.replace(message, sdp="")
    if isinstance(message, m.RtcIce):
        return msgspec.structs.replace(message, candidate="")
    return message


def digest(frame: Media) -> bytes:
    """What is kept of a frame that the session sends: its header, and a digest of its sound."""
    head = encode_media(frame)[: MEDIA_HEADER.size]
    return head + blake2b(frame.payload, digest_size=DIGEST_BYTES).digest()


def _plain_error(error: BaseException) -> list[Any]:
    if isinstance(error, LinkClosed):
        return ["e", "LinkClosed", error.code, error.reason]
    if isinstance(error, FrametalkError):
        return [
            "e",
            "FrametalkError",
            error.code,
            error.text,
            str(error.stage),
            str(error.fault),
            error.remedy,
            error.fatal,
            error.retry_after_ms,
            error.ref,
        ]
    return ["e", type(error).__name__, str(error)]


def _error(items: list[Any]) -> BaseException:
    name, *fields = items
    match name:
        case "LinkClosed":
            return LinkClosed(*fields)
        case "FrametalkError":
            code, text, stage, fault, remedy, fatal, retry_after_ms, ref = fields
            error = FrametalkError(
                code,
                text,
                stage=Stage(stage),
                fault=Fault(fault),
                remedy=remedy,
                fatal=fatal,
                retry_after_ms=retry_after_ms,
            )
            error.ref = ref
            return error
        case "CancelledError":
            return asyncio.CancelledError()
        case "StopAsyncIteration":
            return StopAsyncIteration()
        case "TimeoutError":
            return TimeoutError(*fields)
    return EngineFailureError(f"{name}: {fields[0]}")
