"""A worker: one engine in a child process that is restarted when it dies."""

from __future__ import annotations

import asyncio
import itertools
import logging
import sys
from collections.abc import Callable
from typing import Any

from frametalk.errors import AdapterError, Stage
from frametalk.tasks import Tasks
from frametalk.workers import framing
from frametalk.workers.call import WorkerCall
from frametalk.workers.process import Process

# The first restart is immediate; each further one waits twice as long, until a child has lasted.
FIRST_BACKOFF_S = 0.1
MAX_BACKOFF_S = 5.0
LASTING_S = 10.0

_log = logging.getLogger(__name__)


class Worker:
    """Supervises one child. `target` is "module:Class", built in the child with `options`.

    A call under way when the child dies fails with `worker_lost`; one opened while the next child
    starts waits for it; one opened between two failed starts fails at once.
    """

    def __init__(
        self,
        target: str,
        options: dict[str, Any],
        *,
        name: str,
        ready_timeout_ms: float = 20_000,
        stage: Stage = Stage.SESSION,
    ) -> None:
        self._start = framing.Start(target, options, list(sys.path))
        self._name = name
        self._ready_timeout_ms = ready_timeout_ms
        self._stage = stage
        self._ids = itertools.count(1)
        self._calls: dict[int, WorkerCall] = {}
        self._process: Process | None = None
        self._dying: Process | None = None
        self._ready: asyncio.Future[None] | None = None
        self._backoff_s = 0.0
        self._lost = asyncio.Event()
        self._tasks = Tasks(self._supervision_failed)
        self._restarts = 0

    @property
    def restarts(self) -> int:
        """How often a dead child was replaced."""
        return self._restarts

    @property
    def pid(self) -> int | None:
        """Process id of the child; None when there is none."""
        return None if self._process is None else self._process.pid

    async def start(self) -> None:
        """Start the child and wait until its target is ready. Raises AdapterError; safe twice."""
        if len(self._tasks):
            return
        self._process = self._new_process()
        try:
            await self._launch(self._process)
        except BaseException:
            await self._end_processes()
            raise
        self._tasks.start(self._supervise(), f"worker {self._name}")

    async def close(self) -> None:
        """End the child; calls under way fail with `worker_closed`. Safe twice."""
        await self._tasks.close()
        self._fail_calls("worker_closed", f"{self._name} was closed")
        await self._end_processes()

    def open(self, op: str, args: Any, on_item: Callable[[Any], None] | None = None) -> WorkerCall:
        """Begin a call; never blocks. Failures are told by the call's `result` or iteration."""
        call = WorkerCall(next(self._ids), self._send, on_item)
        if self._process is None:
            call.fail(self._error("worker_lost", f"{self._name} is not running"))
        else:
            self._calls[call.id] = call
            self._send(framing.Open(call.id, op, args))
        return call

    # ---- life of the child -----------------------------------------------------------------------

    def _new_process(self) -> Process:
        """A child that is still to be spawned; what is sent to it waits until then."""
        process = Process(self._on_frame, self._on_lost)
        process.send(self._start)
        return process

    async def _launch(self, process: Process) -> None:
        """Spawn a child and wait until it is ready. Raises AdapterError."""
        self._ready = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(self._ready_timeout_ms / 1000):
                await process.spawn()
                await self._ready
        except TimeoutError:
            raise self._error(
                "worker_not_ready", f"{self._name} was not ready in {self._ready_timeout_ms:.0f} ms"
            ) from None
        except OSError as error:
            raise self._error("worker_failed", f"{self._name} cannot start: {error}") from None
        finally:
            self._ready = None
        process.watch()

    async def _supervise(self) -> None:
        """Replace the child whenever it is lost."""
        loop = asyncio.get_running_loop()
        ready_at = loop.time()
        while True:
            await self._lost.wait()
            await self._end_dying()
            if self._process is None:
                await asyncio.sleep(self._backoff_s)
                self._process = self._new_process()
            lasted_s = loop.time() - ready_at
            self._backoff_s = 0.0 if lasted_s > LASTING_S else self._next_backoff_s()
            self._restarts += 1
            self._lost.clear()
            try:
                await self._launch(self._process)
            except AdapterError as error:
                _log.error("%s", error)
                self._give_up_child("worker_lost", error.text)
            ready_at = loop.time()

    def _next_backoff_s(self) -> float:
        return min(max(FIRST_BACKOFF_S, self._backoff_s * 2), MAX_BACKOFF_S)

    def _give_up_child(self, code: str, text: str) -> None:
        """The child is lost, and its calls with it. The first time another takes its place at once."""
        self._dying, self._process = self._process, None
        self._fail_calls(code, text)
        if not self._backoff_s:
            self._process = self._new_process()
        self._lost.set()

    async def _end_processes(self) -> None:
        await self._end_dying()
        self._dying, self._process = self._process, None
        await self._end_dying()

    async def _end_dying(self) -> None:
        if self._dying is not None:
            await self._dying.close()
            self._dying = None

    def _supervision_failed(self, name: str, error: BaseException) -> None:
        _log.critical("%s is no longer supervised", name, exc_info=error)
        self._fail_calls("worker_lost", f"{self._name} is not running")

    def _on_lost(self, reason: str) -> None:
        if self._ready is not None and not self._ready.done():
            self._ready.set_exception(
                self._error("worker_failed", f"{self._name} {reason} before it was ready")
            )
            return
        _log.warning("worker %s %s", self._name, reason)
        self._give_up_child("worker_lost", f"{self._name} {reason}")

    # ---- calls -----------------------------------------------------------------------------------

    def _send(self, frame: framing.Open | framing.Input | framing.Cancel) -> None:
        """What a call sends. A call whose input cannot be sent fails; a cancelled one is forgotten."""
        if isinstance(frame, framing.Cancel):
            self._calls.pop(frame.id, None)
        if self._process is None:
            return
        try:
            self._process.send(frame)
        except framing.FramingError as error:
            self._give_up_call(frame.id, f"input {error}")

    def _give_up_call(self, call_id: int, why: str) -> None:
        if call := self._calls.pop(call_id, None):
            call.fail(self._error("worker_failed", f"{self._name}: {why}"))
            self._send(framing.Cancel(call_id))

    def _on_item(self, frame: framing.Item, size: int) -> None:
        call = self._calls.get(frame.id)
        try:
            if call is not None and not call.emitted(frame.item, size):
                self._give_up_call(frame.id, "nobody takes its output")
        except Exception:  # noqa: BLE001  (the caller's `on_item`; the other calls share this pipe)
            _log.exception("worker %s: an item's receiver failed", self._name)
            self._give_up_call(frame.id, "the receiver of its items failed")

    def _on_frame(self, frame: framing.ToParent, size: int) -> None:
        if isinstance(frame, framing.Item):
            self._on_item(frame, size)
        elif isinstance(frame, framing.Done):
            if call := self._calls.pop(frame.id, None):
                call.finish(frame.value)
        elif isinstance(frame, framing.Failed):
            if call := self._calls.pop(frame.id, None):
                call.fail(self._error(frame.code, frame.text, frame.remedy))
        elif self._ready is not None and not self._ready.done():
            if isinstance(frame, framing.Ready):
                self._ready.set_result(None)
            elif isinstance(frame, framing.Broken):
                self._ready.set_exception(
                    self._error("worker_failed", f"{self._name} cannot start: {frame.text}")
                )

    def _fail_calls(self, code: str, text: str) -> None:
        calls, self._calls = self._calls, {}
        for call in calls.values():
            call.fail(self._error(code, text))

    def _error(self, code: str, text: str, remedy: str = "") -> AdapterError:
        return AdapterError(code, text, stage=self._stage, remedy=remedy)
