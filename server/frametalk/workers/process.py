"""One child process: its pipes, and whether it is still alive."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable
from typing import Any, cast

from frametalk.workers import framing

HEARTBEAT_S = 0.25
# A child that has not answered for this many heartbeats is hung. Beats are counted rather than time,
# so that a stall of the parent's own loop does not condemn its children.
MISSED_HEARTBEATS = 4
# A child that leaves this much unread is hung, or the parent asks more than it can do.
MAX_UNSENT_BYTES = 8 * 1024 * 1024
# A child that is told to end gets this long before it is killed.
GRACE_S = 1.0


class Process(asyncio.SubprocessProtocol):
    """A child from its birth to its end; never restarted.

    `on_frame` gets what it says (and the size in bytes), `on_lost` is told once, with the reason,
    when it is dead or as good as dead. Frames sent before the pipe is there wait for it.
    """

    def __init__(
        self,
        on_frame: Callable[[framing.ToParent, int], None],
        on_lost: Callable[[str], None],
    ) -> None:
        self._on_frame = on_frame
        self._on_lost = on_lost
        self._frames = framing.Frames(framing.ToParent)
        self._transport: asyncio.SubprocessTransport | None = None
        self._stdin: asyncio.WriteTransport | None = None
        self._unsent: list[bytes] = []
        self._unsent_bytes = 0
        self._lost = False
        self._exited = asyncio.Event()
        self._beat: asyncio.TimerHandle | None = None
        self._missed = 0

    @property
    def pid(self) -> int | None:
        """The process's id once it is there."""
        return None if self._transport is None else self._transport.get_pid()

    async def spawn(self) -> None:
        """Start the process. Raises OSError when the system refuses."""
        loop = asyncio.get_running_loop()
        await loop.subprocess_exec(
            lambda: self,
            sys.executable,
            "-m",
            "frametalk.workers.child",
            stderr=None,  # the server's own
            start_new_session=True,  # a terminal's Ctrl-C is for the parent
        )

    def send(self, frame: framing.ToChild) -> None:
        """Write one frame; never blocks. A child that does not read is given up."""
        if self._lost:
            return
        data = framing.encode(frame)
        if self._stdin is None:
            self._unsent.append(data)
            self._unsent_bytes += len(data)
            waiting = self._unsent_bytes
        else:
            self._stdin.write(data)
            waiting = self._stdin.get_write_buffer_size()
        if waiting > MAX_UNSENT_BYTES:
            self.give_up(f"does not read: {waiting} bytes wait for it")

    def watch(self) -> None:
        """Begin the heartbeat; the child must be able to answer from here on."""
        self._missed = 0
        self._schedule_beat()

    def give_up(self, reason: str) -> None:
        """Kill it and tell the owner, once."""
        if self._transport is not None and not self._exited.is_set():
            with contextlib.suppress(ProcessLookupError):
                self._transport.kill()
        self._lose(reason)

    def _lose(self, reason: str) -> None:
        if self._beat is not None:
            self._beat.cancel()
        if not self._lost:
            self._lost = True
            self._on_lost(reason)

    async def close(self) -> None:
        """End it: politely first, then by force. The process is gone afterwards."""
        self._lost = True
        if self._beat is not None:
            self._beat.cancel()
        if self._transport is None:
            return
        if self._stdin is not None:
            self._stdin.close()
        try:
            async with asyncio.timeout(GRACE_S):
                await self._exited.wait()
        except TimeoutError:
            self.give_up("did not end in time")
            await self._exited.wait()
        self._transport.close()

    # ---- called by asyncio ---------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.SubprocessTransport", transport)
        self._stdin = cast("asyncio.WriteTransport", self._transport.get_pipe_transport(0))
        for data in self._unsent:
            self._stdin.write(data)
        self._unsent.clear()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self._missed = 0
        try:
            for frame, size in self._frames.feed(data):
                if not self._lost:
                    self._on_frame(frame, size)
        except framing.FramingError as error:
            self.give_up(f"talks nonsense: {error}")

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        # Not killed here: it has most likely ended, and a signal would race with its being reaped.
        self._lose("closed its pipe")

    def process_exited(self) -> None:
        self._exited.set()
        status: Any = None if self._transport is None else self._transport.get_returncode()
        self._lose(f"ended with status {status}")

    # ---- heartbeat -----------------------------------------------------------------------------

    def _schedule_beat(self) -> None:
        self._beat = asyncio.get_running_loop().call_later(HEARTBEAT_S, self._on_beat)

    def _on_beat(self) -> None:
        if self._missed >= MISSED_HEARTBEATS:
            self.give_up(f"hung: {self._missed} heartbeats unanswered")
            return
        self._missed += 1
        self.send(framing.Ping())
        if not self._lost:
            self._schedule_beat()
