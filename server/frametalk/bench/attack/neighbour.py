"""A player who talks with the same server meanwhile: how long it waits for answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

from frametalk.bench.samples import Distribution
from frametalk.headless.clock import Clock
from frametalk.headless.player import Player, PlayerOptions
from frametalk.headless.reply import Reply
from frametalk.headless.scene import GameWorld
from frametalk.headless.worldfile import load_world
from frametalk.transports.websocket_client import connect

WORLD = "tavern"
SAID = "who are you"
ANSWER_S = 10.0
BETWEEN_S = 0.05


@dataclass(slots=True)
class Waits:
    """Milliseconds from a typed turn to the first sound of its answer; `lost` had none."""

    ms: list[float] = field(default_factory=list)
    lost: int = 0

    def since(self, first: int) -> Distribution:
        """Those from number `first` on."""
        return Distribution.of(self.ms[first:])


@asynccontextmanager
async def talking(url: str) -> AsyncIterator[Waits]:
    """A neighbour talks until the block ends."""
    waits, clock = Waits(), Clock()
    player = Player(
        await connect(url), GameWorld(load_world(WORLD)), clock, PlayerOptions("neighbour")
    )
    async with asyncio.TaskGroup() as group:
        group.create_task(player.run())
        await player.joined.wait()
        talk = group.create_task(_talk(player, clock, waits))
        yield waits
        talk.cancel()
        await player.leave()


async def _talk(player: Player, clock: Clock, waits: Waits) -> None:
    while True:
        began_s, asked_s = time.perf_counter(), clock.now_s()
        player.say_typed(SAID)
        answered = partial(_answered, player, asked_s)
        heard = await player.log.wait_for(answered, asked_s + ANSWER_S)
        if heard is None:
            waits.lost += 1
        else:
            waits.ms.append((time.perf_counter() - began_s) * 1000)
        player.interrupt()
        await asyncio.sleep(BETWEEN_S)


def _answered(player: Player, since_s: float) -> Reply | None:
    """The newest reply that began since then, once it has sound."""
    begun = (reply for reply in player.replies.values() if reply.began_s >= since_s)
    return next((reply for reply in begun if reply.playback.available), None)
