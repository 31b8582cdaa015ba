"""Tasks with an owner, a name and an end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from frametalk.boundary import OPEN, Boundary


class Tasks:
    """Owns tasks that start and end while their owner lives; `close` ends them all.

    `on_error` gets the name and the exception of each task that fails, on the event loop; a cancellation is
    not a failure. A session's tasks make their steps at its `boundary`.
    """

    def __init__(
        self, on_error: Callable[[str, BaseException], None], boundary: Boundary = OPEN
    ) -> None:
        self._on_error = on_error
        self._boundary = boundary
        self._tasks: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def start(self, coroutine: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        """Run a coroutine until it ends, is cancelled by the caller, or the owner closes."""
        steps = self._boundary.steps(coroutine)
        task = asyncio.get_running_loop().create_task(steps, name=name)
        self._tasks.add(task)
        failed = self._boundary.event(lambda: self._failed(task))
        task.add_done_callback(lambda ended: self._ended(ended, failed))
        return task

    def fail(self, name: str, error: BaseException) -> None:
        """Something under this name failed that is no task."""
        self._on_error(name, error)

    def _ended(self, task: asyncio.Task[Any], failed: Callable[[], None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            failed()

    def _failed(self, task: asyncio.Task[Any]) -> None:
        error = task.exception()
        assert error is not None  # noqa: S101  (only then it is called)
        self._on_error(task.get_name(), error)

    async def close(self) -> None:
        """Cancel the tasks that are left and wait for them, except the caller's own."""
        own = asyncio.current_task()
        left = [task for task in self._tasks if task is not own and not task.done()]
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)

    async def finish(self, seconds: float) -> None:
        """Let the tasks that are left end by themselves, for so long; then cancel them."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        await self.close()
