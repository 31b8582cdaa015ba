"""A server process under a constraint of the system: a full disk, few descriptors, read-only places."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from conftest import ROOT
from frametalk.bench.server import free_port
from frametalk.errors import FrametalkError
from frametalk.headless.clock import Clock
from frametalk.headless.player import Player, PlayerOptions
from frametalk.headless.scene import GameWorld
from frametalk.headless.speech import speak
from frametalk.headless.worldfile import load_world
from frametalk.transports.websocket import WebSocketLink
from frametalk.transports.websocket_client import connect
from frametalk.wire import messages as m
from sockets import get

START = "import sys; from frametalk.cli import main; sys.exit(main())"
LIMIT_S = 60


@dataclass
class Constrained:
    """A server that is starting or runs; its log so far is `log`."""

    port: int
    process: asyncio.subprocess.Process
    file: Path

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return self.file.read_text(encoding="utf-8", errors="replace")

    @property
    def workers(self) -> list[psutil.Process]:
        """Its worker processes, by start."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        return sorted(children, key=lambda child: child.create_time())

    async def ready(self, limit_s: float = LIMIT_S) -> None:
        """Wait until it accepts sessions; fails with its log if it ends before."""
        async with asyncio.timeout(limit_s):
            while True:
                if self.process.returncode is not None:
                    pytest.fail(f"ended with {self.process.returncode}: {self.log}")
                try:
                    if (await get(self.port, "/readyz"))[0] == 200:
                        return
                except OSError:
                    await asyncio.sleep(0.05)

    async def connect(self) -> WebSocketLink:
        return await connect(self.url)

    async def stop(self) -> int:
        """SIGTERM; the exit status."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(LIMIT_S):
            return await self.process.wait()


@asynccontextmanager
async def constrained(
    folder: Path,
    *settings: str,
    prefix: Sequence[str] = (),
    environment: Mapping[str, str | None] | None = None,
) -> AsyncIterator[Constrained]:
    """`frametalk serve` with the embedded engines, started by the program `prefix`.

    `environment`: changed variables; None removes one.
    """
    port = free_port()
    changed = {**os.environ, "PYTHONPATH": str(ROOT / "server"), **(environment or {})}
    flags = [part for each in (f"server.port={port}", *settings) for part in ("--set", each)]
    file = folder / "server.log"
    with file.open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *prefix,
            *(sys.executable, "-c", START, "serve", *flags),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={name: value for name, value in changed.items() if value is not None},
        )
    server = Constrained(port, process, file)
    try:
        yield server
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def talk(server: Constrained, text: str = "who are you", **options: object) -> str:
    """Two turns of one player, typed and spoken: what the recogniser has heard. Fails without replies."""
    world = GameWorld(load_world("tavern"))
    player = Player(await server.connect(), world, Clock(), PlayerOptions(**options))  # type: ignore[arg-type]
    async with asyncio.timeout(LIMIT_S), asyncio.TaskGroup() as group:
        group.create_task(player.run())
        await player.joined.wait()
        await typed(player, text)
        await player.mic.play(speak("who are you").samples).done.wait()
        await reply_done(player, 2)
        await player.leave()
    finals = [e.item for e in player.log.entries if isinstance(e.item, m.Transcript)]
    return next((final.text for final in reversed(finals) if final.final), "")


async def typed(player: Player, text: str = "who are you") -> None:
    """One typed turn, heard to its end."""
    count = len(player.replies)
    player.say_typed(text)
    await reply_done(player, count + 1)


async def reply_done(player: Player, count: int) -> None:
    """Wait until so many replies have begun and the last of them was heard to its end."""

    def done() -> bool | None:
        replies = list(player.replies.values())
        return True if len(replies) >= count and replies[-1].done else None

    if not await player.log.wait_for(done, player.log._clock.now_s() + LIMIT_S):
        codes = [e.item.code for e in player.log.entries if isinstance(e.item, m.Error)]
        raise FrametalkError("no_reply", f"no reply; errors {codes}", stage="test")  # type: ignore[arg-type]
