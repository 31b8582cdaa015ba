"""How many answers may be made in vain."""

from __future__ import annotations

from collections import deque

MINUTE_S = 60.0


class Waste:
    """Counts the drafts of one conversation, and says when another one is too many.

    A draft is an answer that is made before its turn is over; it is discarded when the player goes on.
    """

    def __init__(self, per_turn: int, per_minute: int) -> None:
        self._per_turn = per_turn
        self._per_minute = per_minute
        self._discarded: deque[tuple[float, int]] = deque(maxlen=per_minute)  # (when, turn)

    def allows(self, turn: int, now_s: float) -> bool:
        """Whether a draft for this turn may be begun."""
        recent = [1 for at_s, _turn in self._discarded if now_s - at_s < MINUTE_S]
        return len(recent) < self._per_minute and self.of(turn) < self._per_turn

    def discarded(self, turn: int, now_s: float) -> None:
        """A draft for this turn was thrown away."""
        self._discarded.append((now_s, turn))

    def of(self, turn: int) -> int:
        """How many drafts of this turn were thrown away."""
        return sum(one == turn for _at_s, one in self._discarded)
