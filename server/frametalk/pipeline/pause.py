"""The game stands still for a while: its deadlines wait."""

from __future__ import annotations

import asyncio

from frametalk.context import SessionContext
from frametalk.wire.messages import Pause

PAUSED = "paused"


class GamePause:
    """Serves `pause` of one session."""

    def __init__(self, context: SessionContext) -> None:
        self._context = context
        self._ends_s = 0.0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def left_ms(self) -> float:
        """How long the game may still stand; 0 while it goes on."""
        left_s = 0.0 if self._timer is None else self._ends_s - self._context.now()
        return max(0.0, left_s * 1000)

    def set(self, message: Pause) -> None:
        """The game stands still for at most as long as the settings allow, or goes on."""
        self.close()
        longest_ms = self._context.settings.server.pause_ms
        if not message.paused or not longest_ms:
            self._end()
            return
        for_s = min(longest_ms if message.for_ms is None else message.for_ms, longest_ms) / 1000
        self._ends_s = self._context.now() + for_s
        self._context.client_time.stop(PAUSED)
        self._timer = self._context.after(for_s, self._end)

    def _end(self) -> None:
        self._timer = None
        self._context.client_time.go(PAUSED)

    def restore(self, left_ms: float) -> None:
        """The game stands still for so long; 0: it does not."""
        if left_ms:
            self.set(Pause(for_ms=left_ms))

    def close(self) -> None:
        """Stop the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
