"""Frames between parent and child: MessagePack over the child's pipes.

Each frame begins with a fixed word, so that other bytes on the pipe are detected at once and not after a
long wait for a frame of a wrong length.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import msgspec

MAX_FRAME_BYTES = 16 * 1024 * 1024
_MAGIC = 0xF7A3_1DC5
_HEAD = struct.Struct("<II")  # the fixed word, the length of the frame


class FramingError(ValueError):
    """Bytes on a pipe that are not a frame; the stream cannot be resynchronised."""


class _Frame(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """A frame; encoded as an array that begins with the name of its class."""


class Start(_Frame, frozen=True):
    """The first frame to a child: the target, Python's path, and the memory limit.

    Beyond `memory_bytes` of private memory (0: no limit) allocations fail.
    """

    target: str
    options: dict[str, Any]
    path: list[str]
    memory_bytes: int = 0


class Open(_Frame, frozen=True):
    """A call begins. The parent chooses ids and never uses one twice."""

    id: int
    op: str
    args: Any


class Input(_Frame, frozen=True):
    """Further input for a call."""

    id: int
    item: Any


class Cancel(_Frame, frozen=True):
    """The parent cancels a call."""

    id: int


class Ping(_Frame, frozen=True):
    """Asks the child for a `Pong`."""


class Ready(_Frame, frozen=True):
    """The target is built; the child accepts calls."""


class Broken(_Frame, frozen=True):
    """The target could not be built; the child ends."""

    text: str


class Item(_Frame, frozen=True):
    """A call emitted something."""

    id: int
    item: Any


class Done(_Frame, frozen=True):
    """A call has succeeded."""

    id: int
    value: Any


class Failed(_Frame, frozen=True):
    """A call has failed."""

    id: int
    code: str
    text: str
    remedy: str


class Pong(_Frame, frozen=True):
    """The child is alive."""


ToChild = Start | Open | Input | Cancel | Ping
ToParent = Ready | Broken | Item | Done | Failed | Pong

_encoder = msgspec.msgpack.Encoder()


def encode(frame: ToChild | ToParent) -> bytes:
    """The encoded frame with its head (two u32, little-endian). Raises FramingError."""
    try:
        body = _encoder.encode(frame)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise FramingError(f"cannot be sent to another process: {error}") from None
    if len(body) > MAX_FRAME_BYTES:
        raise FramingError(f"a frame of {len(body)} bytes exceeds {MAX_FRAME_BYTES}")
    return _HEAD.pack(_MAGIC, len(body)) + body


class Frames:
    """Decodes the byte stream of one direction."""

    def __init__(self, kind: Any) -> None:
        self._decoder = msgspec.msgpack.Decoder(kind)
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[Any, int]]:
        """Yield (frame, size in bytes) for each complete frame. Raises FramingError for other bytes."""
        self._buffer += data
        while len(self._buffer) >= _HEAD.size:
            magic, length = _HEAD.unpack_from(self._buffer)
            if magic != _MAGIC:
                raise FramingError(f"a frame does not begin with {bytes(self._buffer[:8])!r}")
            if length > MAX_FRAME_BYTES:
                raise FramingError(f"a frame claims {length} bytes")
            end = _HEAD.size + length
            if len(self._buffer) < end:
                return
            body = bytes(self._buffer[_HEAD.size : end])
            del self._buffer[:end]
            try:
                frame = self._decoder.decode(body)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                raise FramingError(f"not a frame: {error}") from None
            yield frame, end
