"""Runs several clauses on a few threads, step by step, so that none waits for a long one."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Iterator

# A session synthesises one clause at a time, so this is more sessions than a machine can serve.
MAX_JOBS = 256


class Steps:
    """Runs jobs step by step. After each step a job yields how many seconds of sound it has made.

    The job whose sound would run out first goes first, if playback began when the job was added. A job
    must not raise.
    """

    def __init__(self, threads: int) -> None:
        self._due: list[tuple[float, int, float, Iterator[float]]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._jobs = 0
        for index in range(threads):
            threading.Thread(target=self._run, name=f"steps {index}", daemon=True).start()

    def add(self, job: Iterator[float]) -> bool:
        """Add a job; False when there are too many."""
        with self._changed:
            if self._jobs >= MAX_JOBS:
                return False
            self._jobs += 1
            self._put(time.monotonic(), 0.0, job)
            return True

    def _put(self, added: float, made_s: float, job: Iterator[float]) -> None:
        heapq.heappush(self._due, (added + made_s, next(self._order), added, job))
        self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._due:
                    self._changed.wait()
                _due, _order, added, job = heapq.heappop(self._due)
            made_s = next(job, None)
            with self._changed:
                if made_s is None:
                    self._jobs -= 1
                else:
                    self._put(added, made_s, job)
