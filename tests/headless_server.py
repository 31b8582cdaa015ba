"""A scripted server for the headless client: it sends what a test says and records what came."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
import numpy as np

from frametalk.core.marks import Mark
from frametalk.headless.clock import Clock
from frametalk.headless.player import Player, PlayerOptions
from frametalk.headless.scene import GameWorld
from frametalk.headless.worldfile import load_world
from frametalk.transports.link import Link, LinkClosed
from frametalk.transports.memory import memory_pair
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, MediaFlags, MediaKind

RATE_HZ = 22_050
FRAME = 441
LIMITS = m.Limits(
    message_bytes=61_440, lead_ms=400, played_every_ms=100, mic_frame_ms=20, tools=64, entities=512
)

T = TypeVar("T")


def tone(samples: int) -> bytes:
    """A sound that is audible from its second sample on."""
    return (8_000 * np.sin(np.arange(samples) * 0.2)).astype("<i2").tobytes()


@dataclass
class FakeServer:
    """The server's end of a link. `seen`: everything from the client except microphone frames."""

    link: Link
    clock: Clock
    seen: list[Any] = field(default_factory=list)
    mic: list[tuple[float, Media]] = field(default_factory=list)
    _seq: int = 0
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Receive until the client leaves."""
        try:
            while True:
                item = await self.link.receive()
                if isinstance(item, Media):
                    self.mic.append((self.clock.now_s(), item))
                    continue
                if isinstance(item, m.Hello):
                    self.welcome(item)
                self.seen.append(item)
                self._news.set()
        except LinkClosed:
            self._news.set()

    def welcome(self, hello: m.Hello) -> None:
        self.send(
            m.Welcome(
                protocol=1,
                session="s",
                character="blacksmith",
                mic_rates_hz=(16_000,),
                rate_hz=RATE_HZ,
                echo=hello.echo,
                limits=LIMITS,
            )
        )

    def send(self, message: Any) -> None:
        if isinstance(message, m.ServerMessage | m.Error):
            self._seq += 1
            message = msgspec.structs.replace(message, seq=self._seq)
        self.link.send(message)

    def of(self, kind: type[T]) -> list[T]:
        return [item for item in self.seen if isinstance(item, kind)]

    async def until(self, kind: type[T], count: int = 1) -> T:
        """The `count`th message of a kind. Raises TimeoutError after 30 s."""
        async with asyncio.timeout(30):
            while len(self.of(kind)) < count:
                self._news.clear()
                await self._news.wait()
        return self.of(kind)[count - 1]

    async def until_done(self, reply: int = 1) -> m.Played:
        """The report with `done` of a reply. Raises TimeoutError after 30 s."""
        async with asyncio.timeout(30):
            while not (ends := [p for p in self.of(m.Played) if p.reply == reply and p.done]):
                self._news.clear()
                await self._news.wait()
        return ends[0]

    # ---- replies ---------------------------------------------------------------------------------

    def begin(self, reply: int = 1, turn: int = 1) -> None:
        self.send(
            m.ReplyBegin(reply=reply, turn=turn, stream=reply, rate_hz=RATE_HZ, character="smith")
        )

    def frames(self, first: int, count: int, reply: int = 1, *, last: bool = False) -> None:
        """`count` frames of a tone from sample `first` on."""
        for index in range(count):
            at = first + index * FRAME
            flags = MediaFlags.LAST if last and index == count - 1 else MediaFlags.NONE
            seq = at // FRAME
            self.link.send_media(Media(MediaKind.PCM16, reply, seq, at, tone(FRAME), flags))

    def say(self, text: str, frames: int, reply: int = 1, turn: int = 1) -> None:
        """Send a whole reply of `frames` frames, its words and mouth shapes spread evenly."""
        self.begin(reply, turn)
        self.send(m.ReplyText(reply=reply, text=text, at=0))
        words = text.split()
        each = frames * FRAME // len(words)
        marks = [
            mark
            for index, word in enumerate(words)
            for mark in (
                Mark("word", index * each, (index + 1) * each - 1, word.strip(".,")),
                Mark("viseme", index * each, index * each + each // 2, "aa"),
            )
        ]
        self.send(m.ReplyMarks(reply=reply, marks=tuple(marks)))
        self.frames(0, frames, reply, last=True)
        self.send(m.ReplyEnd(reply=reply, samples=frames * FRAME))


@asynccontextmanager
async def playing(**options: Any) -> AsyncIterator[tuple[Player, FakeServer]]:
    """A player in the tavern who has joined, and its server, on the loop's time."""
    server_end, client_end = memory_pair()
    clock = Clock(asyncio.get_running_loop().time)
    player = Player(client_end, GameWorld(load_world("tavern")), clock, PlayerOptions(**options))
    server = FakeServer(server_end, clock)
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(server.run())
        running = group.create_task(player.run())
        await server.until(m.SceneSnapshot if options.get("mic") == "ptt" else m.MicStart)
        yield player, server
        await player.leave()
        await asyncio.wait((running, serving))
        await server.link.close()
