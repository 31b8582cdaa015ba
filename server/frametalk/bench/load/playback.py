"""What a player has heard of a reply, by arithmetic: no timer, no thread, no sound."""

from __future__ import annotations

import numpy as np

from frametalk.core.audio import first_audible

US = 1_000_000  # in a second


class Playback:
    """One reply: it plays from the moment when a frame comes until it has none left.

    Times are in microseconds of the client's clock, sounds in samples of the reply's.
    """

    def __init__(self, reply: int, stream: int, rate_hz: int) -> None:
        self.reply, self.stream = reply, stream
        self.received = 0
        self.length: int | None = None  # known with `reply.end`
        self.underruns = 0
        self.arrived_us: int | None = None
        self.audible_us: int | None = None  # when its first audible sample is played
        self._rate_hz = rate_hz
        self._at, self._at_us = 0, 0  # it played this sample at this time
        self._held = False

    def played(self, now_us: int) -> int:
        """All samples before this one have been played."""
        if self._held or self.arrived_us is None:
            return self._at
        run = (now_us - self._at_us) * self._rate_hz // US
        return min(self.received, self._at + run)

    def is_over(self, now_us: int) -> bool:
        """Whether the whole reply was played."""
        return self.length is not None and self.played(now_us) >= self.length

    def frame(self, payload: bytes, now_us: int) -> None:
        """More sound came. The last frame has none."""
        if not payload:
            return
        if self.arrived_us is None:
            self.arrived_us = self._at_us = now_us
        elif not self._held and self.played(now_us) == self.received:
            self.underruns += 1
            self._at, self._at_us = self.received, now_us
        if self.audible_us is None:
            audible = first_audible(np.frombuffer(payload, "<i2"))
            if audible is not None:
                ahead = self.received + audible - self._at
                self.audible_us = self._at_us + ahead * US // self._rate_hz
        self.received += len(payload) // 2

    def hold(self, held: bool, now_us: int) -> None:
        """Stand still, or go on."""
        if held != self._held:
            self._at, self._at_us, self._held = self.played(now_us), now_us, held

    def stop(self, now_us: int) -> None:
        """It was cut: no more of it is played."""
        self.received = self.length = self.played(now_us)
