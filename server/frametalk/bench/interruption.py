"""Ctrl-C and SIGTERM while something is measured: the measurement ends, and what it has is kept."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

SAME_S = 1.0  # `timeout` sends its signal to the process and to its group: that is one signal


class Interruption:
    """The first signal, `by`, cancels the task that measures; one a second later ends it at once."""

    def __init__(self) -> None:
        self.by: signal.Signals | None = None
        self._at_s = 0.0
        self._task: asyncio.Task[object] | None = None

    def cancels(self, task: asyncio.Task[object] | None) -> None:
        """This task measures from now on; None: there is nothing to cancel."""
        self._task = task
        if task is not None and self.by is not None:
            task.cancel()

    def signalled(self, number: int, _frame: FrameType | None = None) -> None:
        """The handler of signals. Raises KeyboardInterrupt the second time."""
        now_s = time.monotonic()
        if self.by is not None and now_s - self._at_s < SAME_S:
            return
        first = self.by is None
        self.by, self._at_s = self.by or signal.Signals(number), now_s
        if not first:
            raise KeyboardInterrupt
        if self._task is not None:
            self._task.cancel()
            self._task.get_loop().call_soon_threadsafe(lambda: None)  # a loop that waits sees it


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """Within the context Ctrl-C and SIGTERM are handled.

    A shell has the commands ignore Ctrl-C that a script starts with `&`; that is left as it is.
    """
    interruption = Interruption()
    numbers = [signal.SIGTERM]
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        numbers.append(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread():
        numbers = []  # only the main thread gets signals
    before = [(number, signal.signal(number, interruption.signalled)) for number in numbers]
    try:
        yield interruption
    finally:
        for number, handler in before:
            signal.signal(number, handler)
