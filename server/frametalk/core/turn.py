"""Whose turn it is: one table, state x event -> actions. An event without a row is dropped."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from frametalk.core.actions import (
    Action,
    CancelEar,
    CommitPlayer,
    CutReply,
    FinishEar,
    OpenEar,
    ShowState,
    StartReply,
)
from frametalk.core.events import (
    Event,
    InterruptAsked,
    Prompted,
    Recognised,
    ReplyHeard,
    ReplyOver,
    SpeechLost,
    SpeechOver,
    SpeechPaused,
    SpeechResumed,
    SpeechStarted,
    Typed,
)


class State(StrEnum):
    """What the character is doing."""

    IDLE = "idle"
    HEARING = "hearing"
    HOLDING = "holding"
    THINKING = "thinking"
    SPEAKING = "speaking"


class TurnMachine:
    """The turns of one conversation.

    Turns and replies count from 1. At most one reply is wanted at a time: `reply` is its id, None
    when there is none. With `half_duplex`, sound during a reply is the reply's own echo.
    """

    def __init__(self, *, half_duplex: bool = False) -> None:
        self.state = State.IDLE
        self.turn = 0
        self.reply: int | None = None
        self._replies = 0
        self._half_duplex = half_duplex
        self._unfinished: set[int] = set()  # turns whose final text is still to come

    def handle(self, event: Event) -> list[Action]:
        """Take one event; return what must be done, in order."""
        row = TABLE.get((self.state, type(event)))
        if row is None:
            return self._late_words(event) if isinstance(event, Recognised) else []
        before = (self.state, self.turn, self.reply)
        actions: list[Action] = row(self, event)
        if (self.state, self.turn, self.reply) != before:
            actions.append(ShowState(self.state, self.turn, self.reply))
        return actions

    # ---- rows ------------------------------------------------------------------------------------

    def _start_hearing(self, event: SpeechStarted) -> list[Action]:
        self.turn += 1
        self.state = State.HEARING
        return [OpenEar(self.turn, event.at)]

    def _start_hearing_over_reply(self, event: SpeechStarted) -> list[Action]:
        if self.reply is not None and self._half_duplex:
            return []
        return [*self._cut("interrupted"), *self._start_hearing(event)]

    def _pause(self, _event: SpeechPaused) -> list[Action]:
        self.state = State.HOLDING
        return []

    def _resume(self, _event: SpeechResumed) -> list[Action]:
        self.state = State.HEARING
        return []

    def _finish(self, event: SpeechOver) -> list[Action]:
        self.state = State.THINKING
        self._unfinished.add(self.turn)
        return [FinishEar(self.turn, event.at)]

    def _lose(self, _event: SpeechLost) -> list[Action]:
        self.state = State.IDLE
        return [CancelEar(self.turn)]

    def _recognised(self, event: Recognised) -> list[Action]:
        if event.turn != self.turn or event.turn not in self._unfinished:
            return self._late_words(event)
        self._unfinished.discard(event.turn)
        if not event.text:
            self.state = State.IDLE
            return []
        reply = self._next_reply()
        return [
            CommitPlayer(event.turn, event.text),
            StartReply(reply, event.turn, event.text, event.alternatives),
        ]

    def _late_words(self, event: Recognised) -> list[Action]:
        """The player spoke on before the text of the turn before was there: it still counts."""
        if event.turn not in self._unfinished:
            return []
        self._unfinished.discard(event.turn)
        return [CommitPlayer(event.turn, event.text)] if event.text else []

    def _typed(self, event: Typed) -> list[Action]:
        actions = self._cut("interrupted")
        if self.state in {State.HEARING, State.HOLDING}:
            actions.append(CancelEar(self.turn))
        self.turn += 1
        self.state = State.THINKING
        reply = self._next_reply()
        return [
            *actions,
            CommitPlayer(self.turn, event.text),
            StartReply(reply, self.turn, event.text),
        ]

    def _prompted(self, event: Prompted) -> list[Action]:
        self.state = State.THINKING
        return [StartReply(self._next_reply(), 0, line=event.line)]

    def _heard(self, event: ReplyHeard) -> list[Action]:
        if event.reply == self.reply:
            self.state = State.SPEAKING
        return []

    def _over(self, event: ReplyOver) -> list[Action]:
        if event.reply == self.reply:
            self.state, self.reply = State.IDLE, None
        return []

    def _interrupt(self, event: InterruptAsked) -> list[Action]:
        if self.reply is None or event.reply not in {None, self.reply}:
            return []
        self.state = State.IDLE
        return self._cut("stopped")

    # ---- parts of rows ---------------------------------------------------------------------------

    def _next_reply(self) -> int:
        self._replies += 1
        self.reply = self._replies
        return self._replies

    def _cut(self, reason: str) -> list[Action]:
        if self.reply is None:
            return []
        reply, self.reply = self.reply, None
        return [CutReply(reply, reason)]


_M = TurnMachine
TABLE: dict[tuple[State, type[Event]], Callable[[TurnMachine, Any], list[Action]]] = {
    (State.IDLE, SpeechStarted): _M._start_hearing,
    (State.IDLE, Typed): _M._typed,
    (State.IDLE, Prompted): _M._prompted,
    (State.HEARING, SpeechPaused): _M._pause,
    (State.HEARING, SpeechOver): _M._finish,
    (State.HEARING, SpeechLost): _M._lose,
    (State.HEARING, Typed): _M._typed,
    (State.HOLDING, SpeechResumed): _M._resume,
    (State.HOLDING, SpeechOver): _M._finish,
    (State.HOLDING, SpeechLost): _M._lose,
    (State.HOLDING, Typed): _M._typed,
    (State.THINKING, Recognised): _M._recognised,
    (State.THINKING, SpeechStarted): _M._start_hearing_over_reply,
    (State.THINKING, Typed): _M._typed,
    (State.THINKING, ReplyHeard): _M._heard,
    (State.THINKING, ReplyOver): _M._over,
    (State.THINKING, InterruptAsked): _M._interrupt,
    (State.SPEAKING, SpeechStarted): _M._start_hearing_over_reply,
    (State.SPEAKING, Typed): _M._typed,
    (State.SPEAKING, ReplyOver): _M._over,
    (State.SPEAKING, InterruptAsked): _M._interrupt,
}
"""The whole behaviour. What is not here does not happen."""
