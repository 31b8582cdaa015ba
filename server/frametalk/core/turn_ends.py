"""The rows of the turn table for a turn's end."""

from __future__ import annotations

from frametalk.core.actions import Action, CommitTurn, FinalizeRecognition, ReleaseDraft
from frametalk.core.events import Recognised, SpeechEnded, TurnCancelled
from frametalk.core.turn_parts import State
from frametalk.core.turn_speech import SpeechRows


class EndRows(SpeechRows):
    """The turn's end: its text, its draft and its answer."""

    def _end_without_pause(self, event: SpeechEnded) -> list[Action]:
        """The turn ended before any pause: get its text."""
        self.state, self._forced = State.THINKING, event.forced
        return [FinalizeRecognition(self.turn, self.rev, event.at)]

    def _end_after_pause(self, event: SpeechEnded) -> list[Action]:
        """The turn ended: commit its words and release the draft, if the words are known."""
        self.state, self._forced = State.THINKING, event.forced
        return self._conclude() if self._reading else []

    def _draft_reply(self, event: Recognised) -> list[Action]:
        """In the pause: make a draft, in case the turn ends here."""
        if not self._is_current(event):
            return []
        if not event.is_turn:
            return self._cancel_turn(TurnCancelled())
        if self._reading and self._reading.text == event.text:
            return []
        kept = event.may_draft and self._is_foreseen(event.text)
        discarded = [] if kept else self._discard_draft()
        self._reading = event
        if kept or not (event.text and event.may_draft):
            return discarded
        self.draft = self._next_reply()
        return [*discarded, self._answer(self.draft, event, draft=True)]

    def _answer_ended_turn(self, event: Recognised) -> list[Action]:
        """The text of a turn that has ended: commit and answer it."""
        if not self._is_current(event) or self._reading is not None or self.reply is not None:
            return []
        if not event.is_turn:
            return self._cancel_turn(TurnCancelled())
        discarded = [] if self._is_foreseen(event.text) else self._discard_draft()
        self._reading = event
        return [*discarded, *self._conclude()]

    def _conclude(self) -> list[Action]:
        """The turn has ended and its words are known."""
        reading = self._reading
        assert reading is not None  # noqa: S101  (checked by every caller)
        commit = CommitTurn(self.turn, self.rev, reading.text)
        if not reading.text:
            self.state = State.IDLE
            return [commit, *self._cancel_recognition()]
        self._committed = True
        end = self._end_recognition() if self._forced else []
        return [commit, *end, *self._reply_to(reading)]

    def _reply_to(self, reading: Recognised) -> list[Action]:
        """Answer now, or hold the answer until the floor is free."""
        draft, self.draft = self.draft, None
        reply = self._next_reply() if draft is None else draft
        if self.floor == "hold":
            self.state = State.IDLE
            self._held = self._answer(reply, reading, draft=draft is not None)
            return self._end_recognition()
        self.state, self.reply = State.THINKING, reply
        return [ReleaseDraft(reply) if draft else self._answer(reply, reading, draft=False)]

    def _classify_over_reply(self, event: Recognised) -> list[Action]:
        """Cut the reply and answer, or resume the reply."""
        if not self._is_current(event):
            return []
        if not (event.is_turn and event.text):
            return self._resume_reply(TurnCancelled())
        actions = self._take_over(continues=event.continues)
        if not self._is_current(event):
            return actions  # it has a turn of its own, whose text is still to come
        answer = self._answer_ended_turn if self._ended else self._draft_reply
        return [*actions, *answer(event)]
