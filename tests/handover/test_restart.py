"""A server process that is stopped or killed, and started again: a client on a real socket goes on."""

from __future__ import annotations

import asyncio
import signal
import sys
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
from frametalk.headless.resuming import Resumed
from frametalk.headless.scene import GameWorld
from frametalk.headless.worldfile import load_world
from frametalk.transports.websocket import WebSocketLink
from frametalk.transports.websocket_client import connect
from frametalk.wire import messages as m

pytestmark = pytest.mark.real

START = "import sys; from frametalk.cli import main; sys.exit(main())"
MS_PER_CHAR = 60
STORY = "Long ago a king lost his golden crown in the lake behind the mill."
LIMIT_S = 90
REPLY_S = 60  # within the limit, so that a reply that does not come is shown with the server's log
SHOWN_CHARACTERS = 6_000  # of that log


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
        return self._log.read_text()[-SHOWN_CHARACTERS:]

    async def start(self) -> None:
        """Start one; it need not accept connections yet."""
        settings = (
            f"server.port={self.port}",
            f"server.handover_file={self._file}",
            "log.level=DEBUG",
            "vad.adapter=energy",
            "asr.adapter=fixed",
            "turn.adapter=",
            "llm.adapter=fixed",
            f'llm.options.text="{STORY}"',
            "tts.adapter=fixed",
            f"tts.options.ms_per_char={MS_PER_CHAR}",
        )
        flags = [part for setting in settings for part in ("--set", setting)]
        with self._log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", START, "serve", *flags, stderr=log
            )

    async def end(self, how: signal.Signals) -> int:
        """Stop or kill it; its exit code."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(how)
        return await self.process.wait()

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


async def heard_a_second(player: Player) -> None:
    """Wait until the reply has begun and a second of it was heard."""

    def second() -> bool | None:
        reply = player.speaking
        return True if reply and reply.playback.played > reply.begin.rate_hz else None

    assert await player.log.wait_for(second, player.log._clock.now_s() + LIMIT_S)


async def replied(player: Player, servers: Servers, count: int) -> None:
    """Wait until that many replies have begun and all have ended."""

    def done() -> bool | None:
        replies = list(player.replies.values())
        return True if len(replies) >= count and all(r.done for r in replies) else None

    came = await player.log.wait_for(done, player.log._clock.now_s() + REPLY_S)
    ended = {reply.begin.reply: reply.done for reply in player.replies.values()}
    assert came, f"replies: {ended}, errors: {codes(player)}\n{servers.log}"


def resumes(player: Player) -> int:
    return sum(isinstance(entry.item, Resumed) for entry in player.log.entries)


async def resumed(player: Player, count: int) -> None:
    def enough() -> bool | None:
        return True if resumes(player) >= count else None

    assert await player.log.wait_for(enough, player.log._clock.now_s() + LIMIT_S)


def codes(player: Player) -> list[str]:
    return [e.item.code for e in player.log.entries if isinstance(e.item, m.Error)]


async def test_a_stopped_server_is_started_again_and_the_reply_goes_on_in_its_word(
    tmp_path: Path,
) -> None:
    file = tmp_path / "sessions.db"
    async with playing(file) as (player, servers):
        player.say_typed("tell me a story")
        await heard_a_second(player)
        assert await servers.end(signal.SIGTERM) == 0
        await servers.start()
        await replied(player, servers, 1)
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
        await replied(player, servers, 2)
        assert resumes(player) == 1
        assert codes(player) == []
        assert player.violations == []


async def test_a_killed_server_is_started_again_and_the_conversation_goes_on(
    tmp_path: Path,
) -> None:
    async with playing(tmp_path / "sessions.db") as (player, servers):
        player.say_typed("hello")
        await replied(player, servers, 1)
        player.say_typed("tell me a story")
        await heard_a_second(player)
        await servers.end(signal.SIGKILL)
        await servers.start()
        await replied(player, servers, 2)
        first, second = player.replies.values()
        assert first.cut is None
        assert second.cut is not None
        assert second.cut.reason == "failed"
        player.say_typed("go on")
        await replied(player, servers, 3)
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
        await replied(player, servers, 1)
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
        await replied(player, servers, 1)
        assert codes(player) == []
    assert file.read_text() == "my shopping list\n" * 100
