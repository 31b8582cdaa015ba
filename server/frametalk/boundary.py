"""Where a session meets what it does not decide: time, its client, engines, the order of events.

A session is made with a `Boundary`. This one lets everything pass. `replay/recorder.py` also writes it
down, `replay/replayer.py` takes it from a recording.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
PEER = -1  # in place of a connection's number: the peer connection


class Boundary:
    """What a session gets from outside, unchanged and unobserved."""

    live = True
    """Whether there are engines and a client behind it."""

    def clock(self, now: Callable[[], float]) -> Callable[[], float]:
        """What the session reads as its clock."""
        return now

    def steps(self, work: Coroutine[Any, Any, T]) -> Coroutine[Any, Any, T]:
        """The work of one task of the session; each of its steps is one decision of the event loop."""
        return work

    def joins(self, task: asyncio.Task[Any]) -> None:
        """A `TaskGroup` of the session waits for this task: when it notices the end is no decision."""

    def event(self, act: Callable[[], None]) -> Callable[[], None]:
        """What the event loop calls later, once: the act of a timer, the end of a task."""
        return act

    def callback(self, act: Callable[..., T]) -> Callable[..., T]:
        """What an engine or a connection calls, any number of times."""
        return act

    def call(self, name: str, act: Callable[[], T], *arguments: Any) -> T:
        """The server calls the session: `name` and `arguments` say what `act` does."""
        return act()

    def value(self, read: Callable[[], T]) -> T:
        """What `read` returns or raises; it is not the session that decides it."""
        return read()

    def decided(self, what: bool) -> bool:
        """A decision by the clock of the processor."""
        return what

    async def answer(self, start: Callable[[], Awaitable[T]]) -> T:
        """What comes of awaiting `start()`, which is not the session's own work."""
        return await start()

    def asked(self, whom: str, *what: Any) -> None:
        """The session asks an engine, or tells its connection something that is not a message."""

    def sent(self, link: int, data: bytes) -> None:
        """The session sends `data` over its connection number `link`."""

    def sent_media(self, link: int, frame: Any) -> None:
        """The session sends a frame of a reply over its connection number `link`, or over PEER."""

    def link(self, link: T) -> T:
        """A connection as the session gets it."""
        return link

    def engines(self, engines: T) -> T:
        """The engines as the session gets them."""
        return engines

    def agreed(self, agrees: bool, subject: str) -> None:
        """The player, `subject` in the token, agrees to a recording of the session, or does not."""

    def stop(self, why: str) -> None:
        """From here on the session depends on what is not seen here."""

    def close(self) -> None:
        """The session has ended."""


OPEN = Boundary()
