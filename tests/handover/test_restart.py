"""A server process that is stopped or killed, and started again: a client on a real socket goes on."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from frametalk.adapters.base import SpeechRequest
from frametalk.adapters.tts.fixed import FixedVoice
from frametalk.bench.server import free_port
from frametalk.errors import FrametalkError
from frametalk.headless.clock import Clock
from frametalk.headless.player import Player, PlayerOptions
from frametalk.headless.scene import GameWorld
from frametalk.headless.worldfile import load_world
from frametalk.transports.websocket import WebSocketLink
from frametalk.transports.websocket_client import connect
from handover.processes import (
    LIMIT_S,
    MS_PER_CHAR,
    STORY,
    codes,
    end,
    heard_a_second,
    newest,
    replied,
    resumed,
    resumes,
    start,
)

pytestmark = pytest.mark.real


class Servers:
    """One server process after another, at the same address and with the same file."""

    def __init__(self, file: Path) -> None:
        self.port = free_port()
        self.process: asyncio.subprocess.Process | None = None
        self._file = file
        self._log = file.with_suffix(".log")

    @property
    def log(self) -> str:
        """What the servers logged last."""
        return newest(self._log)

    async def start(self) -> None:
        """Start one; it need not accept connections yet."""
        self.process = await start(
            self._log, f"server.port={self.port}", f"server.handover_file={self._file}"
        )

    async def end(self, how: signal.Signals) -> int:
        """Stop or kill it; its exit code."""
        assert self.process is not None
        return await end(self.process, how)

    async def connect(self) -> WebSocketLink:
        """A client's link, once there is a server."""
        while True:
            try:
                return await connect(f"ws://127.0.0.1:{self.port}")
            except FrametalkError:
                await asyncio.sleep(0.02)


@asynccontextmanager
async def playing(file: Path) -> AsyncIterator[tuple[Player, Servers]]:
    servers = Servers(file)
    await servers.start()
    try:
        async with asyncio.timeout(LIMIT_S), asyncio.TaskGroup() as group:
            player = Player(
                await servers.connect(),
                GameWorld(load_world("tavern")),
                Clock(),
                # A closed microphone: what it keeps may be shorter than a start on a busy machine.
                PlayerOptions(name="restart", mic="ptt"),
                reopen=servers.connect,
            )
            group.create_task(player.run())
            await player.joined.wait()
            yield player, servers
            await player.leave()
    finally:
        await servers.end(signal.SIGTERM)


async def test_a_stopped_server_is_started_again_and_the_reply_goes_on_in_its_word(
    tmp_path: Path,
) -> None:
    file = tmp_path / "sessions.db"
    async with playing(file) as (player, servers):
        player.say_typed("tell me a story")
        await heard_a_second(player)
        assert await servers.end(signal.SIGTERM) == 0
        await servers.start()
        await replied(player, 1, lambda: servers.log)
        (reply,) = player.replies.values()
        stretches = reply.playback.stretches
        assert reply.cut is None
        assert reply.heard_text == STORY
        assert [after.first for before, after in pairwise(stretches)] == [
            before.end for before, after in pairwise(stretches)
        ]  # each sample once
        sound = reply.playback.pcm.read(0, reply.playback.available)
        chunks = [
            chunk.pcm
            async for chunk in FixedVoice(ms_per_char=MS_PER_CHAR).speak(SpeechRequest(STORY))
        ]
        assert np.array_equal(sound, np.frombuffer(b"".join(chunks), "<i2"))
        player.say_typed("and then")
        await replied(player, 2, lambda: servers.log)
        assert resumes(player) == 1
        assert codes(player) == []
        assert player.violations == []


async def test_a_killed_server_is_started_again_and_the_conversation_goes_on(
    tmp_path: Path,
) -> None:
    async with playing(tmp_path / "sessions.db") as (player, servers):
        player.say_typed("hello")
        await replied(player, 1, lambda: servers.log)
        player.say_typed("tell me a story")
        await heard_a_second(player)
        await servers.end(signal.SIGKILL)
        await servers.start()
        await replied(player, 2, lambda: servers.log)
        first, second = player.replies.values()
        assert first.cut is None
        assert second.cut is not None
        assert second.cut.reason == "failed"
        player.say_typed("go on")
        await replied(player, 3, lambda: servers.log)
        assert resumes(player) == 1
        assert codes(player) == ["restart_lost"]
        assert player.violations == []


async def test_two_restarts_in_one_reply(tmp_path: Path) -> None:
    async with playing(tmp_path / "sessions.db") as (player, servers):
        player.say_typed("tell me a story")
        await heard_a_second(player)
        for number in (1, 2):
            await servers.end(signal.SIGTERM)
            await servers.start()
            await resumed(player, number)
        await replied(player, 1, lambda: servers.log)
        (reply,) = player.replies.values()
        assert reply.heard_text == STORY
        assert codes(player) == []
        assert player.violations == []


async def test_without_a_file_that_can_be_used_the_server_serves_all_the_same(
    tmp_path: Path,
) -> None:
    file = tmp_path / "sessions.db"
    file.write_text("my shopping list\n" * 100)
    async with playing(file) as (player, servers):
        player.say_typed("hello")
        await replied(player, 1, lambda: servers.log)
        assert codes(player) == []
    assert file.read_text() == "my shopping list\n" * 100
