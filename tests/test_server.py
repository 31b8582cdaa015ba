"""A server without sockets: the sessions that it restores."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from frametalk.config import FrametalkSettings
from frametalk.handover.session import Kept, decode
from frametalk.metrics import Metrics
from frametalk.resumption import digest
from frametalk.server import Server
from frametalk.wire import messages as m
from handover.restarting import Shelf, kill
from home import at_home
from player import engines

pytestmark = pytest.mark.looptime


async def test_a_restored_session_writes_into_the_books_of_its_server() -> None:
    shelf = Shelf()
    async with at_home() as home:
        player = home.connect()
        await player.enter(features=("resume",))
        token = player.of(m.Welcome)[0].resume
        kill(player, shelf)

        async def find(token: str) -> Kept:
            return decode(*shelf.kept[digest(token)])

        server = Server(FrametalkSettings(), engines(), Metrics())
        server._keeper = SimpleNamespace(find=find, soon=lambda: None)  # type: ignore[assignment]
        session = await server._restore(token)
        assert session is not None
        assert session.state.books is server._books
        await session.close(1001, "the test is over")
        await server._tasks.finish(1)
