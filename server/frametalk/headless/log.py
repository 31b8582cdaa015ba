"""What happened to one player, in order, for scenario steps to wait for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from frametalk.headless.clock import Clock

Kind = Literal["message", "reply", "call", "world", "closed"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Happening:
    """`what` is the server's message, the reply, the call, or the text of what happened."""

    at_s: float
    kind: Kind
    what: Any


class Log:
    """Happenings in order; `watch` is called with each."""

    def __init__(self, clock: Clock, watch: Callable[[Happening], None]) -> None:
        self.happenings: list[Happening] = []
        self._clock = clock
        self._watch = watch
        self._changed = asyncio.Event()

    def add(self, kind: Kind, what: Any) -> None:
        """Something happened now."""
        happening = Happening(self._clock.now_s(), kind, what)
        self.happenings.append(happening)
        self._watch(happening)
        self._changed.set()

    async def wait_for(self, look: Callable[[], T | None], until_s: float) -> T | None:
        """The first thing that `look` finds, looking again whenever something happened; None at the end."""
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
