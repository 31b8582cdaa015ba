"""The server under test: a process of its own, measured from outside."""

from __future__ import annotations

import asyncio
import socket
import tempfile
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from frametalk.bench import child
from frametalk.errors import Fault, FrametalkError, Stage

try:
    import psutil  # type: ignore[import-untyped]  # it ships no types
except ImportError:  # it comes with the extra `bench`
    psutil = None

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

READY_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 8.0
POLL_S = 0.01
START = "import sys; from frametalk.cli import main; sys.exit(main())"


@dataclass(frozen=True, slots=True)
class Resources:
    """What a server and its workers hold: resident memory in MB, and counts."""

    rss_mb: float
    workers_rss_mb: float
    descriptors: int
    threads: int
    processes: int


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """A server that accepts sessions at `url`, `ready_ms` after it was started."""

    url: str
    ready_ms: float
    _process: psutil.Process
    _child: asyncio.subprocess.Process

    def cpu_s(self) -> float:
        """Processor time of the whole process tree so far."""
        return sum(_times(process) for process in self._tree())

    def rss_mb(self) -> float:
        """Resident memory of the whole process tree; shared memory counts once per process."""
        return sum(_rss(process) for process in self._tree()) / 2**20

    def resources(self) -> Resources:
        """What it holds now; descriptors and threads of the whole process tree."""
        tree = self._tree()
        return Resources(
            _rss(self._process) / 2**20,
            sum(map(_rss, tree[1:])) / 2**20,
            sum(_count(process, "num_fds") for process in tree),
            sum(_count(process, "num_threads") for process in tree),
            len(tree),
        )

    def workers(self) -> list[int]:
        """Process ids of its workers."""
        return [process.pid for process in self._tree()[1:]]

    async def end(self, how: int, limit_s: float) -> int | None:
        """Send it a signal and wait until it has ended: its exit status, None if it has not."""
        self._child.send_signal(how)
        try:
            async with asyncio.timeout(limit_s):
                return await self._child.wait()
        except TimeoutError:
            return None

    def workers_s(self) -> dict[str, float]:
        """Processor time so far of the processes beside the server, by what they are."""
        times: dict[str, float] = {}
        for process in self._process.children(recursive=True):
            try:
                name = _worker(process.cmdline())
            except psutil.Error:
                continue
            times[name] = times.get(name, 0.0) + _times(process)
        return times

    def is_running(self) -> bool:
        """Whether the server has not ended."""
        return bool(self._process.is_running()) and self._process.status() != psutil.STATUS_ZOMBIE

    def _tree(self) -> list[psutil.Process]:
        return [self._process, *self._process.children(recursive=True)]


@asynccontextmanager
async def running(settings: Sequence[str]) -> AsyncIterator[ServerProcess]:
    """Run `frametalk serve` with these `section.key=value` settings until the block ends.

    Raises FrametalkError `bench_server` with the server's output when it does not become ready.
    """
    if psutil is None:
        raise _error("psutil is not installed", 'pip install "frametalk[bench]"', Fault.USER)
    port = free_port()
    flags = [part for setting in settings for part in ("--set", setting)]
    command = child.code(START, "serve", *flags, "--set", f"server.port={port}")
    with tempfile.TemporaryFile() as log:
        began_s = time.monotonic()
        process = await child.start(
            command, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log
        )
        try:
            if not await _listening(process, port):
                log.seek(0)
                raise _not_ready(log.read().decode(errors="replace"))
            ready_ms = (time.monotonic() - began_s) * 1000
            yield ServerProcess(
                f"ws://127.0.0.1:{port}", ready_ms, psutil.Process(process.pid), process
            )
        finally:
            await stop_process(process)


async def left_of(pids: Sequence[int], limit_s: float) -> list[int]:
    """Which of these processes have not ended after that time."""
    deadline_s = time.monotonic() + limit_s
    while (left := [pid for pid in pids if _lives(pid)]) and time.monotonic() < deadline_s:  # noqa: ASYNC110  (of processes)
        await asyncio.sleep(POLL_S)
    return left


def server_process(url: str, process: asyncio.subprocess.Process) -> ServerProcess:
    """A server that runs already. Raises FrametalkError `bench_server` without psutil."""
    if psutil is None:
        raise _error("psutil is not installed", 'pip install "frametalk[bench]"', Fault.USER)
    return ServerProcess(url, 0.0, psutil.Process(process.pid), process)


def free_port() -> int:
    """A port of this machine that no program listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _listening(process: asyncio.subprocess.Process, port: int) -> bool:
    deadline_s = time.monotonic() + READY_TIMEOUT_S
    while process.returncode is None and time.monotonic() < deadline_s:
        try:
            _reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(POLL_S)
            continue
        writer.close()
        return True
    return False


async def stop_process(process: asyncio.subprocess.Process) -> None:
    """Terminate it, or kill it where that takes too long; safe twice."""
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(STOP_TIMEOUT_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _not_ready(printed: str) -> FrametalkError:
    last = printed.strip().splitlines()[-1:] or ["it printed nothing"]
    return _error(
        f"the server to be measured did not start: {last[0][:300]}",
        "run `frametalk serve` with the same settings to see why",
        Fault.SERVER,
    )


def _error(text: str, remedy: str, fault: Fault) -> FrametalkError:
    return FrametalkError(
        "bench_server", text, stage=Stage.CONFIG, fault=fault, remedy=remedy, fatal=True
    )


def _lives(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _worker(command: list[str]) -> str:
    """What a process beside the server is. A worker does not say which adapter it works for."""
    return "worker processes" if "frametalk.workers.child" in command else "other processes"


def _times(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def _rss(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def _count(process: psutil.Process, what: str) -> int:
    try:
        return int(getattr(process, what)())
    except psutil.NoSuchProcess:
        return 0
