"""A game without a screen or a loudspeaker: types turns, hears at once, answers calls, keeps what came."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from frametalk.config import FrametalkSettings
from frametalk.core.scene import Entity
from frametalk.core.tools import ToolSpec
from frametalk.engines import Engines
from frametalk.metrics import Metrics
from frametalk.session import Session
from frametalk.transports.link import Inbound, Link, LinkClosed
from frametalk.transports.memory import memory_pair
from frametalk.wire import messages as m
from frametalk.wire.codec import Media

TURN_LIMIT_S = 30.0


@dataclass(frozen=True, slots=True)
class World:
    """What a game tells in its first messages."""

    tools: tuple[ToolSpec, ...]
    entities: tuple[Entity, ...]
    scopes: tuple[str, ...] = ()


@dataclass(slots=True)
class TypedTurn:
    """What came of one typed turn. `said_ms`: until its first sound was here; None: there was none."""

    said_ms: float | None = None
    text: str = ""
    closed: bool = False
    calls: list[m.ToolCall] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class TypedGame:
    """One side of a link. `result` is what every tool's call comes to."""

    def __init__(self, link: Link, result: str) -> None:
        self._link = link
        self._result = result
        self._turn = TypedTurn()
        self._began_s = 0.0
        self._samples: dict[int, int] = {}
        self._reply = 0
        self._idle = asyncio.Event()
        self._joined = asyncio.Event()

    async def run(self) -> None:
        """Receive until the link is closed."""
        try:
            while True:
                self._take(await self._link.receive())
        except LinkClosed:
            return

    async def enter(self, world: World) -> None:
        """Say hello and show the scene."""
        self._link.send(m.Hello(protocol=1, tools=world.tools, scopes=world.scopes))
        self._link.send(m.SceneSnapshot(rev=1, entities=world.entities))
        await self._joined.wait()

    async def turn(self, text: str, events: Sequence[m.SceneEvent] = ()) -> TypedTurn:
        """Type a turn, after some events; what came until the character was idle again."""
        for event in events:
            self._link.send(event)
        self._turn = turn = TypedTurn()
        self._began_s = time.monotonic()
        self._idle.clear()
        self._link.send(m.Say(text=text))
        with suppress(TimeoutError):
            async with asyncio.timeout(TURN_LIMIT_S):
                await self._idle.wait()
                turn.closed = True
        return turn

    def _take(self, inbound: Inbound) -> None:
        turn = self._turn
        match inbound:
            case Media():
                if turn.said_ms is None:
                    turn.said_ms = (time.monotonic() - self._began_s) * 1000
                self._samples[self._reply] = inbound.sample + len(inbound.payload) // 2
                self._played()
            case m.ReplyBegin():
                self._reply = inbound.reply
                self._samples[inbound.reply] = 0
            case m.ReplyText():
                turn.text = f"{turn.text} {inbound.text}".strip()
            case m.ReplyEnd() | m.ReplyCut():
                self._played(done=True)
            case m.ToolCall():
                turn.calls.append(inbound)
                self._link.send(m.ToolResult(call=inbound.call, ok=True, value=self._result))
            case m.TurnStateChanged(state="idle"):
                self._idle.set()
            case m.Error():
                turn.errors.append(inbound.code)
            case m.SceneAck():
                self._joined.set()
            case m.Ping():
                now_us = time.monotonic_ns() // 1000
                answer = m.Pong(
                    id=inbound.id, t_us=inbound.t_us, received_us=now_us, sent_us=now_us
                )
                self._link.send(answer)

    def _played(self, *, done: bool = False) -> None:
        sample = self._samples.get(self._reply, 0)
        self._link.send(m.Played(reply=self._reply, sample=sample, done=done))


@asynccontextmanager
async def in_session(
    engines: Engines,
    settings: FrametalkSettings,
    world: World,
    result: str = "",
) -> AsyncIterator[TypedGame]:
    """A whole session over a link in memory, and the game that has joined it."""
    server_link, game_link = memory_pair()
    session = Session(server_link, engines, settings, session_id="bench", metrics=Metrics())
    game = TypedGame(game_link, result)
    async with asyncio.TaskGroup() as group:
        group.create_task(session.run())
        group.create_task(game.run())
        await game.enter(world)
        try:
            yield game
        finally:
            await game_link.close()
