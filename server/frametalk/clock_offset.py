"""The offset between two clocks that are not synchronised, from pings."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

DRIFT = 50e-6  # how far two unsynchronised clocks may run apart, as a fraction of the time gone by


class _Exchange(NamedTuple):
    offset_us: float
    uncertainty_us: float
    at_us: int


class ClockOffset:
    """How far the other side's clock is ahead of ours, from pings (NTP's clock filter).

    The true offset lies within `offset_us` +- `uncertainty_us`, because neither way can have taken
    less than nothing. Of the last `window` exchanges the most certain one counts; certainty fades
    with age. A clock that jumps voids what was measured before.
    """

    def __init__(self, window: int = 8) -> None:
        self._exchanges: deque[_Exchange] = deque(maxlen=window)
        self._best: _Exchange | None = None

    def add(self, sent_us: int, received_us: int, replied_us: int, returned_us: int) -> None:
        """One ping: sent and returned on our clock, received and replied on theirs.

        Impossible times (the answer took longer than the round trip) are ignored.
        """
        round_trip_us = (returned_us - sent_us) - (replied_us - received_us)
        if round_trip_us < 0 or replied_us < received_us:
            return
        offset_us = ((received_us - sent_us) + (replied_us - returned_us)) / 2
        fresh = _Exchange(offset_us, round_trip_us / 2, returned_us)
        kept = [old for old in self._exchanges if self._agree(fresh, old)]
        self._exchanges = deque([*kept, fresh], maxlen=self._exchanges.maxlen)
        best = min(self._exchanges, key=lambda one: self._aged(one, returned_us))
        self._best = best._replace(uncertainty_us=self._aged(best, returned_us))

    @staticmethod
    def _aged(exchange: _Exchange, now_us: int) -> float:
        return exchange.uncertainty_us + abs(now_us - exchange.at_us) * DRIFT

    def _agree(self, fresh: _Exchange, old: _Exchange) -> bool:
        reach_us = fresh.uncertainty_us + self._aged(old, fresh.at_us)
        return abs(fresh.offset_us - old.offset_us) <= reach_us + 1

    @property
    def known(self) -> bool:
        """Whether there is an estimate at all."""
        return self._best is not None

    @property
    def offset_us(self) -> float:
        """Their clock minus ours, in microseconds; 0 while unknown."""
        return self._best.offset_us if self._best else 0.0

    @property
    def uncertainty_us(self) -> float:
        """Half the best round trip, in microseconds, plus drift since; infinite while unknown."""
        return self._best.uncertainty_us if self._best else float("inf")
