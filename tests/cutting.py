"""Connections in memory that are cut at a certain message, which is lost with all that is under way."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from frametalk.bench.network.house import House
from frametalk.bench.network.talk import Outcome, Talk
from frametalk.config import FrametalkSettings
from frametalk.headless.clock import Clock
from frametalk.transports.link import Inbound, LinkClosed
from frametalk.transports.memory import MemoryLink, memory_pair
from frametalk.wire.codec import Media
from home import break_link

Direction = Literal["up", "down"]
Where = tuple[Direction, int, bool]
"""The direction, how many items arrive in it before, and whether the server does not notice the cut."""


def kind_of(item: Inbound) -> str:
    """The type of a message, or `media`."""
    return "media" if isinstance(item, Media) else str(item.__struct_config__.tag)  # type: ignore[union-attr]


@dataclass
class Cutter:
    """Opens connections to a house; each is cut as the next of `cuts` says, the later ones never.

    `seen`: what arrived, by direction.
    """

    house: House
    cuts: Iterator[Where]
    made: int = 0
    seen: dict[Direction, list[str]] = field(default_factory=lambda: {"up": [], "down": []})
    serving: set[asyncio.Task[None]] = field(default_factory=set)

    async def open_link(self) -> MemoryLink:
        """Another connection."""
        server, client = memory_pair()
        cut = next(self.cuts, None)
        self._watch(server, client, "up", cut)
        self._watch(client, client, "down", cut)
        task = asyncio.get_running_loop().create_task(self.house.serve(server))
        self.serving.add(task)
        return client

    def _watch(
        self, link: MemoryLink, client: MemoryLink, direction: Direction, cut: Where | None
    ) -> None:
        receive, count = link.receive, 0

        async def receiving() -> Inbound:
            nonlocal count
            item = await receive()
            self.seen[direction].append(kind_of(item))
            count += 1
            if cut is None or cut[0] != direction or count <= cut[1]:
                return item
            self.made += 1
            if not cut[2]:
                break_link(client)
                raise LinkClosed(1006)
            client._end = LinkClosed(1006)  # the client alone notices
            client._into.changed.set()
            if direction == "up":
                await asyncio.Event().wait()
            raise LinkClosed(1006)

        link.receive = receiving  # type: ignore[method-assign]


async def converse(
    cuts: list[Where], turns: int, seed: int = 1, settings: FrametalkSettings | None = None
) -> tuple[Outcome, Cutter]:
    """A conversation of so many turns over connections that are cut there."""
    loop = asyncio.get_running_loop()
    house = House(seed, settings or FrametalkSettings(), loop.time)
    cutter = Cutter(house, iter(cuts))
    talk = Talk(house, cutter.open_link, Clock(loop.time), seed)
    outcome = await talk.run(lambda: talk.turns >= turns)
    async with asyncio.timeout(200):
        await asyncio.wait(cutter.serving)
    return outcome, cutter


def lost(outcome: Outcome) -> dict[str, Any]:
    """What must be nothing."""
    counts = {
        "control_lost": outcome.control_lost,
        "control_doubled": outcome.control_doubled,
        "mic_samples_lost": outcome.mic_samples_lost,
        "reply_samples_lost": outcome.reply_samples_lost,
        "tools_twice": outcome.tools_twice,
        "errors": outcome.errors,
    }
    return {name: count for name, count in counts.items() if count}
