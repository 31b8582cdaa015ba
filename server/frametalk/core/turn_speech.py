"""The rows of the turn table while the player speaks."""

from __future__ import annotations

from frametalk.core.actions import (
    Action,
    FinalizeRecognition,
    ReopenTurn,
    ResumeRecognition,
    StartRecognition,
)
from frametalk.core.events import (
    ContinuationExpired,
    Foreseen,
    Recognised,
    SpeechLost,
    SpeechPaused,
    SpeechResumed,
    SpeechStarted,
    TurnCancelled,
)
from frametalk.core.turn_over_reply import OverReplyRows
from frametalk.core.turn_parts import State


class SpeechRows(OverReplyRows):
    """The player speaks: a turn starts, pauses, continues, or comes to nothing."""

    def _start(self, event: SpeechStarted) -> list[Action]:
        """A turn starts: recognise it."""
        if self._floor_taken:
            return []
        actions = self._leave_turn()
        self._begin_turn()
        self.state = State.HEARING
        self._recognising = True
        return [*actions, StartRecognition(self.turn, event.at)]

    def _start_before_reply(self, event: SpeechStarted) -> list[Action]:
        """Before the reply was heard: speech soon after the turn's end continues the turn."""
        if self._recognising and not self._recognition_paused and not self._forced:
            return self._continue()
        if self._floor_taken or (self.reply is not None and self._interruptible == "never"):
            return []
        return [*self._cut("interrupted"), *self._start(event)]

    def _continue(self) -> list[Action]:
        actions = [*self._cut("continued"), *self._discard_draft()]
        if self._committed:
            actions.append(ReopenTurn(self.turn))
        self._next_revision()
        self._committed = False
        self.state = State.HEARING
        return actions

    def _start_over_reply(self, event: SpeechStarted) -> list[Action]:
        """Duck the reply and recognise, or cut it, or ignore the speech, as `interruptible` says."""
        if self._floor_taken or self._interruptible == "never":
            return []
        soft = self._recognising  # the soft start: the turn may continue
        if self._interruptible == "always":
            if soft:
                return [*self._continue(), *self._resume_recognition(event.at)]
            return [*self._cut("interrupted"), *self._start(event)]
        if soft:
            self._next_revision()
            self._ended = False
            actions = self._resume_recognition(event.at)
        else:
            actions = self._start(event)
        self.state, self.over_reply = State.DUCKED, True
        self._speech_at = event.at
        return actions

    def _resume_recognition(self, at: int) -> list[Action]:
        self._recognition_paused = False
        return [ResumeRecognition(self.turn, at)]

    def _draft_early(self, event: Foreseen) -> list[Action]:
        """While the player speaks: make a draft of the words that the turn will probably have."""
        if (event.turn, event.rev) != (self.turn, self.rev) or self._is_foreseen(event.text):
            return []
        actions = self._discard_draft()
        if not event.text:
            return actions
        self._foreseen, self.draft = event, self._next_reply()
        reading = Recognised(event.turn, event.rev, event.text, event.alternatives)
        return [*actions, self._answer(self.draft, reading, draft=True)]

    def _pause(self, event: SpeechPaused) -> list[Action]:
        """Get the text, as if the turn had ended."""
        self.state = State.HOLDING
        return [FinalizeRecognition(self.turn, self.rev, event.at)]

    def _resume(self, _event: SpeechResumed) -> list[Action]:
        """The pause was inside the turn: discard the draft made in it."""
        self._next_revision()
        self.state = State.HEARING
        return self._discard_draft()

    def _cancel_turn(self, _event: SpeechLost | TurnCancelled) -> list[Action]:
        """There is no turn: cancel its recognition."""
        self.state = State.IDLE
        return [*self._discard_draft(), *self._cancel_recognition()]

    def _expire(self, _event: ContinuationExpired) -> list[Action]:
        """Speech before the reply is heard is now a new turn; over its first sound it may continue this."""
        return self._pause_recognition()

    def _close_turn(self, _event: SpeechLost) -> list[Action]:
        """The turn can no longer be continued: end its recognition."""
        return self._end_recognition()
