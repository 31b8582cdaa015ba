"""Progress lines of long measurements, and what is kept of one that ends early."""

from __future__ import annotations

import sys
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

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


class SoFar:
    """Makes the report of what a suite has measured up to now; None before the suite says how."""

    def __init__(self) -> None:
        self.report: Callable[[], Any] | None = None


_SO_FAR: ContextVar[SoFar | None] = ContextVar("so_far", default=None)


def watch() -> SoFar:
    """Begin a measurement in this task: what `keep` says in it is found here."""
    made = SoFar()
    _SO_FAR.set(made)
    return made


def keep(report: Callable[[], Any]) -> None:
    """Say how to make the report of what is measured up to now; it is called at Ctrl-C, SIGTERM
    or a failure.

    The report must be of the same type as that of the whole suite.
    """
    so_far = _SO_FAR.get()
    if so_far is not None:
        so_far.report = report
