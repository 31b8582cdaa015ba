"""Tells the client what the character is doing, for its body and for the volume of a reply."""

from __future__ import annotations

from frametalk.context import SessionContext
from frametalk.core.actions import ShowState
from frametalk.core.turn import TurnMachine
from frametalk.core.turn_parts import State
from frametalk.pipeline.endpoints import Endpoints
from frametalk.wire.messages import TurnStateChanged


class TurnStates:
    """Sends `turn.state`. `gestures`: whether the character nods and shows that it thinks."""

    def __init__(
        self, context: SessionContext, machine: TurnMachine, endpoints: Endpoints, *, gestures: bool
    ) -> None:
        self._context = context
        self._machine = machine
        self._endpoints = endpoints
        self._gestures = gestures

    def show(self, action: ShowState, gesture: str = "") -> None:
        """Send a state. Over a reply, more speech is needed to open a turn: a click must not duck it."""
        speaking = action.state == State.SPEAKING
        barge_in_ms = self._context.settings.turns.barge_in_ms
        self._endpoints.start_ms = barge_in_ms if speaking else None
        self._context.send(
            TurnStateChanged(
                state=action.state,  # type: ignore[arg-type]  # the table's states are the wire's
                turn=action.turn,
                reply=action.reply,
                paused=action.paused,
                gesture=gesture,
                t_us=int(self._context.now() * 1e6),
            )
        )

    def gesture(self, name: str) -> None:
        """Send the present state with a gesture, if this character makes any."""
        if self._gestures:
            machine = self._machine
            state = ShowState(machine.state, machine.turn, machine.reply, machine.paused)
            self.show(state, name)
