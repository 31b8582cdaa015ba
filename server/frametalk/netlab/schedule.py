"""When packets arrive that are sent through a network: pure, repeatable, time is an argument.

All times are seconds on any clock that does not run backwards; sizes are bytes.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import deque
from dataclasses import dataclass

from frametalk.netlab.profile import Conditions

SEGMENT_BYTES = 1_448  # of TCP over Ethernet
WANDER_S = 0.1  # the delay moves to another random value in this time
FIRST_RETRANSMISSION_S = 0.2  # the least, as on Linux (RFC 6298 says 1 s)
MOST_RETRANSMISSIONS = 6  # so that a loss of 100 % ends
DUPLICATE_WITHIN_S = 0.01


@dataclass(slots=True)
class Counts:
    """What has happened in one direction."""

    packets: int = 0
    bytes: int = 0
    lost: int = 0
    dropped: int = 0  # at the bound of the queue
    reordered: int = 0
    duplicated: int = 0
    stalls: int = 0


class Stalls:
    """The times at which nothing moves."""

    def __init__(self, conditions: Conditions, seed: str) -> None:
        self._every_s = conditions.stall_every_s
        self._length_s = conditions.stall_ms / 1000
        self._dice = random.Random(seed)  # noqa: S311  (a repeatable network, not a secret)
        self._begins_s: list[float] = []

    def end_s(self, at_s: float) -> float:
        """`at_s`, or the end of the stall in which it lies."""
        begun = self.begun(at_s)
        return max(at_s, self._begins_s[begun - 1] + self._length_s) if begun else at_s

    def begun(self, at_s: float) -> int:
        """How many stalls have begun by then."""
        if not self._every_s:
            return 0
        if not self._begins_s:
            self._begins_s.append(at_s + self._dice.expovariate(1 / self._every_s))
        while self._begins_s[-1] <= at_s:
            free_s = self._dice.expovariate(1 / self._every_s)
            self._begins_s.append(self._begins_s[-1] + self._length_s + free_s)
        return bisect_right(self._begins_s, at_s)


class _Wander:
    """A delay that moves between random values, so that packets close in time are treated alike."""

    def __init__(self, conditions: Conditions, seed: str) -> None:
        self._delay_s = conditions.delay_ms / 1000
        self._jitter_s = conditions.jitter_ms / 1000
        self._seed = seed

    def delay_s(self, at_s: float) -> float:
        """The delay at a time."""
        if not self._jitter_s:
            return self._delay_s
        step, part = divmod(at_s / WANDER_S, 1)
        before, after = self._value(int(step)), self._value(int(step) + 1)
        return self._delay_s + self._jitter_s * (before + (after - before) * part)

    def _value(self, step: int) -> float:
        return random.Random(f"{self._seed} {step}").uniform(-1, 1)  # noqa: S311  (as above)


class _Path:
    """What datagrams and streams share: the queue before the rate limit, stalls, and the delay."""

    def __init__(self, conditions: Conditions, seed: str, stalls: Stalls | None = None) -> None:
        self.counts = Counts()
        self._conditions = conditions
        self._dice = random.Random(seed)  # noqa: S311  (as above)
        self._stalls = stalls or Stalls(conditions, f"{seed} stalls")
        self._wander = _Wander(conditions, f"{seed} delay")
        self._began_s: float | None = None
        self._free_s = 0.0  # when the link has sent what is queued
        self._queue: deque[tuple[float, int]] = deque()  # (when it has left, bytes)
        self._queued_bytes = 0
        self._last_s = 0.0  # the newest arrival

    def queued_bytes(self, now_s: float) -> int:
        """What waits for the link."""
        while self._queue and self._queue[0][0] <= now_s:
            self._queued_bytes -= self._queue.popleft()[1]
        return self._queued_bytes

    def _leave_s(self, now_s: float, size: int) -> float:
        """When the link has sent a packet that is queued now."""
        rate = self._conditions.rate_kbit * 125  # bytes per second
        start_s = self._stalls.end_s(max(now_s, self._free_s))
        self.counts.stalls = self._stalls.begun(start_s)
        self._free_s = start_s + (size / rate if rate else 0.0)
        self._queue.append((self._free_s, size))
        self._queued_bytes += size
        return self._free_s

    def _arrive_s(self, left_s: float) -> float:
        if self._began_s is None:
            self._began_s = left_s
        return left_s + self._wander.delay_s(left_s - self._began_s)

    def _is(self, share: float) -> bool:
        return share > 0 and self._dice.random() < share


class DatagramPath(_Path):
    """One direction for datagrams. They stay in order unless the conditions reorder them."""

    def send(self, now_s: float, size: int) -> tuple[float, ...]:
        """The times at which a datagram arrives: none when it is lost, two when it is duplicated."""
        self.counts.packets += 1
        self.counts.bytes += size
        if self.queued_bytes(now_s) + size > self._conditions.queue_bytes:
            self.counts.dropped += 1
            return ()
        arrive_s = max(self._arrive_s(self._leave_s(now_s, size)), self._last_s)
        if self._is(self._conditions.loss):
            self.counts.lost += 1
            return ()
        if self._is(self._conditions.reorder):
            self.counts.reordered += 1
            arrive_s += self._conditions.reorder_ms / 1000
        else:
            self._last_s = arrive_s
        if self._is(self._conditions.duplicate):
            self.counts.duplicated += 1
            return arrive_s, arrive_s + self._dice.uniform(0, DUPLICATE_WITHIN_S)
        return (arrive_s,)


class StreamPath(_Path):
    """One direction of a TCP connection: nothing is lost and all stays in order, but it comes late."""

    def send(self, now_s: float, size: int) -> float:
        """The time at which these bytes have arrived, all of them."""
        self.counts.bytes += size
        for at in range(0, size, SEGMENT_BYTES):
            self._last_s = max(self._last_s, self._segment_s(now_s, min(SEGMENT_BYTES, size - at)))
        return self._last_s

    def room_s(self, now_s: float) -> float:
        """The time at which the queue has room: a sender waits so long."""
        over = self.queued_bytes(now_s) - self._conditions.queue_bytes
        for left_s, size in self._queue:
            if over < 0:
                break
            over -= size
            now_s = max(now_s, left_s)
        return now_s

    def _segment_s(self, now_s: float, size: int) -> float:
        self.counts.packets += 1
        left_s = self._leave_s(now_s, size)
        # Two ways and a little: before that, the sender cannot know that nothing came.
        again_s = FIRST_RETRANSMISSION_S + 2 * self._conditions.delay_ms / 1000
        for _ in range(MOST_RETRANSMISSIONS):
            if not self._is(self._conditions.loss):
                break
            self.counts.lost += 1
            left_s += again_s
            again_s *= 2
        return self._arrive_s(left_s)
