"""Whose turn it is: one table, state x event -> actions. An event without a row is ignored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from frametalk.core.actions import Action, ShowState
from frametalk.core.events import (
    BargeIn,
    ContinuationExpired,
    Event,
    FloorChanged,
    Foreseen,
    InterruptRequested,
    Prompted,
    Recognised,
    ReplyFinished,
    ReplyHeard,
    SoftStartEnded,
    SpeechEnded,
    SpeechLost,
    SpeechPaused,
    SpeechResumed,
    SpeechStarted,
    SpeechSustained,
    TurnCancelled,
    Typed,
)
from frametalk.core.turn_parts import State
from frametalk.core.turn_rows import TurnRows


class TurnMachine(TurnRows):
    """The turns of one conversation, by the table."""

    def handle(self, event: Event) -> list[Action]:
        """Take one event; return what must be done, in order."""
        row = TABLE.get((self.state, type(event)))
        before = self._shown()
        actions: list[Action] = row.do(self, event) if row else []
        if isinstance(event, Recognised) and event.turn in self._late:
            actions = self._late_words(event)
        if self._shown() != before:
            actions.append(ShowState(self.state, self.turn, self.reply, self.paused))
        return actions

    def _shown(self) -> tuple[object, ...]:
        return self.state, self.turn, self.reply, self.paused


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
    (_S.HEARING, Foreseen): Row(_M._draft_early, (_S.HEARING,)),
    (_S.HEARING, ReplyFinished): Row(_M._finish_draft, (_S.HEARING,)),
    (_S.HEARING, SpeechPaused): Row(_M._pause, (_S.HOLDING,)),
    (_S.HEARING, SpeechEnded): Row(_M._end_without_pause, (_S.THINKING,)),
    (_S.HEARING, SpeechLost): Row(_M._cancel_turn, (_S.IDLE,)),
    (_S.HEARING, TurnCancelled): Row(_M._cancel_turn, (_S.IDLE,)),
    (_S.HEARING, Typed): Row(_M._typed, (_S.THINKING, _S.IDLE)),
    (_S.HEARING, FloorChanged): Row(_M._floor, (_S.HEARING, _S.IDLE)),
    (_S.HOLDING, Recognised): Row(_M._draft_reply, (_S.HOLDING, _S.IDLE)),
    (_S.HOLDING, SpeechResumed): Row(_M._resume, (_S.HEARING,)),
    (_S.HOLDING, SpeechEnded): Row(_M._end_after_pause, (_S.THINKING, _S.IDLE)),
    (_S.HOLDING, SpeechLost): Row(_M._cancel_turn, (_S.IDLE,)),
    (_S.HOLDING, TurnCancelled): Row(_M._cancel_turn, (_S.IDLE,)),
    (_S.HOLDING, ReplyFinished): Row(_M._finish_draft, (_S.HOLDING,)),
    (_S.HOLDING, Typed): Row(_M._typed, (_S.THINKING, _S.IDLE)),
    (_S.HOLDING, FloorChanged): Row(_M._floor, (_S.HOLDING, _S.IDLE)),
    (_S.THINKING, Recognised): Row(_M._answer_ended_turn, (_S.THINKING, _S.IDLE)),
    (_S.THINKING, SpeechStarted): Row(_M._start_before_reply, (_S.HEARING, _S.THINKING)),
    (_S.THINKING, ContinuationExpired): Row(_M._expire, (_S.THINKING,)),
    (_S.THINKING, SpeechLost): Row(_M._close_turn, (_S.THINKING,)),
    (_S.THINKING, ReplyHeard): Row(_M._heard, (_S.SPEAKING, _S.THINKING)),
    (_S.THINKING, ReplyFinished): Row(_M._finish_reply, (_S.IDLE, _S.THINKING)),
    (_S.THINKING, InterruptRequested): Row(_M._interrupt, (_S.IDLE, _S.THINKING)),
    (_S.THINKING, Typed): Row(_M._typed, (_S.THINKING, _S.IDLE)),
    (_S.THINKING, FloorChanged): Row(_M._floor, (_S.THINKING, _S.IDLE)),
    (_S.SPEAKING, SpeechStarted): Row(_M._start_over_reply, (_S.DUCKED, _S.HEARING, _S.SPEAKING)),
    (_S.SPEAKING, SoftStartEnded): Row(_M._end_soft_start, (_S.SPEAKING,)),
    (_S.SPEAKING, SpeechLost): Row(_M._close_turn, (_S.SPEAKING,)),
    (_S.SPEAKING, ReplyFinished): Row(_M._finish_reply, (_S.IDLE, _S.SPEAKING)),
    (_S.SPEAKING, InterruptRequested): Row(_M._interrupt, (_S.IDLE, _S.SPEAKING)),
    (_S.SPEAKING, Typed): Row(_M._typed, (_S.THINKING, _S.IDLE)),
    (_S.SPEAKING, FloorChanged): Row(_M._floor, (_S.SPEAKING, _S.IDLE)),
    (_S.DUCKED, SpeechSustained): Row(_M._pause_reply, (_S.DUCKED,)),
    (_S.DUCKED, SpeechPaused): Row(_M._pause_over_reply, (_S.DUCKED,)),
    (_S.DUCKED, SpeechResumed): Row(_M._resume_over_reply, (_S.DUCKED,)),
    (_S.DUCKED, SpeechEnded): Row(_M._end_over_reply, (_S.DUCKED,)),
    (_S.DUCKED, BargeIn): Row(_M._barge_in, (_S.HEARING, _S.HOLDING, _S.THINKING, _S.DUCKED)),
    (_S.DUCKED, Recognised): Row(
        _M._classify_over_reply, (_S.SPEAKING, _S.HOLDING, _S.THINKING, _S.IDLE, _S.DUCKED)
    ),
    (_S.DUCKED, SoftStartEnded): Row(_M._end_soft_start, (_S.DUCKED,)),
    (_S.DUCKED, SpeechLost): Row(_M._resume_reply, (_S.SPEAKING,)),
    (_S.DUCKED, TurnCancelled): Row(_M._resume_reply, (_S.SPEAKING,)),
    (_S.DUCKED, ReplyFinished): Row(
        _M._finish_ducked_reply, (_S.HEARING, _S.HOLDING, _S.THINKING, _S.DUCKED)
    ),
    (_S.DUCKED, InterruptRequested): Row(
        _M._interrupt_ducked, (_S.HEARING, _S.HOLDING, _S.THINKING, _S.DUCKED)
    ),
    (_S.DUCKED, Typed): Row(_M._typed, (_S.THINKING, _S.IDLE)),
    (_S.DUCKED, FloorChanged): Row(_M._floor, (_S.DUCKED, _S.IDLE)),
}
"""All behaviour of turns: an event without a row has no effect."""
