"""How long sessions wait for recogniser and voice, which says whether their queues are too long."""

from __future__ import annotations

import statistics
import time
from collections import deque
from collections.abc import Callable

from frametalk.loop_lag import too_much_work

STEPS = ("recognition", "voice_first_sound")  # as `SessionContext.step` names them
SAMPLES = 7  # the newest waits of each; most of them have to be long
MIN_SAMPLES = 4
WINDOW_S = 30.0  # older waits say nothing about now


class EngineWaits:
    """Remembers the newest waits, and refuses new sessions while most are above `limit_ms`; 0: never.

    `now` returns monotonic seconds.
    """

    def __init__(self, limit_ms: float, now: Callable[[], float] = time.monotonic) -> None:
        self._limit_ms = limit_ms
        self._now = now
        self._latest: dict[str, deque[tuple[float, float]]] = {
            name: deque(maxlen=SAMPLES) for name in STEPS
        }

    def observe(self, step: str, seconds: float) -> None:
        """A step of a turn took so long; those that wait for no engine are ignored."""
        if step in self._latest:
            self._latest[step].append((self._now(), seconds * 1000))

    @property
    def medians_ms(self) -> dict[str, float | None]:
        """The median of the newest waits of each step; None where there were too few lately."""
        since_s = self._now() - WINDOW_S
        found = {}
        for step, latest in self._latest.items():
            recent = [ms for at_s, ms in latest if at_s >= since_s]
            found[step] = statistics.median(recent) if len(recent) >= MIN_SAMPLES else None
        return found

    @property
    def wait_ms(self) -> float:
        """The median of the newest waits, of recogniser or voice, whichever is longer."""
        return max(ms or 0.0 for ms in self.medians_ms.values())

    @property
    def is_long(self) -> bool:
        """Whether the server should take no new session."""
        return 0 < self._limit_ms < self.wait_ms

    def check(self) -> None:
        """Raise FrametalkError `server_busy` while the waits are long."""
        if self.is_long:
            raise too_much_work()
