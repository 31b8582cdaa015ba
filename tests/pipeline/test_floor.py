"""The game takes and gives the floor, and hints about the turn that is being heard."""

from __future__ import annotations

import asyncio

import pytest

from frametalk.core.events import FloorChanged, SpeechEnded, TurnCancelled
from frametalk.core.turn import TurnMachine
from frametalk.core.turn_parts import State
from frametalk.errors import FrametalkError
from frametalk.pipeline.endpoints import Endpoints
from frametalk.pipeline.floor import FloorControl
from frametalk.wire.messages import FloorSet, TurnHint
from stages import Stage

pytestmark = pytest.mark.looptime

WINDOW = 512


class Game:
    """A game in control of the floor, while turn 1 is being heard."""

    def __init__(self) -> None:
        self.stage = Stage()
        self.machine = TurnMachine()
        self.endpoints = Endpoints(self.stage.context)
        self.floor = FloorControl(self.stage.context, self.machine, self.endpoints)
        self.at = 0
        self.push(10, 0.9)
        self.machine.state, self.machine.turn = State.HEARING, 1
        self.stage.events.clear()

    def push(self, windows: int, probability: float) -> None:
        for _ in range(windows):
            self.endpoints.push(self.at, WINDOW, probability)
            self.at += WINDOW


async def test_the_floor_returns_after_its_time() -> None:
    game = Game()
    game.floor.set(FloorSet(mode="hold", until_ms=500))
    assert game.stage.events == [FloorChanged("hold")]
    await asyncio.sleep(0.6)
    assert game.stage.events == [FloorChanged("hold"), FloorChanged("free")]


async def test_a_newer_mode_replaces_the_timer_of_the_older() -> None:
    game = Game()
    game.floor.set(FloorSet(mode="hold", until_ms=500))
    game.floor.set(FloorSet(mode="silence"))
    await asyncio.sleep(1)
    assert game.stage.events == [FloorChanged("hold"), FloorChanged("silence")]


async def test_closing_stops_the_timer() -> None:
    game = Game()
    game.floor.set(FloorSet(mode="hold", until_ms=500))
    game.floor.close()
    await asyncio.sleep(1)
    assert game.stage.events == [FloorChanged("hold")]


async def test_a_hint_ends_the_turn_at_once() -> None:
    game = Game()
    game.floor.hint(TurnHint(turn=1, hint="force"))
    assert game.stage.events == [SpeechEnded(game.at, forced=True)]


async def test_a_held_turn_does_not_end_by_silence() -> None:
    game = Game()
    game.floor.hint(TurnHint(turn=1, hint="hold"))
    game.push(100, 0.0)
    assert game.endpoints.in_turn


async def test_a_hint_cancels_the_turn() -> None:
    game = Game()
    game.floor.hint(TurnHint(turn=1, hint="cancel"))
    assert game.stage.events == [TurnCancelled()]


@pytest.mark.parametrize(("state", "turn"), [(State.IDLE, 1), (State.HEARING, 2)])
async def test_a_hint_for_a_turn_that_is_not_heard_is_refused(state: State, turn: int) -> None:
    game = Game()
    game.machine.state = state
    with pytest.raises(FrametalkError, match="turn_unknown"):
        game.floor.hint(TurnHint(turn=turn, hint="force"))
    assert game.stage.events == []
