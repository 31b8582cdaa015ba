"""A game without sound: types turns, answers tool calls, and records what came of each turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from frametalk.config import FrametalkSettings
from frametalk.engines import Engines
from frametalk.headless.clock import Clock
from frametalk.headless.player import Player, PlayerOptions
from frametalk.headless.scene import Decision, GameWorld
from frametalk.headless.worldfile import WorldFile
from frametalk.metrics import Metrics
from frametalk.session import Session
from frametalk.transports.memory import memory_pair
from frametalk.wire import messages as m

TURN_LIMIT_S = 30.0

_T = TypeVar("_T")


@dataclass(slots=True)
class TypedTurn:
    """The outcome of one typed turn. `said_ms`: until its first sound had come; None: there was none."""

    said_ms: float | None = None
    text: str = ""
    closed: bool = False
    calls: list[m.ToolCall] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class CompliantWorld(GameWorld):
    """A world in which every call of every tool succeeds with the same value."""

    def __init__(self, file: WorldFile, value: str) -> None:
        super().__init__(file)
        self._value = value

    def decide(self, tool: str, args: Mapping[str, Any]) -> Decision:
        """The one outcome."""
        return Decision(value=self._value)


class TypedGame:
    """Types turns as `player`, who must have joined."""

    def __init__(self, player: Player, clock: Clock) -> None:
        self._player = player
        self._clock = clock

    async def turn(self, text: str, events: Sequence[m.SceneEvent] = ()) -> TypedTurn:
        """Send some events, type a turn, and wait until the character is idle again."""
        for event in events:
            self._player.send_event(event)
        first, typed_s = len(self._player.log.entries), self._clock.now_s()
        self._player.say_typed(text)
        idle = await self._wait(lambda: self._idle_since(first))
        items = self._items(first)
        replies = [reply for reply in self._player.replies.values() if reply.began_s >= typed_s]
        arrived = [r.playback.arrived_s for r in replies if r.playback.arrived_s is not None]
        return TypedTurn(
            said_ms=(min(arrived) - typed_s) * 1000 if arrived else None,
            text=" ".join(filter(None, (reply.text for reply in replies))),
            closed=idle is not None,
            calls=[item for item in items if isinstance(item, m.ToolCall)],
            errors=[item.code for item in items if isinstance(item, m.Error)],
        )

    async def scene_known(self) -> None:
        """Wait until the server has the scene."""
        await self._wait(lambda: True if self._any(0, m.SceneAck) else None)

    async def _wait(self, look: Callable[[], _T | None]) -> _T | None:
        return await self._player.log.wait_for(look, self._clock.now_s() + TURN_LIMIT_S)

    def _items(self, first: int) -> list[Any]:
        return [entry.item for entry in self._player.log.entries[first:]]

    def _any(self, first: int, kind: type) -> bool:
        return any(isinstance(item, kind) for item in self._items(first))

    def _idle_since(self, first: int) -> bool | None:
        states = (item for item in self._items(first) if isinstance(item, m.TurnStateChanged))
        return True if any(state.state == "idle" for state in states) else None


@asynccontextmanager
async def in_session(
    engines: Engines,
    settings: FrametalkSettings,
    world: WorldFile,
    *,
    scopes: tuple[str, ...] = (),
    value: str = "",
) -> AsyncIterator[TypedGame]:
    """A whole session over a link in memory, and the game that has joined it.

    `value` is the result of every tool call. The player hears in real time: give `engines` a voice that
    speaks fast.
    """
    server_link, game_link = memory_pair()
    session = Session(server_link, engines, settings, session_id="bench", metrics=Metrics())
    clock = Clock()
    options = PlayerOptions(name="bench", mic="ptt", scopes=scopes)
    player = Player(game_link, CompliantWorld(world, value), clock, options)
    async with asyncio.TaskGroup() as group:
        group.create_task(session.run())
        group.create_task(player.run())
        await player.joined.wait()
        game = TypedGame(player, clock)
        await game.scene_known()
        try:
            yield game
        finally:
            await player.leave()
