"""One child process: its pipes, and whether it is still alive."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable
from typing import Any, NamedTuple, cast

from frametalk.workers import framing, memory, progress

# Between two looks at a child; a stopped one, or one that takes too much memory, lives on for that long.
HEARTBEAT_S = 0.2
# A child that has not answered for this many heartbeats is hung. Beats are counted rather than time,
# so that a stall of the parent's own loop does not condemn its children.
MISSED_HEARTBEATS = 5
# One that is at work meanwhile, as who loads a model with the interpreter's lock held, gets this many.
MISSED_AT_WORK = 25
# A child that leaves this much unread is hung, or the parent asks more than it can do.
MAX_UNSENT_BYTES = 32 * 1024 * 1024
# A child that is told to end gets this long before it is killed.
GRACE_S = 1.0


class Loss(NamedTuple):
    """Why a child is lost, with the code for those who waited for it."""

    code: str
    why: str


class StartFailed(Exception):  # noqa: N818  (it is a piece of news between two modules)
    """The child was lost before it was ready."""

    def __init__(self, loss: Loss) -> None:
        super().__init__(loss.why)
        self.loss = loss


class Process(asyncio.SubprocessProtocol):
    """A child from its birth to its end; never restarted.

    `on_frame` gets what it says (and the size in bytes); `on_lost` is told once when it is dead or as good
    as dead, unless that is before it was ready: then `launch` raises. Frames sent before the pipe is
    there wait for it.
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
        self._deaf = False
        self._exited = asyncio.Event()
        self._ready: asyncio.Future[None] | None = None
        self._beat: asyncio.TimerHandle | None = None
        self._missed = 0
        self._cpu_ticks = 0
        self.launched = False
        self.resident_bytes = 0

    @property
    def pid(self) -> int | None:
        """The process's id once it is there."""
        return None if self._transport is None else self._transport.get_pid()

    @property
    def at_work_on(self) -> int:
        """The call that it is, or was at its death, at work on; 0 for none or not known."""
        return 0 if self._progress is None else self._progress.read()[0]

    async def launch(self, timeout_ms: float) -> None:
        """Spawn it and wait until its target is built. Raises StartFailed."""
        if self._lost:
            raise StartFailed(Loss("worker_failed", "was given up before it was there"))
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
                start_new_session=True,  # a terminal's Ctrl-C is for the parent
                pass_fds=() if shared is None else (shared,),
            )
        finally:
            if shared is not None:
                os.close(shared)

    def send(self, frame: framing.ToChild) -> int:
        """Write one frame and give its size; never blocks. A child that does not read is given up."""
        data = framing.encode(frame)
        if self._lost or self._deaf:
            return len(data)
        if self._stdin is None:
            self._unsent.append(data)
            self._unsent_bytes += len(data)
            waiting = self._unsent_bytes
        else:
            self._stdin.write(data)
            waiting = self._stdin.get_write_buffer_size()
        if waiting > MAX_UNSENT_BYTES:
            self.give_up(Loss("worker_lost", f"does not read: {waiting} bytes wait for it"))
        return len(data)

    def give_up(self, loss: Loss) -> None:
        """Kill it and tell the owner, once."""
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
        """End it: politely first, then by force. The process is gone afterwards."""
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
            self.give_up(Loss("worker_lost", "did not end in time"))
            await self._exited.wait()
        transport.close()

    # ---- called by asyncio -----------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.SubprocessTransport", transport)
        self._stdin = cast("asyncio.WriteTransport", self._transport.get_pipe_transport(0))
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
            self.give_up(Loss("worker_lost", f"talks nonsense: {error}"))

    def _take(self, frame: framing.ToParent, size: int) -> None:
        if self.launched:
            self._on_frame(frame, size)
        elif self._ready is None or self._ready.done():
            return  # it is not waited for any more
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
        """Wait for its end, which says more and is never far. A signal would race with its reaping."""
        self._deaf = self._deaf or fd == 0

    def process_exited(self) -> None:
        self._exited.set()
        status: Any = None if self._transport is None else self._transport.get_returncode()
        if status == memory.OUT_OF_MEMORY:
            self._lose(Loss("worker_memory", "was refused more memory"))
        else:
            self._lose(Loss("worker_lost", f"ended with status {status}"))

    # ---- heartbeat -------------------------------------------------------------------------------

    def _schedule_beat(self) -> None:
        if not self._lost:
            self._beat = asyncio.get_running_loop().call_later(HEARTBEAT_S, self._on_beat)

    def _on_beat(self) -> None:
        seen = memory.look(self.pid) if self.pid is not None else None
        if seen is not None:
            self.resident_bytes = seen.resident_bytes
            if seen.stopped:
                self.give_up(Loss("worker_lost", "hung: it was stopped"))
            elif 0 < self._memory_bytes < seen.resident_bytes:
                mib = seen.resident_bytes // memory.MIB
                self.give_up(Loss("worker_memory", f"takes {mib} MiB of memory"))
        if self._missed >= (MISSED_AT_WORK if self._at_work(seen) else MISSED_HEARTBEATS):
            self.give_up(Loss("worker_lost", f"hung: {self._missed} heartbeats unanswered"))
        self._missed += 1
        self.send(framing.Ping())
        self._schedule_beat()

    def _at_work(self, seen: memory.Look | None) -> bool:
        """Whether it used a core since the last look, or would if it were its turn."""
        if seen is None:
            return False
        used, self._cpu_ticks = seen.cpu_ticks > self._cpu_ticks, seen.cpu_ticks
        return used or not seen.waits
