"""What parent and child say to each other: MessagePack over the child's pipes.

Each frame begins with a fixed word, so that bytes of another origin are found out with the first of them,
and not when what they claim to be fails to come.
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
    """Bytes on a pipe that are no frame: the other side is broken and cannot be resumed."""


class _Frame(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """One frame; on the pipe an array that begins with the name of its class."""


class Start(_Frame, frozen=True):
    """First frame to a child: what to build, where Python finds it, and how much memory it may take.

    Beyond `memory_bytes` of private memory (0: any) allocations fail.
    """

    target: str
    options: dict[str, Any]
    path: list[str]
    memory_bytes: int = 0


class Open(_Frame, frozen=True):
    """A call begins. Ids are the parent's and are never used twice."""

    id: int
    op: str
    args: Any


class Input(_Frame, frozen=True):
    """Further input for a call."""

    id: int
    item: Any


class Cancel(_Frame, frozen=True):
    """The call is no longer wanted."""

    id: int


class Ping(_Frame, frozen=True):
    """Are you alive?"""


class Ready(_Frame, frozen=True):
    """The target is built; calls are taken."""


class Broken(_Frame, frozen=True):
    """The target cannot be built; the child ends."""

    text: str


class Item(_Frame, frozen=True):
    """A call emitted something."""

    id: int
    item: Any


class Done(_Frame, frozen=True):
    """A call ended well."""

    id: int
    value: Any


class Failed(_Frame, frozen=True):
    """A call ended badly."""

    id: int
    code: str
    text: str
    remedy: str


class Pong(_Frame, frozen=True):
    """I am alive."""


ToChild = Start | Open | Input | Cancel | Ping
ToParent = Ready | Broken | Item | Done | Failed | Pong

_encoder = msgspec.msgpack.Encoder()


def encode(frame: ToChild | ToParent) -> bytes:
    """Head (two u32, little-endian) and the frame. Raises FramingError when it cannot be sent."""
    try:
        body = _encoder.encode(frame)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise FramingError(f"cannot be sent to another process: {error}") from None
    if len(body) > MAX_FRAME_BYTES:
        raise FramingError(f"a frame of {len(body)} bytes exceeds {MAX_FRAME_BYTES}")
    return _HEAD.pack(_MAGIC, len(body)) + body


class Frames:
    """Cuts one direction's byte stream into frames."""

    def __init__(self, kind: Any) -> None:
        self._decoder = msgspec.msgpack.Decoder(kind)
        self._held = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[Any, int]]:
        """Yield (frame, its size in bytes) for each whole frame. Raises FramingError on garbage."""
        self._held += data
        while len(self._held) >= _HEAD.size:
            magic, length = _HEAD.unpack_from(self._held)
            if magic != _MAGIC:
                raise FramingError(f"no frame begins with {bytes(self._held[:8])!r}")
            if length > MAX_FRAME_BYTES:
                raise FramingError(f"a frame claims {length} bytes")
            end = _HEAD.size + length
            if len(self._held) < end:
                return
            body = bytes(self._held[_HEAD.size : end])
            del self._held[:end]
            try:
                frame = self._decoder.decode(body)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                raise FramingError(f"not a frame: {error}") from None
            yield frame, end
