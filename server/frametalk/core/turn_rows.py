"""The rows of the turn table: what an event does in a state."""

from __future__ import annotations

from frametalk.core.actions import Action, CancelRecognition, ReleaseDraft, StartReply
from frametalk.core.events import (
    FloorChanged,
    InterruptRequested,
    Prompted,
    Recognised,
    ReplyFinished,
    ReplyHeard,
    SoftStartEnded,
    Typed,
)
from frametalk.core.turn_ends import EndRows
from frametalk.core.turn_parts import State


class TurnRows(EndRows):
    """What each row of the table does. `turn.py` says when."""

    # ---- the character speaks --------------------------------------------------------------------

    def _heard(self, event: ReplyHeard) -> list[Action]:
        """The reply is audible: speech from now on is speech over it."""
        if event.reply != self.reply:
            return []
        self.state, self._soft_start_ended = State.SPEAKING, False
        return self._pause_recognition()

    def _end_soft_start(self, event: SoftStartEnded) -> list[Action]:
        """Speech that starts from now on does not continue the turn: end its recognition."""
        if event.reply != self.reply:
            return []
        self._soft_start_ended = True
        return [] if self.state is State.DUCKED else self._end_recognition()

    def _finish_reply(self, event: ReplyFinished) -> list[Action]:
        """The character has finished, or a draft failed whose turn has ended."""
        if event.reply != self.reply:
            return self._finish_draft(event)
        self.state, self.reply = State.IDLE, None
        return self._end_recognition()

    def _finish_ducked_reply(self, event: ReplyFinished) -> list[Action]:
        """The reply ended by itself: the turn over it is now an ordinary one."""
        if event.reply != self.reply:
            return []
        self.reply = None
        return self._as_ordinary_turn()

    def _finish_draft(self, event: ReplyFinished) -> list[Action]:
        """The draft failed: the reply is made again when the turn ends."""
        if event.reply == self.draft:
            self.draft = None
        return []

    def _interrupt(self, event: InterruptRequested) -> list[Action]:
        """The interrupt button: cut the reply."""
        if self.reply is None or event.reply not in {None, self.reply}:
            return []
        self.state = State.IDLE
        return [*self._cut("stopped"), *self._end_recognition()]

    def _interrupt_ducked(self, event: InterruptRequested) -> list[Action]:
        """The interrupt button: cut the reply; the turn over it continues as an ordinary one."""
        if event.reply not in {None, self.reply}:
            return []
        return [*self._cut("stopped"), *self._as_ordinary_turn()]

    # ---- the game --------------------------------------------------------------------------------

    def _typed(self, event: Typed) -> list[Action]:
        """A complete turn: it replaces the turn being heard and cuts the reply."""
        if self.floor == "silence":
            return []
        actions = [*self._cut("interrupted"), *self._discard_draft(), *self._leave_turn()]
        if self.state in {State.HEARING, State.HOLDING, State.DUCKED}:
            actions.append(CancelRecognition(self.turn))
        self._begin_turn()
        self._reading = Recognised(self.turn, self.rev, event.text)
        return [*actions, *self._conclude()]

    def _prompted(self, event: Prompted) -> list[Action]:
        """Say the line."""
        if self.floor in {"hold", "silence"}:
            return []
        self.state, self.reply = State.THINKING, self._next_reply()
        return [StartReply(self.reply, 0, line=event.line)]

    def _floor(self, event: FloorChanged) -> list[Action]:
        """The game takes the floor or returns it."""
        self.floor = event.floor
        if event.floor == "free" and self.state is State.IDLE and self._held:
            held, self._held = self._held, None
            self.state, self.reply = State.THINKING, held.reply
            return [ReleaseDraft(held.reply) if held.draft else held]
        if event.floor not in {"silence", "script"}:
            return []
        listening = self.state in {State.HEARING, State.HOLDING, State.DUCKED}
        actions = [*self._cut("floor"), *self._discard_draft(), *self._discard_held()]
        actions += self._cancel_recognition() if listening else self._leave_turn()
        self.state, self.paused = State.IDLE, False
        return actions
