"""Packets queued on a link: in one order, bounded, and media can be flushed."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

MAX_PACKETS = 1024  # 20 s of 20 ms frames; a healthy link holds a handful
MAX_BYTES = 1024 * 1024

MAX_ERRORS = 64
ERROR_WINDOW_S = 1.0


class Packet(NamedTuple):
    """One encoded message. `stream` is the media's stream, None for control; `text`: it is JSON."""

    data: bytes
    text: bool = False
    stream: int | None = None


class Outbox:
    """First in, first out, for control and media together.

    One order is what the wire requires: marks leave before their sound, `reply.end` after the last
    frame. A `reply.cut` overtakes the sound that it voids because `flush` removes that sound first.
    """

    def __init__(self, max_packets: int = MAX_PACKETS, max_bytes: int = MAX_BYTES) -> None:
        self._packets: deque[Packet] = deque()
        self._max_packets = max_packets
        self._max_bytes = max_bytes
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._packets)

    @property
    def bytes_waiting(self) -> int:
        """Bytes of all queued packets."""
        return self._bytes

    def put(self, packet: Packet) -> bool:
        """Add at the end; False if that would exceed a bound."""
        waiting = self._bytes + len(packet.data)
        if len(self._packets) >= self._max_packets or waiting > self._max_bytes:
            return False
        self._packets.append(packet)
        self._bytes = waiting
        return True

    def pop(self) -> Packet | None:
        """Remove and return the oldest; None if the queue is empty."""
        if not self._packets:
            return None
        packet = self._packets.popleft()
        self._bytes -= len(packet.data)
        return packet

    def flush(self, stream: int) -> None:
        """Discard the media of `stream`."""
        self._packets = deque(packet for packet in self._packets if packet.stream != stream)
        self._bytes = sum(len(packet.data) for packet in self._packets)

    def clear(self) -> None:
        """Discard everything."""
        self._packets.clear()
        self._bytes = 0


class ErrorBudget:
    """At most 64 error messages within a second, so that a flood of bad input is not amplified."""

    def __init__(self) -> None:
        self._sent_s: deque[float] = deque(maxlen=MAX_ERRORS)

    def allows(self, now_s: float) -> bool:
        """Whether one more error may be sent at `now_s`; counts it if so."""
        full = len(self._sent_s) == MAX_ERRORS
        if full and now_s - self._sent_s[0] < ERROR_WINDOW_S:
            return False
        self._sent_s.append(now_s)
        return True
