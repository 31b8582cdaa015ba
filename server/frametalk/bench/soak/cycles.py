"""Clients that connect, talk and vanish: `python -m frametalk.bench.soak.cycles URL COUNT`.

They run in a process of their own, each in one of the WAYS, and print what became of them (JSON).
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from frametalk.core.audio import RECOGNITION_RATE_HZ, ms_to_samples
from frametalk.errors import FrametalkError, Stage
from frametalk.headless.mic import FRAME_MS, STREAM
from frametalk.headless.scene import GameWorld
from frametalk.headless.speech import speak
from frametalk.headless.worldfile import load_world
from frametalk.transports.link import LinkClosed
from frametalk.transports.websocket_client import connect
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, MediaKind

if TYPE_CHECKING:
    from frametalk.core.audio import Samples
    from frametalk.transports.websocket import WebSocketLink

AT_ONCE = 8
LIMIT_S = 30.0
WORLD = "tavern"
SPOKEN = "open the red door"
WAYS = ("hello", "reply", "mid-word", "spoken", "tool call", "resumed")


class Cycles(msgspec.Struct):
    """How many clients vanished where they meant to, and in which ways others did not get so far."""

    done: int = 0
    failed: dict[str, int] = msgspec.field(default_factory=dict)


class Client:
    """One connection that ends without a word."""

    def __init__(self, url: str, sound: Samples) -> None:
        self._url = url
        self._sound = sound
        self._world = GameWorld(load_world(WORLD))

    async def vanish(self, way: str) -> None:
        """Connect, talk in that way, and break the connection. Raises what keeps it from that."""
        link = await connect(self._url)
        try:
            await self._talk(link, way)
        finally:
            link.abort("vanished")

    async def _talk(self, link: WebSocketLink, way: str) -> None:
        if way == "hello":
            link.send(self._hello())
        elif way == "resumed":
            await self._resume(link)
        else:
            await self._join(link)
            if way == "mid-word":
                self._speak(link, self._sound[: len(self._sound) // 2])
                await self._until(link, m.TurnStateChanged)
            elif way == "spoken":
                self._speak(link, self._sound, silence_ms=1_500)
                await self._until(link, m.ReplyBegin)
            elif way == "tool call":
                link.send(m.Say(text="open the door"))
                await self._until(link, m.ToolCall)
            else:
                link.send(m.Say(text="who are you"))
                await self._until(link, Media)

    async def _resume(self, link: WebSocketLink) -> None:
        """Break the connection in a reply, go on over another, and hear the rest's beginning."""
        welcome = await self._join(link, features=("resume",))
        link.send(m.Ack(acked=0))
        await self._until(link, m.Received)
        link.send(m.Say(text="who are you"))
        await self._until(link, Media)
        link.abort("cut")
        again = await connect(self._url)
        try:
            await self._join(again, features=("resume",), resume=welcome.resume)
        finally:
            again.abort("vanished")

    def _hello(self, **fields: Any) -> m.Hello:
        client = m.ClientInfo(name="cycle", version="1", engine="headless")
        tools = self._world.tools
        return m.Hello(protocol=m.PROTOCOL_VERSION, client=client, tools=tools, **fields)

    async def _join(self, link: WebSocketLink, **fields: Any) -> m.Welcome:
        link.send(self._hello(**fields))
        welcome: m.Welcome = await self._until(link, m.Welcome)
        if not welcome.resumed:
            link.send(self._world.snapshot())
        return welcome

    def _speak(self, link: WebSocketLink, sound: Samples, silence_ms: int = 0) -> None:
        """Send sound faster than it is spoken, as after a break."""
        frame = ms_to_samples(FRAME_MS, RECOGNITION_RATE_HZ)
        link.send(
            m.MicStart(stream=STREAM, rate_hz=RECOGNITION_RATE_HZ, codec="pcm16", mode="open")
        )
        data = sound.astype("<i2").tobytes()
        data += bytes(2 * ms_to_samples(silence_ms, RECOGNITION_RATE_HZ))
        for seq, at in enumerate(range(0, len(data) - 2 * frame + 1, 2 * frame)):
            payload = data[at : at + 2 * frame]
            link.send_media(Media(MediaKind.PCM16, STREAM, seq, at // 2, payload))

    async def _until(self, link: WebSocketLink, kind: type[Any]) -> Any:
        while True:
            item = await link.receive()
            if isinstance(item, kind):
                return item
            if isinstance(item, m.Error):
                raise FrametalkError(item.code, item.text, stage=Stage.SESSION)


async def run_cycles(url: str, count: int, progress: Callable[[int], None]) -> Cycles:
    """`count` clients, some at once; `progress` is called with the number after each hundred."""
    sound = speak(SPOKEN).samples
    result = Cycles()
    numbers = iter(range(count))

    async def some() -> None:
        for number in numbers:
            way = WAYS[number % len(WAYS)]
            try:
                async with asyncio.timeout(LIMIT_S):
                    await Client(url, sound).vanish(way)
                result.done += 1
            except (FrametalkError, LinkClosed, TimeoutError) as error:
                why = f"{way}: {getattr(error, 'code', '') or type(error).__name__}"
                result.failed[why] = result.failed.get(why, 0) + 1
            if number % 100 == 99:  # noqa: PLR2004  (a hundred)
                progress(number + 1)

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(some())
    return result


if __name__ == "__main__":
    tell = partial(print, "cycles:", file=sys.stderr, flush=True)
    ended = asyncio.run(run_cycles(sys.argv[1], int(sys.argv[2]), tell))
    print(msgspec.json.encode(ended).decode(), flush=True)
