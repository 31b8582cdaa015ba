"""Server processes that are stopped or killed: early, in the middle of talk, with workers that hang."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from constrained_server import constrained
from frametalk.bench.server import left_of

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix"),
]


async def test_sigterm_before_it_is_ready_ends_it_with_0_and_leaves_no_worker(
    tmp_path: Path,
) -> None:
    for _attempt in range(5):  # a busy machine may be ready before its workers are seen
        async with constrained(tmp_path, "log.level=INFO") as server:
            async with asyncio.timeout(60):
                while not server.workers:  # noqa: ASYNC110  (of another process)
                    await asyncio.sleep(0.005)
            workers = [worker.pid for worker in server.workers]
            assert await server.stop() == 0
            assert await left_of(workers, 5) == []
            assert "Traceback" not in server.log
            if "listening" not in server.log:
                assert "stopped before it was ready" in server.log
                return
    pytest.fail("it was ready each time")


async def test_sigterm_while_modules_are_imported_ends_it_with_0(tmp_path: Path) -> None:
    async with constrained(tmp_path) as server:
        maps = Path(f"/proc/{server.process.pid}/maps")
        if not maps.exists():
            pytest.skip("no /proc, which shows what is imported")
        async with asyncio.timeout(60):
            while "msgspec" not in maps.read_text():  # noqa: ASYNC110  (of another process)
                await asyncio.sleep(0)
        assert await server.stop() == 0
        assert "Traceback" not in server.log


@pytest.mark.parametrize("stopped", [False, True])
async def test_a_killed_server_leaves_no_worker(stopped: bool, tmp_path: Path) -> None:
    async with constrained(tmp_path) as server:
        await server.ready()
        workers = server.workers
        assert len(workers) >= 2
        if stopped:
            workers[0].send_signal(signal.SIGSTOP)
        server.process.kill()
        await server.process.wait()
        left = await left_of([worker.pid for worker in workers], 5)
        for worker in workers:
            if worker.pid in left:
                worker.kill()
        assert left == []
