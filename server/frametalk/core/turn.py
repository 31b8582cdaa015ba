"""Whose turn it is: one table, state x event -> actions. An event without a row is dropped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from frametalk.core.actions import Action, ShowState
from frametalk.core.events import (
    Event,
    FloorChanged,
    InterruptAsked,
    Interrupts,
    Prompted,
    ReplyHeard,
    ReplyOver,
    SpeechLasts,
    SpeechLost,
    SpeechOver,
    SpeechPaused,
    SpeechResumed,
    SpeechSettled,
    SpeechStarted,
    TurnForgotten,
    Typed,
    Understood,
)
from frametalk.core.turn_rows import State, TurnRows


class TurnMachine(TurnRows):
    """The turns of one conversation: the table carried out."""

    def handle(self, event: Event) -> list[Action]:
        """Take one event; return what must be done, in order."""
        row = TABLE.get((self.state, type(event)))
        before = self._shown()
        actions: list[Action] = row.do(self, event) if row else []
        if isinstance(event, Understood) and event.turn in self._late:
            actions = self._late_words(event)
        if self._shown() != before:
            actions.append(ShowState(self.state, self.turn, self.reply, self.hold))
        return actions

    def _shown(self) -> tuple[object, ...]:
        return self.state, self.turn, self.reply, self.hold


class Row(NamedTuple):
    """What an event does in a state, and the states that may follow."""

    do: Callable[[TurnRows, Any], list[Action]]
    to: tuple[State, ...]


_M, _S = TurnRows, State

TABLE: dict[tuple[State, type[Event]], Row] = {
    (_S.IDLE, SpeechStarted): Row(_M._start, (_S.HEARING, _S.IDLE)),
    (_S.IDLE, Typed): Row(_M._typed, (_S.THINKING, _S.IDLE)),
    (_S.IDLE, Prompted): Row(_M._prompted, (_S.THINKING, _S.IDLE)),
    (_S.IDLE, FloorChanged): Row(_M._floor, (_S.IDLE, _S.THINKING)),
    (_S.HEARING, SpeechPaused): Row(_M._pause, (_S.HOLDING,)),
    (_S.HEARING, SpeechOver): Row(_M._over_hearing, (_S.THINKING,)),
    (_S.HEARING, SpeechLost): Row(_M._lose, (_S.IDLE,)),
    (_S.HEARING, TurnForgotten): Row(_M._lose, (_S.IDLE,)),
    (_S.HEARING, Typed): Row(_M._typed, (_S.THINKING, _S.IDLE)),
    (_S.HEARING, FloorChanged): Row(_M._floor, (_S.HEARING, _S.IDLE)),
    (_S.HOLDING, Understood): Row(_M._understood, (_S.HOLDING, _S.IDLE)),
    (_S.HOLDING, SpeechResumed): Row(_M._resume, (_S.HEARING,)),
    (_S.HOLDING, SpeechOver): Row(_M._over_holding, (_S.THINKING, _S.IDLE)),
    (_S.HOLDING, SpeechLost): Row(_M._lose, (_S.IDLE,)),
    (_S.HOLDING, TurnForgotten): Row(_M._lose, (_S.IDLE,)),
    (_S.HOLDING, ReplyOver): Row(_M._draft_over, (_S.HOLDING,)),
    (_S.HOLDING, Typed): Row(_M._typed, (_S.THINKING, _S.IDLE)),
    (_S.HOLDING, FloorChanged): Row(_M._floor, (_S.HOLDING, _S.IDLE)),
    (_S.THINKING, Understood): Row(_M._understood_over, (_S.THINKING, _S.IDLE)),
    (_S.THINKING, SpeechStarted): Row(_M._start_unheard, (_S.HEARING, _S.THINKING)),
    (_S.THINKING, SpeechSettled): Row(_M._settled, (_S.THINKING,)),
    (_S.THINKING, SpeechLost): Row(_M._settled, (_S.THINKING,)),
    (_S.THINKING, ReplyHeard): Row(_M._heard, (_S.SPEAKING, _S.THINKING)),
    (_S.THINKING, ReplyOver): Row(_M._reply_over, (_S.IDLE, _S.THINKING)),
    (_S.THINKING, InterruptAsked): Row(_M._interrupt, (_S.IDLE, _S.THINKING)),
    (_S.THINKING, Typed): Row(_M._typed, (_S.THINKING, _S.IDLE)),
    (_S.THINKING, FloorChanged): Row(_M._floor, (_S.THINKING, _S.IDLE)),
    (_S.SPEAKING, SpeechStarted): Row(_M._start_over_reply, (_S.DUCKED, _S.HEARING, _S.SPEAKING)),
    (_S.SPEAKING, ReplyOver): Row(_M._reply_over, (_S.IDLE, _S.SPEAKING)),
    (_S.SPEAKING, InterruptAsked): Row(_M._interrupt, (_S.IDLE, _S.SPEAKING)),
    (_S.SPEAKING, Typed): Row(_M._typed, (_S.THINKING, _S.IDLE)),
    (_S.SPEAKING, FloorChanged): Row(_M._floor, (_S.SPEAKING, _S.IDLE)),
    (_S.DUCKED, SpeechLasts): Row(_M._lasts, (_S.DUCKED,)),
    (_S.DUCKED, SpeechPaused): Row(_M._pause_over_reply, (_S.DUCKED,)),
    (_S.DUCKED, SpeechResumed): Row(_M._resume_over_reply, (_S.DUCKED,)),
    (_S.DUCKED, SpeechOver): Row(_M._over_over_reply, (_S.DUCKED,)),
    (_S.DUCKED, Interrupts): Row(_M._interrupts, (_S.HEARING, _S.HOLDING, _S.THINKING, _S.DUCKED)),
    (_S.DUCKED, Understood): Row(
        _M._understood_over_reply, (_S.SPEAKING, _S.HOLDING, _S.THINKING, _S.IDLE, _S.DUCKED)
    ),
    (_S.DUCKED, SpeechLost): Row(_M._restore, (_S.SPEAKING,)),
    (_S.DUCKED, TurnForgotten): Row(_M._restore, (_S.SPEAKING,)),
    (_S.DUCKED, ReplyOver): Row(
        _M._reply_over_ducked, (_S.HEARING, _S.HOLDING, _S.THINKING, _S.DUCKED)
    ),
    (_S.DUCKED, InterruptAsked): Row(
        _M._interrupt_ducked, (_S.HEARING, _S.HOLDING, _S.THINKING, _S.DUCKED)
    ),
    (_S.DUCKED, Typed): Row(_M._typed, (_S.THINKING, _S.IDLE)),
    (_S.DUCKED, FloorChanged): Row(_M._floor, (_S.DUCKED, _S.IDLE)),
}
"""The whole behaviour. What is not here does not happen."""
