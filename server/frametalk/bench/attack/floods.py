"""Hostile clients at full rate, in a process of their own: `python -m frametalk.bench.attack.floods`."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from frametalk.bench.attack.inputs import HELLO, MIC, SNAPSHOT, media, packed
from frametalk.transports.websocket import PATH
from frametalk.wire.codec import MAX_MESSAGE_BYTES

CLIENTS = 4
NICE = 10  # the attackers do not take the measured processes' cores
NOTHING = packed({"type": "scene.event", "name": "x", "data": {"a": []}})


def _arrays() -> bytes:
    """As many empty arrays as a message may have."""
    event = packed({"type": "scene.event", "name": "x", "data": {"a": None}})[:-1]
    count = min(60_000, MAX_MESSAGE_BYTES - len(event) - 3)
    return event + b"\xdc" + count.to_bytes(2, "big") + b"\x90" * count


def _crowd() -> bytes:
    things = [{"id": f"e{number}", "name": f"odd thing {number}"} for number in range(400)]
    return packed({**SNAPSHOT, "rev": 2, "entities": things})


FLOODS: dict[str, Callable[[], list[bytes]]] = {
    "small messages": lambda: [NOTHING] * 64,
    "empty arrays": lambda: [_arrays()],
    "typed turns": lambda: [packed({"type": "say", "text": "who are you"})] * 16,
    "microphones": lambda: [packed(MIC)] * 64,
    "sound of one sample": lambda: [packed(MIC), *(media(payload=bytes(2)),) * 64],
    "scenes": lambda: [_crowd()],
    "garbage": lambda: [b"\xc1"] * 16,
}


async def flood(url: str, name: str) -> None:
    """Send it for ever; connect again when the server ends the connection."""
    frames = FLOODS[name]()
    while True:
        try:
            async with connect(url + PATH, compression=None, max_size=None, proxy=None) as socket:
                await socket.send(packed(HELLO))
                async with asyncio.TaskGroup() as group:
                    group.create_task(_read(socket))
                    group.create_task(_send(socket, frames))
        except* (OSError, WebSocketException):
            await asyncio.sleep(0.01)


async def _read(socket: ClientConnection) -> None:
    while True:
        await socket.recv()


async def _send(socket: ClientConnection, frames: list[bytes]) -> None:
    while True:
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
