"""The processes of a bench: what becomes of them when it is killed or stopped."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

import psutil
import pytest

from frametalk.bench import child
from frametalk.bench.server import START, left_of

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix"),
]

AS_A_SCRIPT_DOES = ("sh", "-c", 'trap "" INT; exec "$@"', "sh")  # with `&`
READY_S = 90  # on a busy machine


class Bench:
    """`frametalk bench` as a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process, log: IO[bytes]) -> None:
        self.process, self._log = process, log

    async def started(self, *names: str) -> list[int]:
        """The ids of all processes that it has started, once those with these names are among them."""
        bench = psutil.Process(self.process.pid)
        async with asyncio.timeout(READY_S):
            while True:
                await asyncio.sleep(0.05)
                found = [each for each in bench.children(recursive=True) if each.is_running()]
                commands = [_command(each) for each in found]
                if all(any(name in command for command in commands) for name in names):
                    return [each.pid for each in found]

    async def says(self, text: str) -> None:
        """Wait until it prints this."""
        async with asyncio.timeout(READY_S):
            while text not in os.pread(self._log.fileno(), 2**20, 0).decode():  # noqa: ASYNC110  (of another process)
                await asyncio.sleep(0.05)


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


@asynccontextmanager
async def bench(*arguments: str, within: tuple[str, ...] = ()) -> AsyncIterator[Bench]:
    command = (*within, sys.executable, "-c", START, "bench", *arguments)
    with tempfile.TemporaryFile() as log:  # no pipe, which a process that is left would keep open
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.DEVNULL, stderr=log
        )
        try:
            yield Bench(process, log)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


LOAD = pytest.param(
    ["load", "--sessions", "1"],
    ["load.observed", "load.crowd", "calibration"],
    marks=pytest.mark.skipif(not sys.platform.startswith("linux"), reason="runs on Linux only"),
)
OVERHEAD = pytest.param(["overhead", "--skip-embedded"], ["server.port", "calibration"])


@pytest.mark.parametrize(("arguments", "names"), [OVERHEAD, LOAD])
async def test_a_bench_that_is_killed_leaves_no_process(
    arguments: list[str], names: list[str]
) -> None:
    async with bench(*arguments) as killed:
        started = await killed.started(*names)
        killed.process.kill()
        assert await killed.process.wait() == -signal.SIGKILL
        assert await left_of(started, 20) == []


async def test_sigterm_ends_a_bench_that_a_script_started_and_keeps_its_turns(
    tmp_path: Path,
) -> None:
    file = tmp_path / "overhead.json"
    arguments = ("overhead", "--skip-embedded", "--turns", "1000", "--json", str(file))
    async with bench(*arguments, within=AS_A_SCRIPT_DOES) as stopped:
        await stopped.says("of 1000")
        started = await stopped.started("server.port")
        stopped.process.send_signal(signal.SIGINT)  # it is ignored
        stopped.process.send_signal(signal.SIGTERM)
        stopped.process.send_signal(signal.SIGTERM)  # `timeout` does so
        async with asyncio.timeout(60):
            assert await stopped.process.wait() == 128 + signal.SIGTERM
        assert await left_of(started, 20) == []
    found = json.loads(file.read_text())
    assert found["stopped"]
    assert 1 <= found["turns"] < 1000


async def test_a_program_and_what_it_starts_are_ended_together() -> None:
    script = "sleep 60 & echo $!; wait"
    process = await child.start(child.program(["sh", "-c", script]), stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    sleeping = int(await process.stdout.readline())
    await child.end_group(process)
    await child.end_group(process)  # it has ended
    assert await left_of([sleeping, process.pid], 20) == []


async def test_a_program_and_what_it_starts_end_when_the_bench_is_killed() -> None:
    text = "import subprocess, sys; from frametalk.bench import child; subprocess.run("
    text += 'child.program(["sh", "-c", "echo $$; sleep 60 & echo $!; wait"]), '
    text += "start_new_session=True)"
    killed = await asyncio.create_subprocess_exec(
        sys.executable, "-c", text, stdout=asyncio.subprocess.PIPE
    )
    assert killed.stdout is not None
    started = [int(await killed.stdout.readline()) for _ in range(2)]
    killed.kill()
    await killed.wait()
    assert await left_of(started, 20) == []


async def test_a_programs_exit_code_is_handed_on() -> None:
    process = await child.start(child.program(["sh", "-c", "exit 7"]))
    assert await process.wait() == 7


async def test_a_module_gets_its_arguments() -> None:
    command = child.module("calendar", "2026", "11")
    process = await child.start(command, stdout=asyncio.subprocess.PIPE)
    printed, _ = await process.communicate()
    assert printed.decode().strip().startswith("November 2026")
