"""The only clock that the headless client reads; tests replace it with virtual time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


class Clock:
    """Monotonic seconds. With the event loop's time as `now_s` a client runs on virtual time."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self.now_s = now_s

    def now_us(self) -> int:
        """What the wire calls `t_us`."""
        return us(self.now_s())

    async def until(self, at_s: float) -> None:
        """Sleep until `at_s`; yield once if that has passed."""
        await asyncio.sleep(max(0.0, at_s - self.now_s()))


def us(at_s: float) -> int:
    """Whole microseconds, as the wire counts."""
    return round(at_s * 1e6)
