"""Several clauses on few threads, a step of one and then of another: nobody waits for a long one."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Iterator

# A session has one clause in the making, so more than this is more sessions than a machine serves.
MOST_JOBS = 256


class Steps:
    """Runs jobs step by step. A job yields, after each step, how many seconds of sound it has made.

    Whose sound would run out first goes first: a job that has made none, then the one that has the
    least ahead of an ear that listens since the job was added. A job must not raise.
    """

    def __init__(self, threads: int) -> None:
        self._due: list[tuple[float, int, float, Iterator[float]]] = []
        self._order = itertools.count()
        self._news = threading.Condition()
        self._jobs = 0
        for index in range(threads):
            threading.Thread(target=self._run, name=f"steps {index}", daemon=True).start()

    def add(self, job: Iterator[float]) -> bool:
        """Take a job; False when there are too many already."""
        with self._news:
            if self._jobs >= MOST_JOBS:
                return False
            self._jobs += 1
            self._put(time.monotonic(), 0.0, job)
            return True

    def _put(self, added: float, made_s: float, job: Iterator[float]) -> None:
        heapq.heappush(self._due, (added + made_s, next(self._order), added, job))
        self._news.notify()

    def _run(self) -> None:
        while True:
            with self._news:
                while not self._due:
                    self._news.wait()
                _due, _order, added, job = heapq.heappop(self._due)
            made_s = next(job, None)
            with self._news:
                if made_s is None:
                    self._jobs -= 1
                else:
                    self._put(added, made_s, job)
