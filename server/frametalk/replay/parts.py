"""What a recording has, beside the entries of every session."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from frametalk.replay.entries import Kind
from frametalk.replay.files import Recording
from frametalk.wire.codec import FIRST_CONTROL_BYTE


def outbound(recording: Recording) -> Iterator[tuple[float, dict[str, Any] | None]]:
    """All control messages that the server sent, as maps; None: a frame of sound."""
    for entry in recording.entries:
        match entry:
            case [Kind.SENT, _link, at_us, data]:
                is_control = data[0] >= FIRST_CONTROL_BYTE
                yield at_us / 1e6, msgspec.msgpack.decode(data) if is_control else None


def welcome_of(recording: Recording) -> dict[str, Any]:
    """The first `welcome`, or an empty map if the recording has none."""
    messages = (message for _at_s, message in outbound(recording) if message is not None)
    return next((each for each in messages if each["type"] == "welcome"), {})


def is_restored(recording: Recording) -> bool:
    """Whether the session began with what another server had kept of it."""
    match recording.entries:
        case [[Kind.SERVER, "restore", *_], *_]:
            return True
    return False


def has_peer_connection(recording: Recording) -> bool:
    """Whether the session may have had one: its frames are in `heard`."""
    return "rtc" in welcome_of(recording).get("features", ())


def route_of(entry: Any) -> str:
    """The route of a heard frame (channel, track or websocket), or "" for any other entry."""
    match entry:
        case [Kind.CALL, _, _, _, ["t", ["media", _] | None, int() | None, str() as route]]:
            return route
    return ""
