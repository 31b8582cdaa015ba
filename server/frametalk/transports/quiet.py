"""Notices that nothing comes from the other side any more, long before its connection ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class QuietWatch:
    """Calls `changed(True)` when nothing was heard for `quiet_s`, and `changed(False)` once something is.

    It has one timer, which runs out at most twice in that time.
    """

    def __init__(self, quiet_s: float, changed: Callable[[bool], None]) -> None:
        self._quiet_s = quiet_s
        self._changed = changed
        self._loop = asyncio.get_running_loop()
        self._heard_s = self._loop.time()
        self._is_quiet = False
        self._timer: asyncio.TimerHandle | None = self._loop.call_later(quiet_s, self._look)

    def heard(self) -> None:
        """Something came."""
        self._heard_s = self._loop.time()
        if self._is_quiet:
            self._is_quiet = False
            self._timer = self._loop.call_later(self._quiet_s, self._look)
            self._changed(False)

    def close(self) -> None:
        """Watch no longer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        left_s = self._heard_s + self._quiet_s - self._loop.time()
        if left_s > 0:
            self._timer = self._loop.call_later(left_s, self._look)
            return
        self._timer, self._is_quiet = None, True
        self._changed(True)
