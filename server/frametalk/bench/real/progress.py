"""Progress lines of long measurements."""

from __future__ import annotations

import sys
import time

EVERY_S = 5.0


class Progress:
    """Prints how much is done, every few seconds and at the end."""

    def __init__(self, what: str, total: int) -> None:
        self._what, self._total = what, total
        self._done = 0
        self._next_s = time.monotonic() + EVERY_S

    def step(self) -> None:
        """One more is done."""
        self._done += 1
        if self._done == self._total or time.monotonic() >= self._next_s:
            print(f"  {self._what}: {self._done} of {self._total}", file=sys.stderr, flush=True)
            self._next_s = time.monotonic() + EVERY_S
