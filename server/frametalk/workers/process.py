"""One child process: its pipes and its heartbeat."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable
from typing import Any, NamedTuple, cast

from frametalk.workers import framing, memory, progress

# Between two checks of a child; a stopped child, or one with too much memory, lives that long.
HEARTBEAT_S = 0.2
# A child that has not answered this many heartbeats is hung. Beats are counted, not time, so that a stall
# of the parent's own loop does not kill its children.
MISSED_HEARTBEATS = 5
# The limit for a child that uses a core, such as one that loads a model under the interpreter's lock.
MISSED_WHILE_BUSY = 25
# A child that leaves this much unread is hung or overloaded.
MAX_UNSENT_BYTES = 32 * 1024 * 1024
# How long a child may take to end before it is killed.
GRACE_S = 1.0


class Loss(NamedTuple):
    """Why a child was lost, with the error code of its calls."""

    code: str
    why: str
    sudden: bool = (
        False  # the child ended by itself; other losses are noticed later than they happen
    )


class StartFailed(Exception):  # noqa: N818  (a message between two modules)
    """The child was lost before it was ready."""

    def __init__(self, loss: Loss) -> None:
        super().__init__(loss.why)
        self.loss = loss


class Process(asyncio.SubprocessProtocol):
    """A child from start to end; never restarted.

    `on_frame` gets each frame and its size in bytes. `on_lost` is called once when the child has died or
    is killed; if that is before it was ready, `launch` raises instead. Frames sent before the pipe exists
    wait for it.
    """

    def __init__(
        self,
        start: framing.Start,
        on_frame: Callable[[framing.ToParent, int], None],
        on_lost: Callable[[Process, Loss], None],
        memory_mb: float,
    ) -> None:
        self._on_frame = on_frame
        self._on_lost = on_lost
        self._memory_bytes = round(memory_mb * memory.MIB)
        self._frames = framing.Frames(framing.ToParent)
        self._transport: asyncio.SubprocessTransport | None = None
        self._stdin: asyncio.WriteTransport | None = None
        self._unsent = [framing.encode(start)]
        self._unsent_bytes = len(self._unsent[0])
        self._progress: progress.Progress | None = None
        self._lost = False
        self._input_closed = False
        self._exited = asyncio.Event()
        self._ready: asyncio.Future[None] | None = None
        self._beat: asyncio.TimerHandle | None = None
        self._missed = 0
        self._cpu_ticks = 0
        self.launched = False
        self.resident_bytes = 0

    @property
    def pid(self) -> int | None:
        """The process's id; None before it is spawned."""
        return None if self._transport is None else self._transport.get_pid()

    @property
    def current_call(self) -> int:
        """The call that it handles, or handled when it died; 0 for none or unknown."""
        return 0 if self._progress is None else self._progress.read()[0]

    async def launch(self, timeout_ms: float) -> None:
        """Spawn the child and wait until its target is built. Raises StartFailed."""
        if self._lost:
            raise StartFailed(Loss("worker_failed", "was killed before it was spawned"))
        self._ready = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(timeout_ms / 1000):
                await self._spawn()
                await self._ready
        except TimeoutError:
            raise StartFailed(
                Loss("worker_not_ready", f"was not ready in {timeout_ms:.0f} ms")
            ) from None
        except OSError as error:
            raise StartFailed(Loss("worker_failed", f"cannot start: {error}")) from None
        finally:
            self._ready = None

    async def _spawn(self) -> None:
        shared = progress.new_file() if progress.SHARED else None
        try:
            if shared is not None:
                self._progress = progress.Progress(shared)
            arguments = [] if shared is None else [str(shared)]
            await asyncio.get_running_loop().subprocess_exec(
                lambda: self,
                sys.executable,
                "-m",
                "frametalk.workers.child",
                *arguments,
                stderr=None,  # the server's own
                start_new_session=True,  # a terminal's Ctrl-C must reach only the parent
                pass_fds=() if shared is None else (shared,),
            )
        finally:
            if shared is not None:
                os.close(shared)

    def send(self, frame: framing.ToChild) -> int:
        """Write one frame and return its size. Never blocks; a child that does not read is killed."""
        data = framing.encode(frame)
        if self._lost or self._input_closed:
            return len(data)
        if self._stdin is None:
            self._unsent.append(data)
            self._unsent_bytes += len(data)
            waiting = self._unsent_bytes
        else:
            self._stdin.write(data)
            waiting = self._stdin.get_write_buffer_size()
        if waiting > MAX_UNSENT_BYTES:
            self.kill(Loss("worker_lost", f"does not read: {waiting} bytes wait for it"))
        return len(data)

    def kill(self, loss: Loss) -> None:
        """Kill the child and report the loss, once."""
        if self._transport is not None and not self._exited.is_set():
            with contextlib.suppress(ProcessLookupError):
                self._transport.kill()
        self._lose(loss)

    def _lose(self, loss: Loss) -> None:
        if self._beat is not None:
            self._beat.cancel()
        if self._lost:
            return
        self._lost = True
        if self.launched:
            self._on_lost(self, loss)
        elif self._ready is not None and not self._ready.done():
            self._ready.set_exception(
                StartFailed(Loss("worker_failed", f"{loss.why} before it was ready"))
            )

    async def close(self) -> None:
        """End the child: close its input, then kill it after `GRACE_S`."""
        self._lost = True
        if self._beat is not None:
            self._beat.cancel()
        if self._transport is not None:
            await self._end(self._transport)
        if self._progress is not None:
            self._progress.close()
            self._progress = None

    async def _end(self, transport: asyncio.SubprocessTransport) -> None:
        if self._stdin is not None:
            self._stdin.close()
        try:
            async with asyncio.timeout(GRACE_S):
                await self._exited.wait()
        except TimeoutError:
            self.kill(Loss("worker_lost", "did not end in time"))
            await self._exited.wait()
        transport.close()

    # ---- called by asyncio -----------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.SubprocessTransport", transport)
        self._stdin = cast("asyncio.WriteTransport", self._transport.get_pipe_transport(0))
        if self._lost:  # closed while it was being spawned
            transport.close()
            return
        for data in self._unsent:
            self._stdin.write(data)
        self._unsent.clear()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        try:
            for frame, size in self._frames.feed(data):
                self._missed = 0
                if not self._lost:
                    self._take(frame, size)
        except framing.FramingError as error:
            self.kill(Loss("worker_lost", f"sent invalid data: {error}"))

    def _take(self, frame: framing.ToParent, size: int) -> None:
        if self.launched:
            self._on_frame(frame, size)
        elif self._ready is None or self._ready.done():
            return  # `launch` has ended
        elif isinstance(frame, framing.Ready):
            self.launched = True
            self._missed = 0
            self._schedule_beat()
            self._ready.set_result(None)
        elif isinstance(frame, framing.Broken):
            self._ready.set_exception(
                StartFailed(Loss("worker_failed", f"cannot start: {frame.text}"))
            )

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        """Wait for the exit status, which says more; a signal now could race with it."""
        self._input_closed = self._input_closed or fd == 0

    def process_exited(self) -> None:
        self._exited.set()
        status: Any = None if self._transport is None else self._transport.get_returncode()
        if status == memory.OUT_OF_MEMORY:
            self._lose(Loss("worker_memory", "was refused more memory"))
        else:
            self._lose(Loss("worker_lost", f"ended with status {status}", sudden=True))

    # ---- heartbeat -------------------------------------------------------------------------------

    def _schedule_beat(self) -> None:
        if not self._lost:
            self._beat = asyncio.get_running_loop().call_later(HEARTBEAT_S, self._on_beat)

    def _on_beat(self) -> None:
        status = memory.status_of(self.pid) if self.pid is not None else None
        if status is not None:
            self.resident_bytes = status.resident_bytes
            if status.stopped:
                self.kill(Loss("worker_lost", "hung: it was stopped"))
            elif 0 < self._memory_bytes < status.resident_bytes:
                mib = status.resident_bytes // memory.MIB
                self.kill(Loss("worker_memory", f"takes {mib} MiB of memory"))
        if self._missed >= (MISSED_WHILE_BUSY if self._is_busy(status) else MISSED_HEARTBEATS):
            self.kill(Loss("worker_lost", f"hung: {self._missed} heartbeats unanswered"))
        self._missed += 1
        self.send(framing.Ping())
        self._schedule_beat()

    def _is_busy(self, status: memory.ProcessStatus | None) -> bool:
        """Whether the child used a core since the last check, or waits for one."""
        if status is None:
            return False
        used, self._cpu_ticks = status.cpu_ticks > self._cpu_ticks, status.cpu_ticks
        return used or not status.waits
