"""An event loop on virtual time: it never waits; when nothing can run, its owner decides."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable
from contextvars import Context
from typing import Any, TypeVarTuple, cast

Ts = TypeVarTuple("Ts")


class _Selector(selectors.DefaultSelector):
    """Never waits."""

    idle: Callable[[float | None], None]

    def select(self, timeout: float | None = None) -> list[Any]:
        """Nothing; if the loop would wait, `idle` is called first."""
        if timeout is None or timeout > 0:
            self.idle(timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """Its time is `now_s`. `idle` gets the seconds to the next timer, or None without a timer.

    A deadline (`asyncio.timeout`) is no timer of this loop: it goes to `deadline`, which decides when it
    is reached. So does the end of a task, which a `TaskGroup` notices: it goes to `group_notices`.
    """

    def __init__(
        self,
        idle: Callable[[float | None], None],
        deadline: Callable[[asyncio.TimerHandle], None] | None = None,
        group_notices: Callable[[Callable[[], None], object], None] | None = None,
    ) -> None:
        selector = _Selector()
        selector.idle = idle
        super().__init__(selector)
        self.now_s = 0.0
        self._deadline = deadline
        self._group_notices = group_notices

    def time(self) -> float:
        """Virtual seconds."""
        return self.now_s

    def call_soon(
        self,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.Handle:
        """As the base class, except for a group that is to notice the end of a task."""
        owner = getattr(callback, "__self__", None)
        if self._group_notices is None or not isinstance(owner, asyncio.TaskGroup):
            return super().call_soon(callback, *args, context=context)

        def notice() -> None:
            callback(*args)

        self._group_notices(notice, cast(tuple[object, ...], args)[0])  # the task
        return asyncio.Handle(notice, (), self)

    def call_at(
        self,
        when: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """As the base class, except for deadlines."""
        owner = getattr(callback, "__self__", None)
        if self._deadline is not None and isinstance(owner, asyncio.Timeout):
            handle = asyncio.TimerHandle(when, callback, args, self, context)
            self._deadline(handle)
            return handle
        return super().call_at(when, callback, *args, context=context)
