"""A server process that stops sends its player to another one that runs beside it, over real sockets."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from frametalk.bench.server import free_port
from frametalk.headless.address import Address
from frametalk.headless.clock import Clock
from frametalk.headless.player import Player, PlayerOptions
from frametalk.headless.scene import GameWorld
from frametalk.headless.worldfile import load_world
from frametalk.netlab.cuts import Cut
from frametalk.netlab.relay import relaying
from frametalk.transports.websocket_client import connect
from frametalk.wire import messages as m
from handover.processes import (
    LIMIT_S,
    STORY,
    codes,
    end,
    heard_a_second,
    newest,
    replied,
    resumes,
    start,
)
from sockets import get

pytestmark = pytest.mark.real


class Pair:
    """Two server processes; the first names the second as its successor."""

    def __init__(self, folder: Path, files: tuple[str, str]) -> None:
        self.ports = free_port(), free_port()
        self.urls = [f"ws://127.0.0.1:{port}" for port in self.ports]
        self.processes: dict[int, asyncio.subprocess.Process] = {}
        self._logs = [folder / "first.log", folder / "second.log"]
        self._files = files

    def log(self) -> str:
        return "\n".join(map(newest, self._logs))

    async def start(self, number: int) -> None:
        """Start one of them, and wait until it listens."""
        successor = (f"server.successor_url={self.urls[1]}",) if number == 0 else ()
        port = self.ports[number]
        process = await start(
            self._logs[number],
            f"server.port={port}",
            f"server.handover_file={self._files[number]}",
            *successor,
        )
        self.processes[number] = process
        while True:
            try:
                _reader, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                assert process.returncode is None, self.log()
                await asyncio.sleep(0.02)
            else:
                writer.close()
                await writer.wait_closed()
                return

    async def stop_first(self) -> None:
        assert await end(self.processes[0], signal.SIGTERM) == 0, self.log()

    async def player(self, address: Address) -> Player:
        return Player(
            await connect(address.next()),
            GameWorld(load_world("tavern")),
            Clock(),
            # A closed microphone: what it keeps may be shorter than a start on a busy machine.
            PlayerOptions(name="moved", mic="ptt", address=address),
            reopen=lambda: connect(address.next()),
        )


@asynccontextmanager
async def pair(folder: Path, *names: str) -> AsyncIterator[Pair]:
    """Both run. `names`: of their hand-over files; empty: none."""
    first, second = (str(folder / name) if name else "" for name in names)
    both = Pair(folder, (first, second))
    try:
        async with asyncio.timeout(LIMIT_S):
            if first and first == second:
                await both.start(0)  # so that the file is its own
                await both.start(1)
            else:
                await asyncio.gather(both.start(0), both.start(1))
            yield both
    finally:
        for process in both.processes.values():
            await end(process, signal.SIGTERM)


@asynccontextmanager
async def talking(player: Player) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        group.create_task(player.run())
        await player.joined.wait()
        yield
        await player.leave()


async def closed(player: Player) -> None:
    """Wait until the player's session has ended."""

    def end() -> bool | None:
        return None if player.closed is None else True

    assert await player.log.wait_for(end, player.log._clock.now_s() + LIMIT_S)


async def health(port: int) -> int:
    status, _, _ = await get(port, "/healthz")
    return status


def goaways(player: Player) -> list[str]:
    return [entry.item.url for entry in player.log.entries if isinstance(entry.item, m.GoAway)]


async def test_with_a_shared_file_the_reply_goes_on_in_its_word(tmp_path: Path) -> None:
    async with pair(tmp_path, "sessions.db", "sessions.db") as servers:
        address = Address(servers.urls[0])
        player = await servers.player(address)
        async with talking(player):
            player.say_typed("tell me a story")
            await heard_a_second(player)
            await servers.stop_first()
            await replied(player, 1, servers.log)
            (reply,) = player.replies.values()
            stretches = reply.playback.stretches
            assert reply.cut is None
            assert reply.heard_text == STORY
            assert [after.first for _, after in pairwise(stretches)] == [
                before.end for before, _ in pairwise(stretches)
            ]  # each sample once
            assert goaways(player) == [servers.urls[1]]
            assert address.current == servers.urls[1]
            player.say_typed("and then")
            await replied(player, 2, servers.log)
            assert resumes(player) == 1
            assert codes(player) == []
            assert player.violations == []


async def test_a_player_without_a_connection_learns_where_the_reply_goes_on(tmp_path: Path) -> None:
    async with (
        pair(tmp_path, "sessions.db", "sessions.db") as servers,
        relaying(servers.ports[0]) as (door, relay),
    ):
        address = Address(f"ws://127.0.0.1:{door}")
        player = await servers.player(address)
        async with talking(player):
            player.say_typed("tell me a story")
            await heard_a_second(player)
            relay.cuts = lambda: Cut(after_s=0)  # no connection
            await relay.close()
            assert await health(servers.ports[0]) == 200  # by then it has noticed
            async with asyncio.TaskGroup() as group:
                group.create_task(servers.stop_first())
                while await health(servers.ports[0]) == 200:
                    pass
                relay.cuts = None
            await replied(player, 1, servers.log)
            (reply,) = player.replies.values()
            assert reply.cut is None
            assert reply.heard_text == STORY
            assert address.current == servers.urls[1]
            assert goaways(player) == []  # while it resumed
            assert resumes(player) == 1
            assert codes(player) == []
            assert player.violations == []


async def test_without_a_file_a_new_session_begins_there(tmp_path: Path) -> None:
    async with pair(tmp_path, "", "") as servers:
        address = Address(servers.urls[0])
        player = await servers.player(address)
        async with talking(player):
            await servers.stop_first()
            await closed(player)
        assert player.closed is not None
        assert (player.closed.code, player.closed.reason) == (1001, "server_stopping")
        assert goaways(player) == [servers.urls[1]]
        again = await servers.player(address)
        async with talking(again):
            assert again.welcome is not None
            assert player.welcome is not None
            assert not again.welcome.resumed
            assert again.welcome.session != player.welcome.session
            again.say_typed("hello")
            await replied(again, 1, servers.log)
            assert again.violations == []


async def test_a_server_with_another_file_says_that_the_session_is_a_new_one(
    tmp_path: Path,
) -> None:
    async with pair(tmp_path, "one.db", "two.db") as servers:
        player = await servers.player(Address(servers.urls[0]))
        async with talking(player):
            await servers.stop_first()
            await closed(player)
        assert player.closed is not None
        assert (player.closed.code, player.closed.reason) == (1000, "resume_unknown")
