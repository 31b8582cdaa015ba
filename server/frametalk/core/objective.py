"""A latency objective: which measures are taken when turns are answered too late."""

from __future__ import annotations

from collections import deque
from typing import Literal, NamedTuple, get_args

Measure = Literal["short_clause", "filler", "fast_voice", "quick_mind", "no_drafts"]
MEASURES: tuple[Measure, ...] = get_args(Measure)

TURNS = 20  # whose 95th percentile counts: the second slowest of them
TOO_LATE = 2
ROOM_TURNS = 10  # in a row that were fast enough to do without the newest measure
ROOM = 0.8  # of the objective
LONGEST_ROOM_TURNS = 80


class Change(NamedTuple):
    """A measure that is taken from now on, or not any more."""

    measure: Measure
    taken: bool


class LatencyObjective:
    """Follows the turns of one session. `objective_ms` 0: there is no objective, and no measure is taken.

    The objective is missed when the 95th percentile of the last 20 turns is above it. Then the next of
    `measures` is taken, and turns are counted anew. A measure that had to be taken again after it was given
    up is given up later each time.
    """

    def __init__(self, objective_ms: float, measures: tuple[Measure, ...]) -> None:
        self._objective_ms = objective_ms
        self._measures = measures
        self._count = 0  # of measures that are taken
        self._late: deque[bool] = deque(maxlen=TURNS)
        self._quick = 0  # turns in a row that leave room
        self._room_turns = dict.fromkeys(measures, ROOM_TURNS)

    @property
    def taken(self) -> tuple[Measure, ...]:
        """The measures that are taken now."""
        return self._measures[: self._count]

    def takes(self, measure: Measure) -> bool:
        """Whether this measure is taken now."""
        return measure in self.taken

    def answered(self, mouth_to_ear_ms: float) -> Change | None:
        """A turn was answered; what is different from now on."""
        if not self._objective_ms:
            return None
        self._late.append(mouth_to_ear_ms > self._objective_ms)
        self._quick = self._quick + 1 if mouth_to_ear_ms <= ROOM * self._objective_ms else 0
        if sum(self._late) >= TOO_LATE and self._count < len(self._measures):
            self._count += 1
            return self._changed(self.taken[-1], taken=True)
        if self._count and self._quick >= self._room_turns[self.taken[-1]]:
            given_up = self.taken[-1]
            self._count -= 1
            self._room_turns[given_up] = min(self._room_turns[given_up] * 2, LONGEST_ROOM_TURNS)
            return self._changed(given_up, taken=False)
        return None

    def _changed(self, measure: Measure, *, taken: bool) -> Change:
        self._late.clear()
        self._quick = 0
        return Change(measure, taken)
