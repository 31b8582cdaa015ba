"""The wire's bytes as annotated lines."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, NamedTuple

from frametalk.wire.codec import MEDIA_HEADER, Media

if TYPE_CHECKING:
    from collections.abc import Iterator

BYTES_PER_LINE = 16
_HEX_WIDTH = 3 * BYTES_PER_LINE - 1
_SHOWN_PAYLOAD = 16


class _Part(NamedTuple):
    at: int
    end: int
    note: str


class _Head(NamedTuple):
    """The beginning of one MessagePack item; a scalar has nothing else."""

    end: int
    note: str
    items: int = 0
    is_map: bool = False


_NUMBERS = {
    0xCA: ">f", 0xCB: ">d", 0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q",
    0xD0: ">b", 0xD1: ">h", 0xD2: ">i", 0xD3: ">q",
}  # fmt: skip
_LENGTHS = {
    0xC4: ">B",
    0xC5: ">H",
    0xD9: ">B",
    0xDA: ">H",
    0xDC: ">H",
    0xDD: ">I",
    0xDE: ">H",
    0xDF: ">I",
}
_WORDS = {0xC0: "null", 0xC2: "false", 0xC3: "true"}


def control_lines(data: bytes) -> str:
    """A MessagePack message as lines of offset, bytes and meaning."""
    return _render(data, _walk(data, 0, "", 0)[1])


def media_lines(data: bytes, frame: Media) -> str:
    """A media frame as lines: its header field by field, then the beginning of the sound."""
    names = ("kind", "flags", "stream", "seq", "sample")
    widths = (1, 1, 2, 4, 8)
    parts, at = [], 0
    for name, width, value in zip(names, widths, MEDIA_HEADER.unpack_from(data), strict=True):
        parts.append(_Part(at, at + width, f"{name} = {value}"))
        at += width
    shown = min(len(data), at + _SHOWN_PAYLOAD)
    samples = len(frame.payload) // 2
    parts.append(_Part(at, shown, f"{samples} samples of int16, {len(frame.payload)} bytes in all"))
    return _render(data, parts)


def _render(data: bytes, parts: list[_Part]) -> str:
    return "\n".join(line for part in parts for line in _lines(data, part))


def _lines(data: bytes, part: _Part) -> Iterator[str]:
    note = part.note
    for start in range(part.at, part.end, BYTES_PER_LINE):
        shown = data[start : min(part.end, start + BYTES_PER_LINE)].hex(" ")
        yield f"{start:04x}  {shown:<{_HEX_WIDTH}}  {note}".rstrip()
        note = ""


def _walk(data: bytes, at: int, label: str, depth: int) -> tuple[int, list[_Part]]:
    """The parts of the item at `at`; `label` is its key, "\\0" if the key is still to be read."""
    key_at = at
    if label.startswith("\0"):
        key = _head(data, at)
        at, label = key.end, f"{key.note}: "
    head = _head(data, at)
    parts = [_Part(key_at, head.end, "  " * depth + label + head.note)]
    at = head.end
    for _ in range(head.items):
        at, inner = _walk(data, at, "\0" if head.is_map else "", depth + 1)
        parts += inner
    return at, parts


def _head(data: bytes, at: int) -> _Head:
    byte = data[at]
    if byte in _WORDS:
        return _Head(at + 1, _WORDS[byte])
    if byte in _NUMBERS:
        return _number(data, at, _NUMBERS[byte])
    if byte <= 0x7F or byte >= 0xE0:
        return _Head(at + 1, str(struct.unpack_from("b", data, at)[0]))
    if byte <= 0x8F or byte in {0xDE, 0xDF}:
        end, count = _count(data, at, 0x0F)
        return _Head(end, f"map of {count}", count, is_map=True)
    if byte <= 0x9F or byte in {0xDC, 0xDD}:
        end, count = _count(data, at, 0x0F)
        return _Head(end, f"array of {count}", count)
    if byte <= 0xBF or byte in {0xD9, 0xDA}:
        end, count = _count(data, at, 0x1F)
        return _Head(end + count, json.dumps(data[end : end + count].decode()))
    if byte in {0xC4, 0xC5}:
        end, count = _count(data, at, 0)
        return _Head(end + count, f"{count} bytes")
    raise ValueError(f"byte {byte:#x} is not part of a control message")


def _number(data: bytes, at: int, form: str) -> _Head:
    value = struct.unpack_from(form, data, at + 1)[0]
    return _Head(at + 1 + struct.calcsize(form), str(value))


def _count(data: bytes, at: int, mask: int) -> tuple[int, int]:
    """Where the content begins, and its number of items; `mask` is for the one-byte forms."""
    form = _LENGTHS.get(data[at])
    if form is None:
        return at + 1, data[at] & mask
    return at + 1 + struct.calcsize(form), struct.unpack_from(form, data, at + 1)[0]
