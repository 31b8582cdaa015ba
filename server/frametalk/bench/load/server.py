"""The server under load and its players: processes of their own, on processors of their own."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

import msgspec

from frametalk.bench.load.observed import Watched
from frametalk.bench.load.plan import Plan, Seen
from frametalk.bench.server import server_process, stop_process
from frametalk.errors import Fault, FrametalkError, Stage

READY_TIMEOUT_S = 60.0  # some engines load models
T = TypeVar("T")


class LoadedServer:
    """A server that measures itself when it is told to."""

    def __init__(self, port: int, child: asyncio.subprocess.Process) -> None:
        self.port = port
        self.process = server_process(f"ws://127.0.0.1:{port}", child)
        self._child = child

    def begin(self) -> None:
        """Measure from now on."""
        self._tell(b"begin\n")

    async def end(self) -> Watched:
        """What it measured."""
        self._tell(b"end\n")
        assert self._child.stdout is not None  # noqa: S101  (a pipe)
        return msgspec.json.decode(await self._child.stdout.readline(), type=Watched)

    def _tell(self, word: bytes) -> None:
        assert self._child.stdin is not None  # noqa: S101  (a pipe)
        self._child.stdin.write(word)


@asynccontextmanager
async def loaded(settings: Sequence[str], core: int | None) -> AsyncIterator[LoadedServer]:
    """Run an observed server on `core` (None: any) until the block ends.

    Raises FrametalkError `bench_server` with its output when it does not become ready.
    """
    where = "" if core is None else str(core)
    command = [sys.executable, "-m", "frametalk.bench.load.observed", where, *settings]
    with tempfile.TemporaryFile() as log:
        child = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            limit=2**24,
        )
        try:
            assert child.stdout is not None  # noqa: S101  (a pipe)
            port = b""
            try:
                async with asyncio.timeout(READY_TIMEOUT_S):
                    port = await child.stdout.readline()
            except TimeoutError:
                pass
            if not port.strip().isdigit():
                log.seek(0)
                raise _failed(log.read().decode(errors="replace"))
            yield LoadedServer(int(port), child)
        finally:
            await stop_process(child)


async def crowd(plan: Plan, begun: Callable[[], None]) -> Seen:
    """Let the players of `plan` play; `begun` is called when the measured time begins.

    Raises FrametalkError `bench_load` if they do not get as far.
    """
    with tempfile.TemporaryFile() as log:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "frametalk.bench.load.crowd",
            msgspec.json.encode(plan).decode(),
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            limit=2**26,
        )
        try:
            assert child.stdout is not None  # noqa: S101  (a pipe)
            if (await child.stdout.readline()).strip() == b"begun":
                begun()
                seen = await child.stdout.readline()
                with suppress(msgspec.DecodeError):  # it ended before its last line
                    return msgspec.json.decode(seen, type=Seen)
            log.seek(0)
            raise _failed(log.read().decode(errors="replace"))
        finally:
            await stop_process(child)


def _failed(printed: str) -> FrametalkError:
    last = printed.strip().splitlines()[-1:] or ["it printed nothing"]
    return FrametalkError(
        "bench_load",
        f"a process of the measurement failed: {last[0][:300]}",
        stage=Stage.CONFIG,
        fault=Fault.SERVER,
        remedy="run `frametalk serve` with the same settings to see why",
        fatal=True,
    )
