"""The server under load and its players: processes of their own, on processors of their own."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import msgspec

from frametalk.bench import child
from frametalk.bench.load.observed import Watched
from frametalk.bench.load.plan import Plan, Seen
from frametalk.bench.load.reports import LINE_BYTES, Reports
from frametalk.bench.server import server_process, stop_process

READY_TIMEOUT_S = 60.0  # some engines load models
SERVER = "frametalk.bench.load.observed"
PLAYERS = "frametalk.bench.load.crowd"


class LoadedServer:
    """A server that measures itself between `begin` and `end`."""

    def __init__(self, port: int, process: asyncio.subprocess.Process, reports: Reports) -> None:
        self.port = port
        self.process = server_process(f"ws://127.0.0.1:{port}", process)
        self._stdin = process.stdin
        self._reports = reports

    def begin(self) -> None:
        """Measure from now on."""
        self._command(b"begin\n")

    async def end(self) -> Watched:
        """What it measured. Raises FrametalkError `bench_load` if it has ended."""
        self._command(b"end\n")
        return await self._reports.read(Watched)

    def _command(self, word: bytes) -> None:
        assert self._stdin is not None  # noqa: S101  (a pipe)
        self._stdin.write(word)


@asynccontextmanager
async def loaded(settings: Sequence[str], core: int | None) -> AsyncIterator[LoadedServer]:
    """Run an observed server on `core` (None: any) until the block ends.

    Raises FrametalkError `bench_load` with the end of its output when it does not become ready.
    """
    command = child.module(SERVER, "" if core is None else str(core), *settings)
    pipe = asyncio.subprocess.PIPE
    with tempfile.TemporaryFile() as log:
        process = await child.start(command, stdin=pipe, stdout=pipe, stderr=log, limit=LINE_BYTES)
        remedy = "run `frametalk serve` with the same settings to see why"
        reports = Reports("the server to be measured", process, log, remedy)
        try:
            try:
                async with asyncio.timeout(READY_TIMEOUT_S):
                    port = await reports.read(int)
            except TimeoutError:
                raise reports.failure(f"was not ready after {READY_TIMEOUT_S:g} s") from None
            yield LoadedServer(port, process, reports)
        finally:
            await stop_process(process)


async def crowd(plan: Plan, begun: Callable[[], None]) -> Seen:
    """Let the players of `plan` play; `begun` is called when the measured time begins.

    Raises FrametalkError `bench_load` if they do not get as far.
    """
    command = child.module(PLAYERS, msgspec.json.encode(plan).decode())
    with tempfile.TemporaryFile() as log:
        process = await child.start(
            command, stdout=asyncio.subprocess.PIPE, stderr=log, limit=LINE_BYTES
        )
        remedy = "measure fewer sessions, for example with --sessions 1,10"
        reports = Reports("the players' process", process, log, remedy)
        try:
            await reports.line()  # "begun"
            begun()
            return await reports.read(Seen)
        finally:
            await stop_process(process)
