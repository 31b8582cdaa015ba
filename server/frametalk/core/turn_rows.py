"""The rows of the turn table: what an event does in a state."""

from __future__ import annotations

from enum import StrEnum

from frametalk.core import modes
from frametalk.core.actions import (
    Action,
    CancelRecognition,
    CommitTurn,
    CutReply,
    DiscardDraft,
    EndRecognition,
    FinalizeRecognition,
    ReleaseDraft,
    ReopenTurn,
    StartRecognition,
    StartReply,
)
from frametalk.core.events import (
    BargeIn,
    ContinuationExpired,
    Floor,
    FloorChanged,
    InterruptRequested,
    Prompted,
    Recognised,
    ReplyFinished,
    ReplyHeard,
    SpeechEnded,
    SpeechLost,
    SpeechPaused,
    SpeechResumed,
    SpeechStarted,
    SpeechSustained,
    TurnCancelled,
    Typed,
)

Interruptible = modes.Interruptible


class State(StrEnum):
    """What the character is doing."""

    IDLE = "idle"
    HEARING = "hearing"
    HOLDING = "holding"
    THINKING = "thinking"
    SPEAKING = "speaking"
    DUCKED = "ducked"


class TurnRows:
    """What each row of the table does, and the state behind it. `turn.py` says when.

    Turns and replies count from 1. `reply` is the reply under way, or None; `draft` is the one made in
    case the turn ends at revision `rev`. `paused`: the reply's clock stands until it is
    known whether the player interrupts it. `interruptible` says what cuts a reply.
    """

    def __init__(self, interruptible: Interruptible = "words") -> None:
        self.state = State.IDLE
        self.turn = 0
        self.rev = 0
        self.reply: int | None = None
        self.draft: int | None = None
        self.floor: Floor = "free"
        self.paused = False
        self.over_reply = False  # the present turn started over a reply and has not interrupted it
        self._interruptible = interruptible
        self._replies = 0
        self._reading: Recognised | None = None  # the text of the current revision
        self._committed = False  # the current turn's words are in the history
        self._recognising = False  # the current turn, also after its end: it may be continued
        self._player_paused = False  # over a reply
        self._ended = False  # over a reply: the turn ended before its text came
        self._forced = False  # the turn's end was not a silence: it is not continued
        self._held: StartReply | None = None  # until the floor is free
        self._late: set[int] = set()  # turns that were left before their text came

    # ---- the player speaks -----------------------------------------------------------------------

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
        if self._recognising and not self._forced:
            return self._continue()
        if self._floor_taken or (self.reply is not None and self._interruptible == "never"):
            return []
        return [*self._cut("interrupted"), *self._start(event)]

    def _continue(self) -> list[Action]:
        actions = self._cut("continued")
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
        if self._interruptible == "always":
            return [*self._cut("interrupted"), *self._start(event)]
        actions = self._start(event)
        if actions:
            self.state, self.over_reply = State.DUCKED, True
        return actions

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

    def _close_turn(self, _event: ContinuationExpired | SpeechLost) -> list[Action]:
        """The turn can no longer be continued: end its recognition."""
        return self._end_recognition()

    # ---- the turn's end --------------------------------------------------------------------------

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
        discarded = self._discard_draft()
        self._reading = event
        if not (event.text and event.may_draft):
            return discarded
        self.draft = self._next_reply()
        return [*discarded, self._answer(self.draft, event, draft=True)]

    def _answer_ended_turn(self, event: Recognised) -> list[Action]:
        """The text of a turn that has ended: commit and answer it."""
        if not self._is_current(event) or self._reading is not None or self.reply is not None:
            return []
        if not event.is_turn:
            return self._cancel_turn(TurnCancelled())
        self._reading = event
        return self._conclude()

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

    # ---- over a reply ----------------------------------------------------------------------------

    def _pause_reply(self, _event: SpeechSustained) -> list[Action]:
        """The speech is longer than a cough: pause the reply until the words are known."""
        self.paused = True
        return []

    def _pause_over_reply(self, event: SpeechPaused) -> list[Action]:
        """Get the text, to classify it."""
        self._player_paused = True
        return [FinalizeRecognition(self.turn, self.rev, event.at)]

    def _resume_over_reply(self, _event: SpeechResumed) -> list[Action]:
        """The player resumed: a new revision begins."""
        self._next_revision()
        return []

    def _end_over_reply(self, event: SpeechEnded) -> list[Action]:
        """The turn ended, and its text is still to be classified."""
        finalize: list[Action] = (
            [] if self._player_paused else [FinalizeRecognition(self.turn, self.rev, event.at)]
        )
        self._player_paused = self._ended = True
        self._forced = event.forced
        return finalize

    def _barge_in(self, event: BargeIn) -> list[Action]:
        """A barge-in: cut the reply; its turn continues as an ordinary one."""
        if event.turn != self.turn:
            return []
        return [*self._cut("interrupted"), *self._as_ordinary_turn()]

    def _classify_over_reply(self, event: Recognised) -> list[Action]:
        """Cut the reply and answer, or resume the reply."""
        if not self._is_current(event):
            return []
        if not (event.is_turn and event.text):
            return self._resume_reply(SpeechLost())
        cut = self._cut("interrupted")
        ended = self._ended
        self._as_ordinary_turn()
        return [*cut, *(self._answer_ended_turn(event) if ended else self._draft_reply(event))]

    def _resume_reply(self, _event: SpeechLost | TurnCancelled) -> list[Action]:
        """No barge-in: the reply resumes where it paused."""
        self.state, self.paused = State.SPEAKING, False
        return self._cancel_recognition()

    def _as_ordinary_turn(self) -> list[Action]:
        """The reply has ended: the turn over it is now an ordinary one."""
        self.paused = False
        silent = State.THINKING if self._ended else State.HOLDING
        self.state = silent if self._player_paused else State.HEARING
        return []

    # ---- the character speaks --------------------------------------------------------------------

    def _heard(self, event: ReplyHeard) -> list[Action]:
        """The reply is audible: speech from now on is speech over it."""
        if event.reply != self.reply:
            return []
        self.state = State.SPEAKING
        return self._end_recognition()

    def _finish_reply(self, event: ReplyFinished) -> list[Action]:
        """The character has finished."""
        if event.reply != self.reply:
            return []
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

    # ---- parts of rows ---------------------------------------------------------------------------

    @property
    def _floor_taken(self) -> bool:
        """Whether the game has the floor: speech is ignored."""
        return self.floor in {"silence", "script"}

    def _begin_turn(self) -> None:
        self.turn += 1
        self.rev = 0
        self._next_revision()
        self.paused = self.over_reply = self._ended = self._forced = self._committed = False

    def _next_revision(self) -> None:
        self.rev += 1
        self._reading = None
        self._player_paused = False

    def _is_current(self, event: Recognised) -> bool:
        return (event.turn, event.rev) == (self.turn, self.rev)

    def _leave_turn(self) -> list[Action]:
        """Another turn starts; text of this one that is still to come is committed late."""
        if self.state is State.THINKING and self._reading is None and self.reply is None:
            self._late.add(self.turn)
        return [*self._end_recognition(), *self._discard_held()]

    def _late_words(self, event: Recognised) -> list[Action]:
        self._late.discard(event.turn)
        return [CommitTurn(event.turn, event.rev, event.text)] if event.text else []

    def _end_recognition(self) -> list[Action]:
        was_open, self._recognising = self._recognising, False
        listening = self.state in {State.HEARING, State.HOLDING, State.DUCKED}
        return [EndRecognition(self.turn)] if was_open and not listening else []

    def _cancel_recognition(self) -> list[Action]:
        self._recognising = False
        return [CancelRecognition(self.turn)]

    def _answer(self, reply: int, reading: Recognised, *, draft: bool) -> StartReply:
        return StartReply(
            reply, self.turn, reading.text, reading.alternatives, rev=reading.rev, draft=draft
        )

    def _next_reply(self) -> int:
        self._replies += 1
        return self._replies

    def _discard_draft(self) -> list[Action]:
        draft, self.draft = self.draft, None
        return [] if draft is None else [DiscardDraft(draft)]

    def _discard_held(self) -> list[Action]:
        held, self._held = self._held, None
        return [DiscardDraft(held.reply)] if held is not None and held.draft else []

    def _cut(self, reason: str) -> list[Action]:
        if self.reply is None:
            return []
        reply, self.reply = self.reply, None
        self.over_reply = False
        return [CutReply(reply, reason)]
