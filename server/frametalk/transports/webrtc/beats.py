"""Signs of life of a peer connection, which by itself notices only after half a minute that it has died."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from frametalk.transports.webrtc.names import BEAT_S, CALM_S, SILENT_S

LONGEST_STEP_S = 0.15
GAPS = 20  # two seconds of beats
LONGEST_SILENT_S = 0.6


class Liveness:
    """Whether the other side is there. `now` returns monotonic seconds.

    Where signs come irregularly, it waits longer: 100 ms more than for the latest of the last ones. While
    this side does not run, because its machine is busy, no time passes: it has to be asked, or touched,
    every 100 ms.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._clock = now
        self._read_s = now()
        self._time_s = 0.0
        self._newest_s: float | None = None
        self._gaps_s: deque[float] = deque(maxlen=GAPS)  # between signs
        self._since_s = 0.0  # of the first sign after the last silence
        self._was_silent = False

    def touch(self) -> None:
        """A sign of life."""
        now_s = self._now()
        if self._newest_s is not None and now_s - self._newest_s <= self._limit_s:
            self._gaps_s.append(now_s - self._newest_s)
        else:
            self._was_silent = self._newest_s is not None
            self._since_s = now_s
        self._newest_s = now_s

    def end(self) -> None:
        """There will be no more."""
        self._newest_s = None

    def _now(self) -> float:
        read_s = self._clock()
        self._time_s += min(read_s - self._read_s, LONGEST_STEP_S)
        self._read_s = read_s
        return self._time_s

    @property
    def is_alive(self) -> bool:
        """Whether there was a sign lately."""
        now_s = self._now()
        return self._newest_s is not None and now_s - self._newest_s <= self._limit_s

    @property
    def _limit_s(self) -> float:
        usual_s = max(self._gaps_s, default=0.0) + BEAT_S
        return min(max(SILENT_S, usual_s), LONGEST_SILENT_S)

    @property
    def is_calm(self) -> bool:
        """Whether it may be used: it is alive, and since a silence was so for a while."""
        settled = not self._was_silent or self._now() - self._since_s >= CALM_S
        return self.is_alive and settled


class Pulse:
    """Calls `act` every 100 ms until it is stopped, on the event loop."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._act = act
        self._loop = asyncio.get_running_loop()
        self._due_s = self._loop.time()
        self._handle: asyncio.TimerHandle | None = None
        self._next()

    def stop(self) -> None:
        """Call no more."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _next(self) -> None:
        self._due_s = max(self._due_s + BEAT_S, self._loop.time())
        self._handle = self._loop.call_at(self._due_s, self._beat)

    def _beat(self) -> None:
        self._next()
        self._act()
