"""WebSocket frames of a client, at the least cost: binary only, masked with zeros, in one piece."""

from __future__ import annotations

import struct
from collections.abc import Iterator

BINARY, CLOSE, PING, PONG = 0x2, 0x8, 0x9, 0xA
_SHORT, _LONG = 126, 127
_MASKED = 0x80
_LEAST = 2  # bytes of the shortest frame


def head(opcode: int, length: int) -> bytes:
    """What comes before a payload of up to 64 KB. The mask of four zeros leaves the payload as it is."""
    if length < _SHORT:
        return struct.pack("!BB4x", 0x80 | opcode, _MASKED | length)
    return struct.pack("!BBH4x", 0x80 | opcode, _MASKED | _SHORT, length)


class Incoming:
    """The server's frames, from whatever pieces the socket brings."""

    def __init__(self) -> None:
        self._data = b""

    def take(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """The opcode and payload of each frame that is complete now."""
        data = self._data + data if self._data else data
        at, end = 0, len(data)
        while end - at >= _LEAST:
            length, begin = data[at + 1], at + 2
            if length == _SHORT:
                begin += 2
                length = int.from_bytes(data[at + 2 : begin], "big")
            elif length == _LONG:
                begin += 8
                length = int.from_bytes(data[at + 2 : begin], "big")
            if end < begin + length:
                break
            yield data[at] & 0xF, data[begin : begin + length]
            at = begin + length
        self._data = data[at:]
