"""What happened to one player, in order; steps of a scenario wait on it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from frametalk.headless.clock import Clock

Kind = Literal["message", "reply", "call", "world", "resumed", "closed"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LogEntry:
    """Something that happened. `item`: the message, reply, call, patch, Resumed or LinkClosed."""

    at_s: float
    kind: Kind
    item: Any


class Log:
    """The entries in order; `watch` is called with each."""

    def __init__(self, clock: Clock, watch: Callable[[LogEntry], None]) -> None:
        self.entries: list[LogEntry] = []
        self._clock = clock
        self._watch = watch
        self._changed = asyncio.Event()

    def add(self, kind: Kind, item: Any) -> None:
        """Record that something happened now."""
        entry = LogEntry(self._clock.now_s(), kind, item)
        self.entries.append(entry)
        self._watch(entry)
        self._changed.set()

    async def wait_for(self, look: Callable[[], T | None], until_s: float) -> T | None:
        """What `look` returns once it is not None, called again after each entry; None at `until_s`."""
        while True:
            self._changed.clear()
            found = look()
            if found is not None:
                return found
            wait_s = until_s - self._clock.now_s()
            if wait_s <= 0:
                return None
            try:
                async with asyncio.timeout(wait_s):
                    await self._changed.wait()
            except TimeoutError:
                return look()
