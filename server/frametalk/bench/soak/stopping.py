"""A server that is stopped while players talk: what of their turns is cut, and what is left of it."""

from __future__ import annotations

import asyncio
import http.client
import signal
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from frametalk.bench.server import left_of, running
from frametalk.core.audio import RECOGNITION_RATE_HZ
from frametalk.headless.clock import Clock
from frametalk.headless.player import Player, PlayerOptions
from frametalk.headless.scene import GameWorld
from frametalk.headless.speech import speak
from frametalk.headless.worldfile import load_world
from frametalk.transports.websocket_client import connect
from frametalk.wire import messages as m

if TYPE_CHECKING:
    from collections.abc import Sequence

    from frametalk.bench.server import ServerProcess
    from frametalk.core.audio import Samples
    from frametalk.headless.mic import Sound
    from frametalk.headless.reply import Reply

WORLD = "tavern"
TYPED = ("what can you do", "who are you")  # replies of 10 s and of 3 s: they fit into the drain
SPOKEN = "who are you"
FRAME_HZ = 25
JOIN_EVERY_S = 0.05
BEGUN_S = 20.0  # in which the replies to typed turns have to begin
LIMIT_S = 25.0
ORPHANS_S = 5.0
PAGE_TIMEOUT_S = 5.0
POLL_S = 0.01


class StopResult(msgspec.Struct, frozen=True, kw_only=True):
    """SIGTERM while `sessions` players are in a turn: in the midst of speaking, or of a reply.

    `turns_cut`: turns without a reply that was heard to its end. `not_ready_ms`: from the signal until the
    page of readiness says so. `goaways`: sessions that were told. `closes`: how connections ended.
    `exit_s`: from the signal; `orphans`: processes that outlived the server, after this or `killed`.
    """

    sessions: int
    in_replies: int
    in_speech: int
    turns_cut: int
    not_ready_ms: float | None
    goaways: int
    closes: dict[str, int]
    exit_status: int | None
    exit_s: float
    orphans: int
    orphans_of_killed: int


@dataclass(slots=True)
class Talker:
    """One player, and the turn that the signal meets."""

    player: Player
    sound: Sound | None = None

    @property
    def reply(self) -> Reply | None:
        """The newest reply."""
        return next(reversed(self.player.replies.values()), None)

    @property
    def is_in_reply(self) -> bool:
        """Whether a reply is being heard."""
        return self.reply is not None and not self.reply.done and self.reply.playback.played > 0

    @property
    def was_cut(self) -> bool:
        """Whether the turn has no reply that was heard to its end."""
        return self.reply is None or not self.reply.done or self.reply.cut is not None

    def has(self, kind: type[m.AnyMessage]) -> bool:
        """Whether such a message came."""
        return any(isinstance(entry.item, kind) for entry in self.player.log.entries)


async def stop(sessions: int, settings: Sequence[str]) -> StopResult:
    """Stop one server by SIGTERM while so many players talk, and kill another one.

    Raises FrametalkError if a server does not start or a player cannot join.
    """
    sound = speak(SPOKEN).samples
    async with running(settings) as server, asyncio.TaskGroup() as group:
        talkers = [await _join(server, group, number) for number in range(sessions)]
        await _begin(talkers, sound)
        in_replies = sum(talker.is_in_reply for talker in talkers)
        in_speech = sum(
            talker.sound is not None and not talker.sound.done.is_set() for talker in talkers
        )
        workers = server.workers()
        began_s = time.monotonic()
        watching = group.create_task(_not_ready_ms(server))
        status = await server.end(signal.SIGTERM, LIMIT_S)
        exit_s = time.monotonic() - began_s
        orphans = await left_of(workers, ORPHANS_S)
        not_ready_ms = await watching
    ends = Counter(
        f"{closed.code} {closed.reason}" if (closed := talker.player.closed) else "open"
        for talker in talkers
    )
    return StopResult(
        sessions=sessions,
        in_replies=in_replies,
        in_speech=in_speech,
        turns_cut=sum(talker.was_cut for talker in talkers),
        not_ready_ms=not_ready_ms,
        goaways=sum(talker.has(m.GoAway) for talker in talkers),
        closes=dict(ends),
        exit_status=status,
        exit_s=round(exit_s, 2),
        orphans=len(orphans),
        orphans_of_killed=await _kill(settings),
    )


async def _join(server: ServerProcess, group: asyncio.TaskGroup, number: int) -> Talker:
    player = Player(
        await connect(server.url),
        GameWorld(load_world(WORLD)),
        Clock(),
        PlayerOptions(name=f"talker {number}", frame_hz=FRAME_HZ),
    )
    group.create_task(player.run())
    await player.joined.wait()
    await asyncio.sleep(JOIN_EVERY_S)
    return Talker(player)


async def _begin(talkers: Sequence[Talker], sound: Samples) -> None:
    """Half of the players type and hear their replies by now; the others are in the middle of a word."""
    typing, speaking = talkers[::2], talkers[1::2]
    for number, talker in enumerate(typing):
        talker.player.say_typed(TYPED[number % len(TYPED)])
    async with asyncio.timeout(BEGUN_S):
        while not all(talker.reply is not None for talker in typing):  # noqa: ASYNC110  (of many players)
            await asyncio.sleep(POLL_S)
    for talker in speaking:
        talker.sound = talker.player.mic.play(sound)
    await asyncio.sleep(len(sound) / RECOGNITION_RATE_HZ / 2)


async def _not_ready_ms(server: ServerProcess) -> float | None:
    """How soon the page of readiness says that the server is not; None if it never did."""
    began_s = time.monotonic()
    while server.is_running():
        try:
            status = await asyncio.to_thread(_status, server.url)
        except (OSError, http.client.HTTPException):
            return None
        if status == http.client.SERVICE_UNAVAILABLE:
            return round((time.monotonic() - began_s) * 1000, 1)
        await asyncio.sleep(POLL_S)
    return None


def _status(url: str) -> int:
    address = urlsplit(url)
    connection = http.client.HTTPConnection(
        address.hostname or "", address.port, timeout=PAGE_TIMEOUT_S
    )
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status
    finally:
        connection.close()


async def _kill(settings: Sequence[str]) -> int:
    """How many workers outlive a server that is killed."""
    async with running(settings) as server:
        workers = server.workers()
        await server.end(signal.SIGKILL, LIMIT_S)
        return len(await left_of(workers, ORPHANS_S))
