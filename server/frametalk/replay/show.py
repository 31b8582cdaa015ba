"""A recording as text: what came, what was asked and answered, what was sent, and when."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from frametalk.replay.entries import Kind
from frametalk.replay.files import Recording
from frametalk.replay.parts import route_of
from frametalk.wire.codec import FIRST_CONTROL_BYTE, MEDIA_HEADER

LONGEST = 140  # characters of a line's content


def timeline(recording: Recording, *, steps: bool = False) -> Iterator[str]:
    """One line for each entry of interest; `steps`: for each entry, numbered."""
    header = recording.header
    yield f"session {header.session}, frametalk {header.frametalk}, {recording.length_s:.3f} s"
    before = ""
    for number, entry in enumerate(recording.entries):
        route = route_of(entry)
        if route and before not in {route, ""}:
            yield f"{_time(entry[2])} <- the microphone comes by the {route}"
        before = route or before
        if steps:
            yield f"{number:7} {described(entry, recording)}"
        elif not route and (line := _line(entry)):
            yield line
    yield f"end: {recording.end or 'the file was not completed'}"


def _line(entry: Any) -> str:
    if isinstance(entry, int):
        return ""
    match entry:
        case [Kind.ANSWER, _task, at_us, value] if value is not None and not _is_sound(value):
            return f"{_time(at_us)} <- {_value(value)}"
        case [Kind.FAILED, _task, at_us, error, *_]:
            return "" if error[1] in _ORDINARY else f"{_time(at_us)} <! {_value(error)}"
        case [Kind.CALL, _number, at_us, _within, values] if not _is_sound(values[-1]):
            return f"{_time(at_us)} <- {_value(values)}"
        case [Kind.SERVER, name, at_us, values]:
            return f"{_time(at_us)} server: {name} {_value(values)}"
        case [Kind.ASKED, at_us, whom, what]:
            return f"{_time(at_us)} ?? {whom}: {' '.join(map(str, what))}"[:LONGEST]
        case [Kind.SENT, _link, at_us, data] if data[0] >= FIRST_CONTROL_BYTE:
            return f"{_time(at_us)} -> {message(data)}"
    return ""


_ORDINARY = {"StopAsyncIteration", "CancelledError", "GeneratorExit"}


def described(entry: Any, recording: Recording) -> str:  # noqa: PLR0911  (a row for each kind)
    """An entry in words."""
    if entry is None:
        return f"the session has ended ({recording.end or 'the file was not completed'})"
    if isinstance(entry, int):
        return "it reads the clock"
    match entry:
        case [Kind.STEP, task]:
            return f"task {task} goes on"
        case [Kind.THROW, task]:
            return f"task {task} is cancelled"
        case [Kind.ANSWER, task, at_us, value]:
            return f"task {task} gets {_value(value)} at {_time(at_us)}"
        case [Kind.FAILED, task, at_us, error, *_]:
            return f"task {task} gets {_value(error)} at {_time(at_us)}"
        case [Kind.EVENT, number, at_us]:
            return f"timer {number} is due at {_time(at_us)}"
        case [Kind.CALL, number, at_us, _within, values]:
            return f"callback {number} gets {_value(values)} at {_time(at_us)}"
        case [Kind.SERVER, name, at_us, values]:
            return f"the server calls {name} {_value(values)} at {_time(at_us)}"
        case [Kind.VALUE | Kind.REFUSED, value]:
            return f"it gets {_value(value)}"
        case [Kind.ASKED, at_us, whom, what]:
            return f"it asks {whom}: {', '.join(map(str, what))} at {_time(at_us)}"
        case [Kind.SENT, link, at_us, data]:
            return f"it sends {message(data)} over connection {link}"
    return repr(entry)


def difference(sent: bytes, recorded: bytes) -> str:
    """How two messages differ: the fields, with what is sent and what the recording has."""
    if min(sent[:1], recorded[:1]) < bytes([FIRST_CONTROL_BYTE]):
        return f"{message(sent)}; in the recording {message(recorded)}"
    new, old = msgspec.msgpack.decode(sent), msgspec.msgpack.decode(recorded)
    if new.get("type") != old.get("type"):
        return f"{message(sent)}; in the recording {message(recorded)}"
    fields = (key for key in (*old, *new) if new.get(key) != old.get(key))
    changes = (
        f"{key} {new.get(key)!r} instead of {old.get(key)!r}" for key in dict.fromkeys(fields)
    )
    return f"{new.get('type')} with {', '.join(changes) or 'its fields in another order'}"


def _time(at_us: int) -> str:
    return f"{at_us / 1e6:9.3f}"


def _is_sound(value: Any) -> bool:
    return isinstance(value, list) and value[0] == "media"


def _value(value: Any) -> str:
    match value:
        case ["in", data]:
            return message(data)
        case ["media", data]:
            return message(data)
        case ["SpeechChunk", pcm, marks]:
            return f"sound of {len(pcm)} bytes, {len(marks) - 1} marks"
        case ["e", name, *fields]:
            return f"{name} {' '.join(str(each) for each in fields[:2])}"
        case ["t", *items]:
            return ", ".join(map(_value, items))
        case [tag, *items]:
            return f"{tag} {' '.join(map(_value, items))}"[:LONGEST]
    return f"{len(value)} bytes" if isinstance(value, bytes) else str(value)[:LONGEST]


def message(data: bytes) -> str:
    """What is sent, in a line."""
    if data and data[0] >= FIRST_CONTROL_BYTE:
        fields = msgspec.msgpack.decode(data)
        kind = fields.pop("type", "?")
        return f"{kind} {' '.join(f'{key}={item}' for key, item in fields.items())}"[:LONGEST]
    _kind, _flags, stream, seq, sample = MEDIA_HEADER.unpack_from(data)
    return f"sound of stream {stream}, frame {seq}, sample {sample}"
