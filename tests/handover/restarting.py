"""Servers without sockets that are stopped or killed, and others that go on from what they kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from frametalk.config import FrametalkSettings
from frametalk.engines import Engines
from frametalk.handover.session import Kept, decode, encode
from frametalk.resumption import digest
from frametalk.session import Session
from frametalk.session_state import Books
from home import Home, at_home, break_link
from player import Player


class Shelf:
    """What was kept, as bytes, by the digests of the tokens."""

    def __init__(self) -> None:
        self.kept: dict[bytes, tuple[bytes, bytes]] = {}

    def put(self, kept: Kept | None) -> None:
        assert kept is not None
        parts = encode(kept.session), encode(kept.world)
        self.kept.update(dict.fromkeys(kept.session.digests, parts))


async def stop(player: Player, shelf: Shelf, within_s: float = 10) -> None:
    """The player's server stops as it should."""
    assert player.session is not None
    shelf.put(await player.session.hand_over(within_s, lambda: False))


def kill(player: Player, shelf: Shelf) -> None:
    """The player's server is killed; its sessions were kept a moment before."""
    assert player.session is not None
    shelf.put(player.session.keep())
    break_link(player.link)


@asynccontextmanager
async def next_server(
    shelf: Shelf,
    with_engines: Engines | None = None,
    settings: FrametalkSettings | None = None,
    books: Books | None = None,
) -> AsyncIterator[Home]:
    """A server that finds its sessions on the shelf."""
    async with at_home(with_engines, settings) as home:
        home.books = books
        restored: list[Session] = []

        async def restore(token: str) -> Session | None:
            parts = shelf.kept.get(digest(token))
            if parts is None:
                return None
            kept = decode(*parts)
            session = Session(
                None,
                home.engines,
                home.settings,
                session_id=kept.session.id,
                metrics=home.metrics,
                now=asyncio.get_running_loop().time,
                entrance=home.entrance(),
                books=books,
            )
            session.restore(kept)
            restored.append(session)
            home.group.create_task(session.run())
            return session

        home.restore = restore
        yield home
        for session in restored:
            await session.close(1001, "the test is over")
