"""The processes that a bench starts: they end when it has gone, however it ended, and hear no Ctrl-C."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

_END = "from frametalk.workers.parent import end_with_parent; end_with_parent({bench})\n"
_MODULE = "import runpy; runpy.run_module({name!r}, run_name='__main__', alter_sys=True)"


def code(text: str, *arguments: str) -> list[str]:
    """The command of Python that runs this text."""
    return [sys.executable, "-c", _END.format(bench=os.getpid()) + text, *arguments]


def module(name: str, *arguments: str) -> list[str]:
    """The command of Python that runs this module, as `python -m` does."""
    return code(_MODULE.format(name=name), *arguments)


def program(command: Sequence[str]) -> list[str]:
    """The command of any program, which ends together with what it has started."""
    return [sys.executable, "-m", "frametalk.bench.guarded", str(os.getpid()), *command]


async def start(command: Sequence[str], **streams: Any) -> asyncio.subprocess.Process:
    """Start it in a session of its own: Ctrl-C, and a signal to the group, end the bench, which ends it."""
    return await asyncio.create_subprocess_exec(*command, start_new_session=True, **streams)


async def end_group(process: asyncio.subprocess.Process) -> None:
    """Kill it and what it has started, unless it has ended by itself."""
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
