"""The signals that stop a server."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def stop_signals(stop: asyncio.Event, hurry: Callable[[], None]) -> Iterator[None]:
    """Within the context, SIGTERM and SIGINT set `stop`, and a second one calls `hurry`."""

    def on_signal() -> None:
        if stop.is_set():
            hurry()
        stop.set()

    loop = asyncio.get_running_loop()
    # Only the main thread gets signals; loops on Windows cannot handle them, there Ctrl-C cancels.
    handled = threading.current_thread() is threading.main_thread() and hasattr(signal, "SIGUSR1")
    numbers = (signal.SIGTERM, signal.SIGINT) if handled else ()
    before = {number: signal.getsignal(number) for number in numbers}
    for number in numbers:
        loop.add_signal_handler(number, on_signal)
    try:
        yield
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)  # the loop restores only Python's default
