"""A worker: one engine in a child process, which is replaced when it dies."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from frametalk.errors import Stage
from frametalk.tasks import Tasks
from frametalk.workers import framing, memory
from frametalk.workers.call import Rerun, WorkerCall
from frametalk.workers.calls import Calls
from frametalk.workers.process import Loss, Process, StartFailed

# A child that lasted is replaced at once; otherwise the delay doubles with each replacement.
LASTING_S = 1.0
FIRST_BACKOFF_S = 0.1
MAX_BACKOFF_S = 5.0
# Enough for any model that people run beside a game; more is a leak.
MEMORY_MB = 8_192

_log = logging.getLogger(__name__)
_running: weakref.WeakSet[Worker] = weakref.WeakSet()
_recent_calls: deque[CallTime] | None = None


class WorkerState(NamedTuple):
    """A worker's counts, and its present memory."""

    name: str
    restarts: int
    reruns: int
    failed: int
    resident_bytes: int


class CallTime(NamedTuple):
    """A call that has ended: whose child took it, and from when to when, by the monotonic clock."""

    worker: str
    op: str
    pid: int
    began_s: float
    ended_s: float


class Worker:
    """Supervises one child. `target` is "module:Class", built in the child with `options`.

    When the child dies, hangs, is stopped, sends invalid data or takes more than `memory_mb` (0: no limit),
    another replaces it. Calls opened with `rerun` run again there; the others fail with `worker_lost` or
    `worker_memory`. With `spare` a second child is kept ready, for engines that are slow to load; this
    takes their memory twice. A call opened while the next child starts waits for it; between two failed
    starts only calls that may run again wait.
    """

    def __init__(
        self,
        target: str,
        options: dict[str, Any],
        *,
        name: str,
        ready_timeout_ms: float = 20_000,
        stage: Stage = Stage.SESSION,
        memory_mb: float = MEMORY_MB,
        spare: bool = False,
    ) -> None:
        limit_bytes = memory.hard_limit_bytes(memory_mb) if memory_mb else 0
        self._start = framing.Start(target, options, list(sys.path), limit_bytes)
        self._name = name
        self._ready_timeout_ms = ready_timeout_ms
        self._memory_mb = memory_mb
        self._wants_spare = spare
        self._calls = Calls(name, stage)
        self._spare: Process | None = None
        self._dying: list[Process] = []
        self._backoff_s = 0.0
        self._ready_at = 0.0
        self._work_to_do = asyncio.Event()
        self._tasks = Tasks(self._supervision_failed)
        self._restarts = 0

    @property
    def name(self) -> str:
        """The name in logs and metrics."""
        return self._name

    @property
    def pending(self) -> int:
        """How many calls are under way."""
        return len(self._calls)

    @property
    def restarts(self) -> int:
        """How often a child was replaced."""
        return self._restarts

    @property
    def pid(self) -> int | None:
        """Process id of the child; None without one."""
        return None if self._calls.process is None else self._calls.process.pid

    @property
    def ready(self) -> bool:
        """Whether the child's target is built."""
        return self._calls.process is not None and self._calls.process.launched

    @property
    def spare_pid(self) -> int | None:
        """Process id of the spare child; None while it is not ready."""
        return self._spare.pid if self._spare is not None and self._spare.launched else None

    @property
    def state(self) -> WorkerState:
        """Counts since the worker was created."""
        children = (self._calls.process, self._spare)
        resident = sum(child.resident_bytes for child in children if child is not None)
        calls = self._calls
        return WorkerState(self._name, self._restarts, calls.reruns, calls.failed, resident)

    async def start(self) -> None:
        """Start the child and wait until its target is ready. Raises AdapterError; safe twice."""
        if len(self._tasks):
            return
        process = self._calls.process = self._new_process()
        try:
            await process.launch(self._ready_timeout_ms)
        except StartFailed as failed:
            await self._end_processes()
            raise self._calls.error(failed.loss.code, f"{self._name} {failed.loss.why}") from None
        except BaseException:
            await self._end_processes()
            raise
        self._ready_at = asyncio.get_running_loop().time()
        self._calls.accepting = True
        self._work_to_do.set()
        self._tasks.start(self._supervise(), f"worker {self._name}")
        _running.add(self)

    async def close(self) -> None:
        """End the child; calls under way fail with `worker_closed`. Safe twice."""
        _running.discard(self)
        self._calls.accepting = False
        await self._tasks.close()
        self._calls.fail_all(Loss("worker_closed", "was closed"))
        await self._end_processes()

    def open(
        self,
        op: str,
        args: Any,
        on_item: Callable[[Any], None] | None = None,
        *,
        rerun: Rerun = False,
    ) -> WorkerCall:
        """Begin a call. Never blocks; failures are raised by the call's `result` and iteration."""
        call = self._calls.open(op, args, on_item, rerun)
        if _recent_calls is not None:
            call.on_end = partial(self._note, op, time.monotonic())
        return call

    def _note(self, op: str, began_s: float) -> None:
        if _recent_calls is not None:
            times = CallTime(self._name, op, self.pid or 0, began_s, time.monotonic())
            _recent_calls.append(times)

    # ---- life of the children --------------------------------------------------------------------

    def _new_process(self) -> Process:
        """A child that is not spawned yet; frames sent to it wait."""
        return Process(self._start, self._calls.take, self._on_lost, self._memory_mb)

    def _on_lost(self, process: Process, loss: Loss) -> None:
        """A child that was ready is lost. Without a spare, the first replacement is made at once."""
        _log.warning("worker %s %s", self._name, loss.why)
        self._dying.append(process)
        self._work_to_do.set()
        if process is self._spare:
            self._spare = None
            return
        lasted_s = asyncio.get_running_loop().time() - self._ready_at
        lasted = loss.sudden and process.launched and lasted_s > LASTING_S
        self._backoff_s = 0.0 if lasted_s > LASTING_S else self._next_backoff_s()
        successor, self._spare = self._spare, None
        if successor is None and self._backoff_s <= FIRST_BACKOFF_S:
            successor = self._new_process()
        if successor is not None:
            self._restarts += 1
        self._ready_at = asyncio.get_running_loop().time()
        self._calls.move(successor, loss, process.current_call, lasted=lasted)

    async def _supervise(self) -> None:
        """Launch children that are needed, and close lost ones."""
        while True:
            await self._work_to_do.wait()
            self._work_to_do.clear()
            current = self._calls.process
            if current is None:
                await asyncio.sleep(self._backoff_s)
                current = self._new_process()
                self._restarts += 1
                self._calls.adopt(current)
            if not current.launched:
                await self._launch(current)
            elif self._wants_spare and self._spare is None:
                self._spare = self._new_process()
                await self._launch(self._spare)
            await self._end_dying()

    async def _launch(self, process: Process) -> None:
        """Launch a child, the current one or the spare; schedules another try on failure."""
        self._work_to_do.set()  # there may be more to do after it
        try:
            await process.launch(self._ready_timeout_ms)
        except StartFailed as failed:
            _log.error("worker %s %s", self._name, failed.loss.why)
            self._dying.append(process)
            self._backoff_s = self._next_backoff_s()
            if process is self._spare:
                self._spare = None
                await asyncio.sleep(self._backoff_s)
            else:
                # Waiting calls may wait for the next child too, but not for ever.
                self._calls.move(None, Loss("worker_lost", failed.loss.why), 0)
            return
        if process is self._calls.process:
            self._ready_at = asyncio.get_running_loop().time()

    def _next_backoff_s(self) -> float:
        return min(max(FIRST_BACKOFF_S, self._backoff_s * 2), MAX_BACKOFF_S)

    async def _end_processes(self) -> None:
        alive = [child for child in (self._calls.process, self._spare) if child is not None]
        self._dying.extend(alive)
        self._calls.process = self._spare = None
        await self._end_dying()

    async def _end_dying(self) -> None:
        while self._dying:
            await self._dying[-1].close()
            self._dying.pop()

    def _supervision_failed(self, name: str, error: BaseException) -> None:
        _log.critical("%s is no longer supervised", name, exc_info=error)
        self._calls.accepting = False
        self._calls.fail_all(Loss("worker_lost", "is not running"))


def keep_calls(count: int) -> deque[CallTime]:
    """From now on the times of the newest `count` calls of all workers; they stay in what is returned."""
    global _recent_calls  # noqa: PLW0603  (as are the running workers)
    _recent_calls = deque(maxlen=count)
    return _recent_calls


def running() -> list[Worker]:
    """All running workers of this process."""
    return list(_running)


def states() -> Iterator[WorkerState]:
    """States of all running workers of this process."""
    return (worker.state for worker in running())
