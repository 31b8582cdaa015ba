"""Hostile clients at full rate, in a process of their own: `python -m frametalk.bench.attack.floods`."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from itertools import count, cycle, repeat
from secrets import token_hex
from typing import Any, NamedTuple

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from frametalk.bench.attack.inputs import HELLO, MIC, SNAPSHOT, media, packed
from frametalk.transports.websocket import PATH
from frametalk.wire.codec import MAX_MESSAGE_BYTES

CLIENTS = 4
THINGS = 400
ASKED_AFTER = 20  # changes of the scene
NICE = 10  # the attackers do not take the measured processes' cores
NOTHING = packed({"type": "scene.event", "name": "x", "data": {"a": []}})


def _arrays() -> bytes:
    """As many empty arrays as a message may have."""
    event = packed({"type": "scene.event", "name": "x", "data": {"a": None}})[:-1]
    arrays = min(60_000, MAX_MESSAGE_BYTES - len(event) - 3)
    return event + b"\xdc" + arrays.to_bytes(2, "big") + b"\x90" * arrays


def _scene(snapshot: int) -> bytes:
    """A large scene; each has names that no other has."""
    things = [
        {"id": f"e{n}", "name": f"odd thing {n} of {snapshot}", "aliases": [f"{snapshot} {n}"]}
        for n in range(THINGS)
    ]
    return packed({**SNAPSHOT, "rev": 2, "entities": things})


def _patches() -> Iterator[bytes]:
    """A large scene, then one thing after another that comes or goes, with words asked of it."""
    yield _scene(0)
    for rev in count(2):
        changes: dict[str, Any] = {"type": "scene.patch", "base": rev, "rev": rev + 1}
        if rev % 2:
            changes["remove"] = ["new"]
        else:
            changes["put"] = [{"id": "new", "name": f"new thing {rev}", "aliases": [f"it {rev}"]}]
        yield packed(changes)
        if rev % ASKED_AFTER == 0:
            yield packed({"type": "say", "text": f"where is the new thing {rev}"})


def _tools() -> bytes:
    """A `hello` full of tools that no other client has."""
    schema = {f"a{n}": {"type": "string", "maxLength": n + 1} for n in range(20)}
    key = token_hex(4)
    tools = [
        {"name": f"t{n}", "parameters": {"properties": {**schema, f"{key}{n}": {}}}}
        for n in range(64)
    ]
    return packed({**HELLO, "tools": tools})


class Flood(NamedTuple):
    """What a client sends; where `frames` end, it leaves and comes again."""

    frames: Callable[[], Iterator[bytes]]
    hello: Callable[[], bytes] = lambda: packed(HELLO)


FLOODS = {
    "small messages": Flood(lambda: repeat(NOTHING)),
    "empty arrays": Flood(lambda: repeat(_arrays())),
    "typed turns": Flood(lambda: repeat(packed({"type": "say", "text": "who are you"}))),
    "microphones": Flood(lambda: repeat(packed(MIC))),
    "sound of one sample": Flood(lambda: cycle([packed(MIC), *(media(payload=bytes(2)),) * 64])),
    "scenes": Flood(lambda: map(_scene, count())),
    "patches": Flood(_patches),
    "garbage": Flood(lambda: repeat(b"\xc1")),
    "tools": Flood(lambda: iter([packed({"type": "bye"})]), _tools),
}


async def flood(url: str, name: str) -> None:
    """Send it for ever; connect again when the connection has ended."""
    frames, hello = FLOODS[name]
    while True:
        try:
            async with connect(url + PATH, compression=None, max_size=None, proxy=None) as socket:
                await socket.send(hello())
                async with asyncio.TaskGroup() as group:
                    group.create_task(_read(socket))
                    group.create_task(_send(socket, frames()))
        except* (OSError, WebSocketException):
            await asyncio.sleep(0.01)


async def _read(socket: ClientConnection) -> None:
    while True:
        await socket.recv()


async def _send(socket: ClientConnection, frames: Iterator[bytes]) -> None:
    for frame in frames:
        await socket.send(frame)


async def main(url: str, name: str) -> None:
    """Several clients send the flood `name`."""
    if hasattr(os, "nice"):
        os.nice(NICE)
    async with asyncio.TaskGroup() as group:
        for _client in range(CLIENTS):
            group.create_task(flood(url, name))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
