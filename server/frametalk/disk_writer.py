"""Writes to a disk in a thread of its own: the event loop never waits for it."""

from __future__ import annotations

import contextvars
import logging
import threading
from collections import deque
from collections.abc import Callable
from functools import partial

log = logging.getLogger(__name__)

IDLE_S = 5.0  # after which the thread ends


class DiskWriter:
    """Does one piece of work after another in a thread, which runs while there is something to do.

    `name` is the thread's. At most `max_waiting` pieces wait.
    """

    def __init__(self, name: str, max_waiting: int) -> None:
        self._name = name
        self._max_waiting = max_waiting
        self._waiting: deque[Callable[[], None]] = deque()
        self._works = False  # on a piece that waits no more
        self._thread: threading.Thread | None = None
        self._changed = threading.Condition()

    def do(self, work: Callable[[], None], *, always: bool = False) -> bool:
        """Do it soon; False if too much waits already, unless it has to be done `always`.

        What `work` logs belongs to the caller's session.
        """
        with self._changed:
            if len(self._waiting) >= self._max_waiting and not always:
                return False
            self._waiting.append(partial(contextvars.copy_context().run, work))
            if self._thread is None:
                thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                thread.start()
                self._thread = thread
            self._changed.notify_all()
        return True

    def flush(self, limit_s: float | None = None) -> bool:
        """Wait until all is done, or for so long; whether it is."""
        with self._changed:
            done = self._changed.wait_for(lambda: not (self._waiting or self._works), limit_s)
            left = len(self._waiting) + self._works
        if not done:
            log.error("%s: the disk is late; pieces that still wait: %d", self._name, left)
        return done

    def _run(self) -> None:
        while (work := self._next()) is not None:
            try:
                work()
            except Exception:
                log.exception("%s: a write failed", self._name)

    def _next(self) -> Callable[[], None] | None:
        """The next piece, once there is one; None if there was none for so long that the thread ends."""
        with self._changed:
            self._works = False
            self._changed.notify_all()
            if not self._changed.wait_for(lambda: self._waiting, IDLE_S):
                self._thread = None
                return None
            self._works = True
            return self._waiting.popleft()
