"""Players who talk with the same server meanwhile: how long they wait for answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from frametalk.bench.samples import Distribution
from frametalk.bench.sound import speech_like
from frametalk.core.audio import RECOGNITION_RATE_HZ
from frametalk.headless.clock import Clock
from frametalk.headless.player import Player, PlayerOptions
from frametalk.headless.scene import GameWorld
from frametalk.headless.worldfile import load_world
from frametalk.transports.websocket_client import connect

PLAYERS = 8  # so that the shortest flood has enough turns for a p95
WORLD = "tavern"
SPEECH_MS = (350, 550)
ANSWER_S = 10.0
BETWEEN_S = 0.1
FRAME_HZ = 25  # no face is drawn; `played` leaves every 80 ms, the wire asks for 100


@dataclass(slots=True)
class Waits:
    """Mouth-to-ear of spoken turns in milliseconds, as their traces say; `lost` had no answer."""

    ms: list[float] = field(default_factory=list)
    lost: int = 0

    def since(self, first: int) -> Distribution:
        """Those from number `first` on."""
        return Distribution.of(self.ms[first:])


@asynccontextmanager
async def talking(url: str) -> AsyncIterator[Waits]:
    """Neighbours talk until the block ends."""
    waits, clock = Waits(), Clock()
    players = [await _player(url, clock, number) for number in range(PLAYERS)]
    async with asyncio.TaskGroup() as group:
        for player in players:
            group.create_task(player.run())
        for player in players:
            await player.joined.wait()
        talks = [
            group.create_task(_talk(player, clock, waits, np.random.default_rng(number)))
            for number, player in enumerate(players)
        ]
        yield waits
        for talk in talks:
            talk.cancel()
        for player in players:
            await player.leave()


async def _player(url: str, clock: Clock, number: int) -> Player:
    options = PlayerOptions(f"neighbour {number}", frame_hz=FRAME_HZ)
    return Player(await connect(url), GameWorld(load_world(WORLD)), clock, options)


async def _talk(player: Player, clock: Clock, waits: Waits, random: np.random.Generator) -> None:
    """One turn after another: speak, wait for the answer's first sound, press the stop button."""
    while True:
        known = len(player.replies)
        length_ms = random.uniform(*SPEECH_MS)
        sound = player.mic.play(speech_like(random, length_ms, RECOGNITION_RATE_HZ))
        await sound.done.wait()
        answered = partial(_mouth_to_ear_ms, player, known)
        heard_ms = await player.log.wait_for(answered, clock.now_s() + ANSWER_S)
        if heard_ms is None:
            waits.lost += 1
        else:
            waits.ms.append(heard_ms)
        player.interrupt()
        await asyncio.sleep(BETWEEN_S)


def _mouth_to_ear_ms(player: Player, known: int) -> float | None:
    """Of the first reply after the `known` ones whose trace has come."""
    replies = list(player.replies.values())[known:]
    traces = (reply.trace for reply in replies if reply.trace is not None)
    return next((trace.mouth_to_ear_ms for trace in traces if trace.mouth_to_ear_ms), None)
