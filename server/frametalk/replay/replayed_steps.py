"""Tasks of a session that runs again: each step waits for its turn in the recording."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Protocol

from frametalk.replay.entries import Kind
from frametalk.replay.loop import VirtualLoop


class Over(BaseException):
    """The replay has ended; what is left of the session ends too."""


class Order(Protocol):
    """Knows which entry comes next."""

    loop: VirtualLoop
    finished: asyncio.Future[None]
    current: object | None
    waiting: dict[int, ReplayedSteps]

    def next_entry(self) -> Any: ...

    def take(self) -> Any: ...

    def go_on(self) -> None: ...


class ReplayedSteps(Coroutine[Any, Any, Any]):
    """A coroutine whose steps wait for their turn in the recording."""

    def __init__(self, replayer: Order, work: Coroutine[Any, Any, Any], number: int) -> None:
        self.number = number
        self._replayer = replayer
        self._work = work
        self._ready: tuple[bool, tuple[Any, ...]] | None = None  # thrown, with what; it may go on
        self._gate: asyncio.Future[None] | None = None
        self._is_outside = False
        self._task: asyncio.Task[Any] | None = None

    # ---- the turn --------------------------------------------------------------------------------

    def may_go(self, entry: Any) -> bool:
        """Whether this entry is its next step, or answers what it waits for."""
        if self._is_outside:
            return entry[0] in {Kind.ANSWER, Kind.FAILED} and (
                entry[0] == Kind.ANSWER or not entry[4] or self._cancelled
            )
        if self._ready is None:
            return False
        return bool(entry[0] == (Kind.THROW if self._ready[0] else Kind.STEP))

    _cancelled = False  # while it waits for an answer

    def cancel(self) -> None:
        """Cancel its task."""
        if self._task is not None:
            self._task.cancel()

    def go(self) -> None:
        """Its turn has come."""
        if self._gate is not None and not self._gate.done():
            self._gate.set_result(None)

    def is_answered(self, entry: Any, *, cancelled: bool) -> bool:
        """Whether this entry answers it; a cancellation counts once it has arrived."""
        self._cancelled = cancelled
        self._is_outside = True
        mine = entry is not None and not isinstance(entry, int) and entry[1] == self.number
        if mine and self.may_go(entry):
            self._is_outside = self._cancelled = False
            return True
        return False

    async def wait_outside(self) -> None:
        """Wait until the recording has an answer, or for a cancellation."""
        self._gate = self._replayer.loop.create_future()
        try:
            await self._gate
        finally:
            self._gate = None

    def _wait(self) -> Any:
        self._gate = self._replayer.loop.create_future()
        return next(self._gate.__await__())

    # ---- as a coroutine --------------------------------------------------------------------------

    def send(self, value: Any) -> Any:
        """One step, or a wait for its turn."""
        if self._task is None:
            self._task = asyncio.current_task()
        if self._is_outside:
            return self._go(False, (value,))
        if self._ready is None:
            self._ready = False, (value,)
        return self._in_turn()

    def throw(self, *error: Any) -> Any:
        """The same, with a cancellation."""
        if self._is_outside:
            return self._go(True, error)
        self._ready = True, error
        return self._in_turn()

    def _in_turn(self) -> Any:
        replayer = self._replayer
        if replayer.finished.done():
            self._work.close()
            raise Over
        entry = replayer.next_entry()
        mine = isinstance(entry, list) and entry[0] <= Kind.THROW and entry[1] == self.number
        if replayer.current is not None or not mine or not self.may_go(entry):
            replayer.waiting[self.number] = self
            return self._wait()
        self._gate = None
        replayer.take()
        assert self._ready is not None  # noqa: S101  (may_go)
        (thrown, what), self._ready = self._ready, None
        replayer.current = self
        return self._go(thrown, what)

    def _go(self, thrown: bool, what: tuple[Any, ...]) -> Any:
        replayer = self._replayer
        try:
            return self._work.throw(*what) if thrown else self._work.send(*what)
        finally:
            if self._is_outside:
                replayer.waiting[self.number] = self
            else:
                replayer.waiting.pop(self.number, None)
            replayer.current = None
            replayer.go_on()

    def close(self) -> None:
        """The task is given up."""
        self._work.close()

    def __await__(self) -> ReplayedSteps:
        return self

    def __iter__(self) -> ReplayedSteps:
        return self

    def __next__(self) -> Any:
        return self.send(None)
