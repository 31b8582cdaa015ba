"""A player with a peer connection in a house of its own, on loopback; and a network that can be cut."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from frametalk.bench.network.house import House
from frametalk.config import FrametalkSettings
from frametalk.headless.clock import Clock
from frametalk.headless.player import Player, PlayerOptions
from frametalk.headless.scene import GameWorld
from frametalk.headless.upgraded import PeerOptions, UpgradedLink
from frametalk.headless.worldfile import load_world
from frametalk.netlab.relay import Relay, relaying
from frametalk.session_state import Books
from frametalk.transports.websocket_client import connect
from frametalk.transports.websocket_server import listen
from frametalk.wire import messages as m
from frametalk.wire.codec import Media
from linked import no_pages

LOOPBACK = ("127.0.0.1",)
QUIET, LOUD = 60, 8_000


async def until(condition: Callable[[], Any], limit_s: float = 20.0) -> None:
    """Wait until it holds."""
    async with asyncio.timeout(limit_s):
        while not condition():  # noqa: ASYNC110  (what is waited for tells nobody)
            await asyncio.sleep(0.005)


@dataclass
class Visit:
    """The player, what it sent, and the server's end."""

    house: House
    player: Player
    relay: Relay
    sent: list[Media]
    loud: bool = False

    @property
    def link(self) -> UpgradedLink:
        link = self.player.upgraded
        assert link is not None
        return link

    @property
    def upgrade(self) -> Any:
        return self.house.session.state.upgrade.upgrade

    def heard(self) -> np.ndarray:
        """All that the server's voice activity detection got."""
        nothing = np.empty(0, np.int16)
        return np.concatenate([nothing, *self.house.engines.vad.windows])  # type: ignore[attr-defined]

    def captured(self) -> np.ndarray:
        """All that the microphone has sent."""
        return np.concatenate([np.frombuffer(frame.payload, "<i2") for frame in self.sent])

    async def all_heard(self) -> None:
        """Close the microphone, and check that each sample was heard, once and in its place."""
        self.player._link.send(self.player.mic.stop())
        count = len(self.captured()) // 512 * 512
        await until(lambda: len(self.heard()) >= count)
        assert np.array_equal(self.heard()[:count], self.captured()[:count])

    def cut(self, *, up: bool = True, down: bool = True) -> None:
        """Let no packet through any more."""
        for blocked, peer in ((up, self.link.peer), (down, self.upgrade._peer)):
            for protocol in protocols(peer):
                protocol.blocked = blocked or getattr(protocol, "blocked", False)

    def lose(self, share: float, seed: int) -> None:
        """Lose this share of all packets, both ways."""
        dice = random.Random(seed)
        for peer in (self.link.peer, self.upgrade._peer):
            for protocol in protocols(peer):
                protocol.loses = lambda: dice.random() < share

    def mend(self) -> None:
        """Let all packets through again."""
        for peer in (self.link.peer, self.upgrade._peer):
            for protocol in protocols(peer):
                protocol.blocked, protocol.loses = False, _never

    def noise(self, first: int, end: int) -> np.ndarray:
        """What the microphone picks up: never the same twice."""
        level = LOUD if self.loud else QUIET
        return np.random.default_rng(first).integers(-level, level, end - first).astype(float)


def protocols(peer: Any) -> list[Any]:
    """The UDP sockets of one end; each can be `blocked`."""
    found = peer._pc.sctp.transport.transport._connection._protocols
    for protocol in found:
        if not hasattr(protocol, "blocked"):
            protocol.blocked, protocol.loses = False, _never
            protocol.send_data = _send_data(protocol, protocol.send_data)
            protocol.send_stun = _send_stun(protocol, protocol.send_stun)
    return list(found)


def _never() -> bool:
    return False


def _send_data(protocol: Any, send: Any) -> Any:
    async def send_data(data: bytes, address: Any) -> None:
        if not (protocol.blocked or protocol.loses()):
            await send(data, address)

    return send_data


def _send_stun(protocol: Any, send: Any) -> Any:
    def send_stun(message: Any, address: Any) -> None:
        if not protocol.blocked:
            send(message, address)

    return send_stun


@asynccontextmanager
async def visit(
    options: PeerOptions,
    settings: FrametalkSettings | None = None,
    *,
    codec: m.Codec = "pcm16",
    books: Books | None = None,
    consent: m.Consent | None = None,
    alone: bool = True,
) -> AsyncIterator[Visit]:
    """A player who has joined; at the end no task of either side may be left, if it was `alone`."""
    before = asyncio.all_tasks()
    clock = Clock()
    house = House(1, settings or FrametalkSettings(), clock.now_s)
    house.books = books
    async with (
        listen(house.serve, no_pages, host="127.0.0.1", port=0, stalled_ms=5_000) as port,
        relaying(port) as (door, relay),
    ):
        sent: list[Media] = []

        async def open_link() -> Any:
            return await connect(f"ws://127.0.0.1:{door}")

        player = Player(
            await open_link(),
            GameWorld(load_world("tavern")),
            clock,
            PlayerOptions(name="visitor", peer=options, codec=codec, consent=consent),
            mic_frame=sent.append,
            reopen=open_link,
        )
        guest = Visit(house, player, relay, sent)
        player.mic.background = guest.noise
        async with asyncio.TaskGroup() as group:
            group.create_task(player.run())
            await player.joined.wait()
            yield guest
            await player.leave()
    await until(
        lambda: not (alone and asyncio.all_tasks() - before), 2.0
    )  # aioice's end within 20 ms
