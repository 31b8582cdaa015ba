"""The signals that stop a server."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import NoReturn


@dataclass(slots=True)
class SecondSignal:
    """What a second signal calls."""

    hurry: Callable[[], None] = lambda: None


@contextmanager
def stop_signals(stop: asyncio.Event) -> Iterator[SecondSignal]:
    """Within the context, SIGTERM and SIGINT set `stop`, and a second one calls the yielded `hurry`."""
    second = SecondSignal()

    def on_signal() -> None:
        if stop.is_set():
            second.hurry()
        stop.set()

    loop = asyncio.get_running_loop()
    numbers = (signal.SIGTERM, signal.SIGINT) if _are_handled() else ()
    before = {number: signal.getsignal(number) for number in numbers}
    for number in numbers:
        loop.add_signal_handler(number, on_signal)
    try:
        yield second
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)  # the loop restores only Python's default


@contextmanager
def exit_at_sigterm() -> Iterator[None]:
    """Within the context, SIGTERM ends the program at once, with status 0: there is nothing to finish yet.

    The first process of a container would ignore it instead. An exception would have to leave a module that
    is being imported, and some modules written in C crash then.
    """
    if not _are_handled():
        yield
        return
    before = signal.signal(signal.SIGTERM, _exit)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _exit(_number: int, _frame: FrameType | None) -> NoReturn:
    os._exit(0)


def _are_handled() -> bool:
    """Only the main thread gets signals; loops on Windows cannot handle them, there Ctrl-C cancels."""
    return threading.current_thread() is threading.main_thread() and hasattr(signal, "SIGUSR1")
