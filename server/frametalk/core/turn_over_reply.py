"""The rows of the turn table for speech over a reply, and what cuts one."""

from __future__ import annotations

from frametalk.core.actions import (
    Action,
    CutReply,
    EndRecognition,
    FinalizeRecognition,
    ReopenTurn,
    StartRecognition,
)
from frametalk.core.events import (
    BargeIn,
    SpeechEnded,
    SpeechLost,
    SpeechPaused,
    SpeechResumed,
    SpeechSustained,
    TurnCancelled,
)
from frametalk.core.turn_parts import State, TurnParts


class OverReplyRows(TurnParts):
    """Speech over a reply: a barge-in, or none."""

    def _pause_reply(self, _event: SpeechSustained) -> list[Action]:
        """The speech is longer than a cough: pause the reply until the words are known."""
        self.paused = True
        return []

    def _pause_over_reply(self, event: SpeechPaused | SpeechEnded) -> list[Action]:
        """Get the text, to classify it."""
        self._player_paused, self._pause_at = True, event.at
        return [FinalizeRecognition(self.turn, self.rev, event.at)]

    def _resume_over_reply(self, _event: SpeechResumed) -> list[Action]:
        """The player resumed: a new revision begins."""
        self._next_revision()
        return []

    def _end_over_reply(self, event: SpeechEnded) -> list[Action]:
        """The turn ended, and its text is still to be classified."""
        finalize: list[Action] = [] if self._player_paused else self._pause_over_reply(event)
        self._ended, self._forced = True, event.forced
        return finalize

    def _barge_in(self, event: BargeIn) -> list[Action]:
        """A barge-in: cut the reply; its turn continues as an ordinary one."""
        if event.turn != self.turn:
            return []
        return self._take_over(continues=event.continues)

    def _take_over(self, *, continues: bool) -> list[Action]:
        """The words cut the reply. Over its first sound they may continue the turn that it answers."""
        if not (self.in_soft_start and continues):
            return [*self._cut("interrupted"), *self._as_ordinary_turn()]
        self._committed = False
        actions = [*self._cut("continued"), ReopenTurn(self.turn)]
        return [*actions, *self._as_ordinary_turn()]

    def _resume_reply(self, event: SpeechLost | TurnCancelled) -> list[Action]:
        """No barge-in: the reply resumes where it paused."""
        lost = isinstance(event, SpeechLost) or self._soft_start_ended
        soft = self.in_soft_start and not lost
        self.state, self.paused = State.SPEAKING, False
        return self._pause_recognition() if soft else self._cancel_recognition()

    def _as_ordinary_turn(self) -> list[Action]:
        """No reply is under way any more: the turn over it is now an ordinary one."""
        actions = self._own_turn() if self.in_soft_start else []
        self.paused = False
        silent = State.THINKING if self._ended else State.HOLDING
        self.state = silent if self._player_paused else State.HEARING
        return actions

    def _own_turn(self) -> list[Action]:
        """The speech is no continuation of the turn that was answered: recognise it as the next one."""
        before, over_reply = self.turn, self.over_reply
        paused, ended, forced = self._player_paused, self._ended, self._forced
        self._begin_turn()
        self.over_reply = over_reply
        self._player_paused, self._ended, self._forced = paused, ended, forced
        start: list[Action] = [
            EndRecognition(before),
            StartRecognition(self.turn, self._speech_at),
        ]
        if not paused:
            return start
        return [*start, FinalizeRecognition(self.turn, self.rev, self._pause_at)]

    @property
    def in_soft_start(self) -> bool:
        """Whether the speech over the reply may continue the turn that the reply answers."""
        return self.state is State.DUCKED and self._committed

    def _cut(self, reason: str) -> list[Action]:
        if self.reply is None:
            return []
        reply, self.reply = self.reply, None
        self.over_reply = False
        return [CutReply(reply, reason)]
