"""Measures how many sessions with a peer connection one core serves, engines aside.

    python latency_tests/rtc_sessions.py --json rtc.json

A server process of its own, with engines that cost nothing, hears players who are silent: a frame every
20 ms each, over the WebSocket, over the data channel as PCM16 or as Opus, or as an Opus track. There are no
replies. What counts is the server's processor time for each session.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from frametalk.bench.report import Machine, this_machine, versions
from frametalk.bench.server import ServerProcess, running
from frametalk.headless.clock import Clock
from frametalk.headless.player import Player, PlayerOptions
from frametalk.headless.scene import GameWorld
from frametalk.headless.upgraded import PeerOptions
from frametalk.headless.worldfile import load_world
from frametalk.transports.link import Link
from frametalk.transports.websocket_client import connect

SETTINGS = (
    "vad.adapter=energy",
    "turn.adapter=",
    "asr.adapter=fixed",
    "llm.adapter=fixed",
    "tts.adapter=fixed",
    "log.level=WARNING",
)
LOOPBACK = ("127.0.0.1",)
CHANNEL = PeerOptions(via="channel", addresses=LOOPBACK)
WAYS = {
    "websocket, PCM16": PlayerOptions(),
    "websocket, Opus": PlayerOptions(codec="opus"),
    "channel, PCM16": PlayerOptions(peer=CHANNEL),
    "channel, Opus": PlayerOptions(peer=CHANNEL, codec="opus"),
    "track, Opus": PlayerOptions(peer=PeerOptions(via="track", addresses=LOOPBACK)),
}
SETTLE_S = 3.0
JOIN_EVERY_S = 0.1


class Way(msgspec.Struct, frozen=True):
    """`sessions_per_core`: what one core carries if each costs as much as these."""

    way: str
    sessions: int
    moved: int
    percent_of_a_core_each: float
    sessions_per_core: float


class Measured(msgspec.Struct, frozen=True):
    """One row for each way."""

    machine: Machine
    versions: dict[str, str]
    ways: tuple[Way, ...]


async def measured(way: str, sessions: int, seconds: float) -> Way:
    """So many players at once on a server of their own."""
    async with running(SETTINGS) as server, asyncio.TaskGroup() as group:
        players = []
        for number in range(sessions):
            player = await _player(WAYS[way], server, number)
            players.append(player)
            group.create_task(player.run())
            await player.joined.wait()
            await asyncio.sleep(JOIN_EVERY_S)
        await asyncio.sleep(SETTLE_S)
        cpu_s = server.cpu_s()
        await asyncio.sleep(seconds)
        each = (server.cpu_s() - cpu_s) / seconds / sessions
        moved = sum(player.upgraded is not None and player.upgraded.moved for player in players)
        for player in players:
            await player.leave()
    return Way(way, sessions, moved, 100 * each, 1 / each)


async def _player(options: PlayerOptions, server: ServerProcess, number: int) -> Player:
    async def open_link() -> Link:
        return await connect(server.url)

    options = PlayerOptions(name=f"player {number}", peer=options.peer, codec=options.codec)
    world = GameWorld(load_world("tavern"))
    return Player(await open_link(), world, Clock(), options, reopen=open_link)


async def measure(ways: Sequence[str], sessions: int, seconds: float) -> Measured:
    """One way after another."""
    machine = this_machine()
    rows = [await measured(way, sessions, seconds) for way in ways]
    return Measured(machine, versions(), tuple(rows))


def main() -> int:
    """Print a line for each way; write everything as JSON if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, default=10, help="players at once")
    parser.add_argument("--seconds", type=float, default=10.0, help="for each way")
    parser.add_argument("--way", action="append", choices=WAYS, help="only this one; repeatable")
    parser.add_argument("--json", type=Path, help="file for the results")
    options = parser.parse_args()
    found = asyncio.run(measure(options.way or tuple(WAYS), options.sessions, options.seconds))
    for row in found.ways:
        print(  # noqa: T201  (it is a program for a terminal)
            f"{row.way:20} {row.sessions} sessions, {row.moved} moved: "
            f"{row.percent_of_a_core_each:.2f} % of a core each, {row.sessions_per_core:.0f} a core"
        )
    if options.json is not None:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(found)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
