"""Sessions that resume each other, and players whose connections a test breaks, on virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from frametalk.admission import Entrance, check_room, open_entrance
from frametalk.config import FrametalkSettings
from frametalk.engines import Engines
from frametalk.metrics import Metrics
from frametalk.resumption import Resumption
from frametalk.session import Session
from frametalk.session_state import Books
from frametalk.tokens import Grant
from frametalk.transports.link import LinkClosed
from frametalk.transports.memory import MemoryLink, memory_pair
from frametalk.wire import messages as m
from player import Player, engines


def break_link(link: Any) -> None:
    """The connection is gone, for both ends; what was under way is lost."""
    assert isinstance(link, MemoryLink)
    link._abort(LinkClosed(1006))


def _full(admit: Callable[[m.Hello, bool], Grant], hello: m.Hello, resumes: bool) -> Grant:
    """Admit only those who resume."""
    if not resumes:
        check_room(1, limit=1)
    return admit(hello, resumes)


@dataclass
class Home:
    """A server without its sockets."""

    engines: Engines
    settings: FrametalkSettings
    group: asyncio.TaskGroup
    resumption: Resumption[Session] = field(default_factory=Resumption)
    players: list[Player] = field(default_factory=list)
    metrics: Metrics = field(default_factory=Metrics)
    restore: Callable[[str], Awaitable[Session | None]] | None = None  # what another server kept
    books: Books | None = None

    def entrance(self, *, full: bool = False) -> Entrance[Session]:
        """The way into this server."""
        entrance = replace(open_entrance(self.settings.server), resumption=self.resumption)
        if full:
            entrance = replace(entrance, admit=partial(_full, entrance.admit))
        return replace(entrance, restore=self.restore) if self.restore else entrance

    def connect(self, *, json: bool = False, full: bool = False, **options: Any) -> Player:
        """Another connection, which has not said hello."""
        server_link, client_link = memory_pair(json=json)
        session = Session(
            server_link,
            self.engines,
            self.settings,
            session_id=f"s{len(self.players)}",
            metrics=self.metrics,
            now=asyncio.get_running_loop().time,
            entrance=self.entrance(full=full),
            **{"books": self.books, **options},
        )
        player = Player(client_link, session)
        self.players.append(player)
        self.group.create_task(session.run())
        self.group.create_task(player.run())
        return player

    async def resume(
        self, before: Player, token: str | None = None, *, json: bool = False, **at: Any
    ) -> Player:
        """Connect again as `before`, with its newest token; `at`: the fields of `resume_from`."""
        player = self.connect(json=json)
        player.plays = before.plays
        player._streams, player.heard = before._streams, before.heard
        player.mic_sample, player._began = before.mic_sample, before._began
        token = before.of(m.Welcome)[-1].resume if token is None else token
        where = m.ResumeFrom(**at) if at else None
        await player.hello(
            features=("resume",), resume=token, resume_from=where, token=self.settings.server.token
        )
        return player


@asynccontextmanager
async def at_home(
    with_engines: Engines | None = None, settings: FrametalkSettings | None = None
) -> AsyncIterator[Home]:
    """A home; at the end of the block all its players leave, and no task may be left."""
    before = asyncio.all_tasks()
    async with asyncio.TaskGroup() as group:
        home = Home(with_engines or engines(), settings or FrametalkSettings(), group)
        yield home
        for player in home.players:
            await player.link.close()
        for player in home.players:  # those that wait for a connection
            assert player.session is not None
            await player.session.close(1001, "the test is over")
    left = asyncio.all_tasks() - before
    assert not left, left
