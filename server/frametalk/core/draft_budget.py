"""How many drafts a conversation may discard."""

from __future__ import annotations

from collections import deque

MINUTE_S = 60.0


class DraftBudget:
    """Counts the discarded drafts of one conversation and limits them per turn and per minute."""

    def __init__(self, per_turn: int, per_minute: int) -> None:
        self._per_turn = per_turn
        self._per_minute = per_minute
        self._discarded: deque[tuple[float, int]] = deque(maxlen=per_minute)  # (when, turn)

    def allows(self, turn: int, now_s: float) -> bool:
        """Whether another draft for this turn may be started."""
        recent = sum(now_s - at_s < MINUTE_S for at_s, _turn in self._discarded)
        return recent < self._per_minute and self.discarded_in(turn) < self._per_turn

    def discard(self, turn: int, now_s: float) -> None:
        """Record that a draft for this turn was discarded."""
        self._discarded.append((now_s, turn))

    def discarded_in(self, turn: int) -> int:
        """How many drafts for this turn were discarded."""
        return sum(of_turn == turn for _at_s, of_turn in self._discarded)
