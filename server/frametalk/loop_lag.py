"""How late the event loop is, which says whether the server has more work than it can do."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections import deque
from collections.abc import Callable

from frametalk.errors import FrametalkError, server_busy

EVERY_S = 0.2
SAMPLES = 7  # most of these have to be late: a single stall, however long, is no load
RETRY_AFTER_MS = 5_000.0


def too_much_work() -> FrametalkError:
    """The error for a client that wants a session while there is too much work."""
    return server_busy(
        "the server has too much work for another session",
        f"connect again in {RETRY_AFTER_MS / 1000:.0f} s",
        RETRY_AFTER_MS,
    )


class LoopLag:
    """Measures the loop's lag, and refuses new sessions while it stays above `limit_ms`; 0: never."""

    def __init__(self, limit_ms: float) -> None:
        self._limit_ms = limit_ms
        self._latest = deque([0.0] * SAMPLES, maxlen=SAMPLES)

    def observe(self, lag_ms: float) -> None:
        """A timer was so late."""
        self._latest.append(max(0.0, lag_ms))

    @property
    def lag_ms(self) -> float:
        """The median of the last timers."""
        return statistics.median(self._latest)

    @property
    def is_high(self) -> bool:
        """Whether the server should take no new session."""
        return 0 < self._limit_ms < self.lag_ms

    def check(self) -> None:
        """Raise FrametalkError `server_busy` while the lag is high."""
        if self.is_high:
            raise too_much_work()

    async def run(self, now: Callable[[], float] = time.monotonic) -> None:
        """Measure until cancelled. `now` returns monotonic seconds."""
        while True:
            began_s = now()
            await asyncio.sleep(EVERY_S)
            self.observe((now() - began_s - EVERY_S) * 1000)
