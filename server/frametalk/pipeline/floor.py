"""The game's control of turns: who has the floor, and hints about the turn that is being heard."""

from __future__ import annotations

import asyncio

from frametalk.context import SessionContext
from frametalk.core.events import FloorChanged, TurnCancelled
from frametalk.core.turn import TurnMachine
from frametalk.core.turn_parts import State
from frametalk.errors import FrametalkError, Stage
from frametalk.pipeline.endpoints import Endpoints
from frametalk.wire.messages import FloorSet, TurnHint

HEARD = frozenset({State.HEARING, State.HOLDING, State.DUCKED})


class FloorControl:
    """Serves `floor.set` and `turn.hint` of one session."""

    def __init__(self, context: SessionContext, machine: TurnMachine, endpoints: Endpoints) -> None:
        self._context = context
        self._machine = machine
        self._endpoints = endpoints
        self._timer: asyncio.TimerHandle | None = None

    def set(self, message: FloorSet) -> None:
        """Give the floor, or take it for a time."""
        self.close()
        self._context.emit(FloorChanged(message.mode))
        if message.until_ms is not None:
            self._timer = self._context.after(
                message.until_ms / 1000, lambda: self._context.emit(FloorChanged("free"))
            )

    def hint(self, message: TurnHint) -> None:
        """End, hold or cancel the turn. Raises FrametalkError for one that is not being heard."""
        if self._machine.state not in HEARD or message.turn != self._machine.turn:
            raise FrametalkError(
                "turn_unknown",
                f"turn {message.turn} is not being heard",
                stage=Stage.TURN,
                remedy="take `turn` from the newest turn.state",
            )
        if message.hint == "force":
            self._endpoints.force()
        elif message.hint == "hold":
            self._endpoints.hold()
        else:
            self._context.emit(TurnCancelled())

    def close(self) -> None:
        """Stop the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
