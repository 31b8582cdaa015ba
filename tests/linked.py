"""Pairs of links for tests: in memory, or over a real socket on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from frametalk.transports.http import Page, Request
from frametalk.transports.link import Link, LinkClosed
from frametalk.transports.memory import MemoryLink, memory_pair
from frametalk.transports.websocket import PINGS, Pings, WebSocketLink
from frametalk.transports.websocket_client import connect
from frametalk.transports.websocket_server import listen
from left_tasks import all_ended
from limits import SOON_S

Kind = Literal["memory", "websocket"]


def no_pages(_request: Request) -> Page | None:
    """A server without pages of its own."""
    return None


@dataclass
class Door:
    """A listening server whose links the test takes by hand."""

    port: int = 0
    links: asyncio.Queue[WebSocketLink] = field(default_factory=asyncio.Queue)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, link: WebSocketLink) -> None:
        """Keep the link until the test has ended; then close it."""
        self.links.put_nowait(link)
        await self.released.wait()
        await link.close()


@asynccontextmanager
async def listening(stalled_ms: float = 5_000, pings: Pings = PINGS) -> AsyncIterator[Door]:
    """A server; at the end of the block all is closed, and no task may be left."""
    before = asyncio.all_tasks()
    door = Door()
    async with listen(
        door.handle,
        no_pages,
        host="127.0.0.1",
        port=0,
        stalled_ms=stalled_ms,
        pings=pings,
    ) as door.port:
        try:
            yield door
        finally:
            door.released.set()
    await all_ended(before)


@asynccontextmanager
async def linked(kind: Kind, *, json: bool = False) -> AsyncIterator[tuple[Link, Link]]:
    """(server link, client link)."""
    if kind == "memory":
        yield memory_pair(json=json)
        return
    async with listening() as door:
        client = await connect(f"ws://127.0.0.1:{door.port}", json=json)
        try:
            yield await door.links.get(), client
        finally:
            await client.close()


async def send_raw(link: Link, data: bytes | str) -> None:
    """Send a frame that no codec made."""
    if isinstance(link, MemoryLink):
        link.send_raw(data)
    else:
        assert isinstance(link, WebSocketLink)
        await link._connection.send(data)


async def end_of(link: Link) -> LinkClosed:
    """Receive and ignore until the link has ended; returns why it ended."""
    async with asyncio.timeout(SOON_S):
        while True:
            try:
                await link.receive()
            except LinkClosed as closed:
                return closed


async def received(link: Link) -> Any:
    """The next message, which must come soon."""
    async with asyncio.timeout(SOON_S):
        return await link.receive()
