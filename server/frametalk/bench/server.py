"""The server under test: a process of its own, measured from outside."""

from __future__ import annotations

import asyncio
import socket
import sys
import tempfile
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
class ServerProcess:
    """A server that accepts sessions at `url`, `ready_ms` after it was started."""

    url: str
    ready_ms: float
    _process: psutil.Process

    def cpu_s(self) -> float:
        """Processor time of the whole process tree so far."""
        return sum(_times(process) for process in self._tree())

    def rss_mb(self) -> float:
        """Resident memory of the whole process tree; shared memory counts once per process."""
        return sum(_rss(process) for process in self._tree()) / 2**20

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
    command = [sys.executable, "-c", START, "serve", "--set", f"server.port={port}", *flags]
    with tempfile.TemporaryFile() as log:
        began_s = time.monotonic()
        child = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C ends the bench, which ends its server
        )
        try:
            if not await _listening(child, port):
                log.seek(0)
                raise _not_ready(log.read().decode(errors="replace"))
            ready_ms = (time.monotonic() - began_s) * 1000
            yield ServerProcess(f"ws://127.0.0.1:{port}", ready_ms, psutil.Process(child.pid))
        finally:
            await _stop(child)


def free_port() -> int:
    """A port of this machine that no program listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _listening(child: asyncio.subprocess.Process, port: int) -> bool:
    deadline_s = time.monotonic() + READY_TIMEOUT_S
    while child.returncode is None and time.monotonic() < deadline_s:
        try:
            _reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(POLL_S)
            continue
        writer.close()
        return True
    return False


async def _stop(child: asyncio.subprocess.Process) -> None:
    if child.returncode is not None:
        return
    child.terminate()
    try:
        async with asyncio.timeout(STOP_TIMEOUT_S):
            await child.wait()
    except TimeoutError:
        child.kill()
        await child.wait()


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
