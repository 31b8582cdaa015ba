"""Redundant audio (RFC 2198): packets of a track that carry the packets before them once more."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

BEFORE = 2  # packets that are sent again with each one: three in a row must be lost
MORE, TYPE = 0x80, 0x7F  # bits of a block's first byte
MAX_OFFSET, MAX_BYTES = (1 << 14) - 1, (1 << 10) - 1  # of a block that is sent again
HEADER_BYTES = 4  # of such a block
SEEN = 64  # numbers that are remembered


class Block(NamedTuple):
    """One packet's content. `offset`: how much earlier its time is than that of the packet it came in."""

    offset: int
    payload: bytes


def packed(payload_type: int, before: list[Block], payload: bytes) -> bytes:
    """A packet of `payload` that carries those `before` it again, oldest first."""
    headers = b"".join(
        ((MORE | payload_type) << 24 | block.offset << 10 | len(block.payload)).to_bytes(
            HEADER_BYTES, "big"
        )
        for block in before
    )
    contents = b"".join(block.payload for block in before)
    return headers + bytes([payload_type]) + contents + payload


def unpacked(payload: bytes) -> list[Block]:
    """The blocks of a packet, oldest first; the last one is its own. Raises ValueError."""
    at, lengths = 0, []
    while at < len(payload) and payload[at] & MORE:
        header = int.from_bytes(payload[at : at + HEADER_BYTES], "big")
        lengths.append((header >> 10 & MAX_OFFSET, header & MAX_BYTES))
        at += HEADER_BYTES
    at += 1
    if at + sum(length for _offset, length in lengths) > len(payload):
        raise ValueError("the packet is shorter than its blocks")
    blocks = []
    for offset, length in lengths:
        blocks.append(Block(offset, payload[at : at + length]))
        at += length
    return [*blocks, Block(0, payload[at:])]


class Packer:
    """Makes the packets of one track. `payload_type`: of what they contain."""

    def __init__(self, payload_type: int) -> None:
        self._payload_type = payload_type
        self._before: deque[tuple[int, bytes]] = deque(maxlen=BEFORE)

    def pack(self, time: int, payload: bytes) -> bytes:
        """The packet for this content, whose time is `time` on the track's clock."""
        before = [
            Block(time - then, content)
            for then, content in self._before
            if 0 < time - then <= MAX_OFFSET and len(content) <= MAX_BYTES
        ]
        self._before.append((time, payload))
        return packed(self._payload_type, before, payload)


class Unpacker:
    """Hands on each packet of a track once: its number (16 bits), its time (32 bits) and its content.

    What is broken is handed on as it is: the decoder refuses it.
    """

    def __init__(self, take: Callable[[int, int, bytes], None]) -> None:
        self._take = take
        self._seen: deque[int] = deque(maxlen=SEEN)

    def packet(self, number: int, time: int, payload: bytes) -> None:
        """A packet as it comes; those that it carries again have the numbers before its own."""
        try:
            blocks = unpacked(payload)
        except ValueError:
            blocks = [Block(0, payload)]
        for back, block in zip(range(len(blocks) - 1, -1, -1), blocks, strict=True):
            of_block = (number - back) % 2**16
            if of_block not in self._seen and (block.payload or not back):
                self._seen.append(of_block)
                self._take(of_block, (time - block.offset) % 2**32, block.payload)
