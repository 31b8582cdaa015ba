"""The two forms of `reply.marks` on the wire: packed for MessagePack, rows for JSON.

Decoding a map for each mark costs a game engine's script more than a whole frame may take. A packed mark
is a little-endian number of 7 bytes; from the lowest bit: 24 bits from the message's `at` to the mark's,
20 bits of its length in samples, 5 bits for what it is, 7 bits for its value in hundredths.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from frametalk.core.marks import Mark, MarkKind
from frametalk.core.visemes import VISEMES
from frametalk.errors import WireError
from frametalk.wire.fields import Count, Sample, ServerMessage
from frametalk.wire.from_server import ReplyMarks
from frametalk.wire.values import MAX_INTEGER

MARK_BYTES = 7
FURTHEST = 2**24 - 1  # samples from the message's first mark to its last
LONGEST = 2**20 - 1  # samples of one mark: 21 s at 48 kHz; a longer one is shortened
MARKS = 1_000  # of one message, which must stay below the limit of a message
# What a mark is: below 16 the number of its viseme, from 16 on its kind, and its name is in `names`.
NAMED = 16
KINDS: tuple[MarkKind, ...] = ("word", "gesture", "emotion", "gaze", "viseme")

_NUMBERS = {name: number for number, name in enumerate(VISEMES)}
_NAMED = {kind: NAMED + number for number, kind in enumerate(KINDS)}

Row = tuple[MarkKind, Sample, Sample, str, float]


class PackedMarks(ServerMessage, kw_only=True, frozen=True, tag="reply.marks"):
    """`reply.marks` in MessagePack: `names` has the name of each mark that is not a viseme, in order."""

    reply: Count
    at: Sample
    marks: bytes
    names: tuple[str, ...]


class MarkRows(ServerMessage, kw_only=True, frozen=True, tag="reply.marks"):
    """`reply.marks` in JSON: each mark is kind, at, end, name and value."""

    reply: Count
    marks: tuple[Row, ...]


def pack(message: ReplyMarks) -> PackedMarks:
    """The MessagePack form. Marks must lie within `FURTHEST` of each other, as those of `batches` do."""
    base = min((mark.at for mark in message.marks), default=0)
    packed = bytearray()
    names = []
    for mark in message.marks:
        what = _NUMBERS.get(mark.name) if mark.kind == "viseme" else None
        if what is None:
            what = _NAMED[mark.kind]
            names.append(mark.name)
        length = min(max(mark.end - mark.at, 0), LONGEST)
        offset = min(mark.at - base, FURTHEST)
        number = offset | length << 24 | what << 44 | _hundredths(mark.value) << 49
        packed += number.to_bytes(MARK_BYTES, "little")
    return PackedMarks(
        seq=message.seq, reply=message.reply, at=base, marks=bytes(packed), names=tuple(names)
    )


def unpack(message: PackedMarks) -> ReplyMarks:
    """The marks of the MessagePack form; kinds and visemes that are not known are left out.

    Raises WireError `message_invalid`.
    """
    if len(message.marks) % MARK_BYTES:
        raise _invalid(f"{len(message.marks)} bytes of marks are not a multiple of {MARK_BYTES}")
    names = iter(message.names)
    marks = []
    for first in range(0, len(message.marks), MARK_BYTES):
        number = int.from_bytes(message.marks[first : first + MARK_BYTES], "little")
        at = message.at + (number & FURTHEST)
        end = at + (number >> 24 & LONGEST)
        what, value = number >> 44 & 0x1F, (number >> 49) / 100
        if value > 1:
            raise _invalid(f"the value {value} of a mark is above 1")
        if end > MAX_INTEGER:
            raise _invalid(f"a mark's end {end} is not below 2**53")
        if what >= NAMED:
            name = next(names, None)
            if name is None:
                raise _invalid("a name is missing")
            if what - NAMED < len(KINDS):
                marks.append(Mark(KINDS[what - NAMED], at, end, name, value))
        elif what < len(VISEMES):
            marks.append(Mark("viseme", at, end, VISEMES[what], value))
    return ReplyMarks(seq=message.seq, reply=message.reply, marks=tuple(marks))


def as_rows(message: ReplyMarks) -> MarkRows:
    """The JSON form."""
    rows = ((m.kind, m.at, m.end, m.name, _hundredths(m.value) / 100) for m in message.marks)
    return MarkRows(seq=message.seq, reply=message.reply, marks=tuple(rows))


def from_rows(message: MarkRows) -> ReplyMarks:
    """The marks of the JSON form."""
    marks = tuple(Mark(*row) for row in message.marks)
    return ReplyMarks(seq=message.seq, reply=message.reply, marks=marks)


def batches(marks: Iterable[Mark]) -> Iterator[tuple[Mark, ...]]:
    """The marks in order, in as few parts as the packed form can hold."""
    batch: list[Mark] = []
    lowest = highest = 0
    for mark in marks:
        low, high = min(lowest, mark.at), max(highest, mark.at)
        if batch and (high - low > FURTHEST or len(batch) == MARKS):
            yield tuple(batch)
            batch = []
        if not batch:
            low = high = mark.at
        batch.append(mark)
        lowest, highest = low, high
    if batch:
        yield tuple(batch)


def _hundredths(value: float) -> int:
    return round(100 * min(value, 1.0)) if value > 0 else 0


def _invalid(text: str) -> WireError:
    return WireError(
        "message_invalid",
        f"reply.marks: {text}",
        remedy="compare the message with protocols/wire.md",
    )
