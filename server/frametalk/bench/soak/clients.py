"""The suite's clients, in a process of their own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from frametalk.bench import child
from frametalk.errors import Fault, FrametalkError, Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from frametalk.bench.server import ServerProcess


async def clients(
    module: str, server: ServerProcess, *arguments: str, line: Callable[[str], None] | None = None
) -> str:
    """Run clients in a process of their own; the last line that they print. Raises FrametalkError."""
    command = child.module(f"frametalk.bench.soak.{module}", server.url, *arguments)
    process = await child.start(command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None  # noqa: S101  (it is a pipe)
    last = ""
    try:
        while data := await process.stdout.readline():
            last = data.decode().strip()
            if line is not None:
                line(last)
        status = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if status or not last:
        raise FrametalkError(
            "bench_clients",
            f"the clients ended with status {status}",
            stage=Stage.CONFIG,
            fault=Fault.SERVER,
            remedy="their output is above",
            fatal=True,
        )
    return last
