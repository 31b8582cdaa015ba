"""The rows of the turn table: what an event does in a state."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
    PauseRecognition,
    ReleaseDraft,
    ReopenTurn,
    ResumeRecognition,
    StartRecognition,
    StartReply,
)
from frametalk.core.commands import words_of
from frametalk.core.events import (
    BargeIn,
    ContinuationExpired,
    Floor,
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

Interruptible = modes.Interruptible


class State(StrEnum):
    """What the character is doing."""

    IDLE = "idle"
    HEARING = "hearing"
    HOLDING = "holding"
    THINKING = "thinking"
    SPEAKING = "speaking"
    DUCKED = "ducked"


@dataclass(frozen=True, slots=True)
class KeptTurns:
    """What outlives a server that restarts: the numbers, the floor, and the reply under way.

    `speaking`: some of that reply was heard. `held`: an answer that waits for the floor.
    """

    turn: int
    rev: int
    replies: int
    reply: int | None
    speaking: bool
    floor: Floor
    held: StartReply | None


class TurnRows:
    """What each row of the table does, and the state behind it. `turn.py` says when.

    Turns and replies count from 1. `reply` is the reply under way, or None; `draft` is the one made in
    case the turn ends at revision `rev`. `paused`: the reply's clock stands until it is
    known whether the player interrupts it. `interruptible` says what cuts a reply. With `soft_start` speech
    over a reply's first sound may continue the turn: recognition stays open until `SoftStartEnded`.
    """

    def __init__(self, interruptible: Interruptible = "words", *, soft_start: bool = True) -> None:
        self.state = State.IDLE
        self.turn = 0
        self.rev = 0
        self.reply: int | None = None
        self.draft: int | None = None
        self.floor: Floor = "free"
        self.paused = False
        self.over_reply = (
            False  # the present speech started over a reply and has not interrupted it
        )
        self._interruptible = interruptible
        self._soft_start = soft_start and interruptible != "never"
        self._replies = 0
        self._reading: Recognised | None = None  # the text of the current revision
        self._foreseen: Foreseen | None = None  # the text that the draft is made of, before it came
        self._committed = False  # the current turn's words are in the history
        self._recognising = False  # the current turn, also after its end: it may be continued
        self._recognition_paused = False  # it may still be continued over its reply's first sound
        self._soft_start_ended = False
        self._speech_at = self._pause_at = 0  # over a reply: where the speech started and paused
        self._player_paused = False  # over a reply
        self._ended = False  # over a reply: the turn ended before its text came
        self._forced = False  # the turn's end was not a silence: it is not continued
        self._held: StartReply | None = None  # until the floor is free
        self._late: set[int] = set()  # turns that were left before their text came

    def kept(self) -> KeptTurns:
        """What to restore elsewhere; a turn that is being heard is not in it."""
        held = self._held and replace(self._held, draft=False)  # what was made of it is lost
        speaking = self.state in {State.SPEAKING, State.DUCKED}
        return KeptTurns(self.turn, self.rev, self._replies, self.reply, speaking, self.floor, held)

    def restore(self, kept: KeptTurns) -> None:
        """Go on from there. The recognition of the turn before is over, so it cannot be continued."""
        self.turn, self.rev, self._replies = kept.turn, kept.rev, kept.replies
        self.reply, self.floor, self._held = kept.reply, kept.floor, kept.held
        if kept.reply is not None:
            self.state = State.SPEAKING if kept.speaking else State.THINKING
        self._committed = self._soft_start_ended = True

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

    # ---- over a reply ----------------------------------------------------------------------------

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
        self._reading = self._foreseen = None
        self._player_paused = False

    def _is_current(self, event: Recognised) -> bool:
        return (event.turn, event.rev) == (self.turn, self.rev)

    def _is_foreseen(self, text: str) -> bool:
        """Whether there is a draft of these words, made before they came."""
        foreseen = self._foreseen if self.draft is not None else None
        return foreseen is not None and words_of(foreseen.text) == words_of(text)

    def _leave_turn(self) -> list[Action]:
        """Another turn starts; text of this one that is still to come is committed late."""
        if self.state is State.THINKING and self._reading is None and self.reply is None:
            self._late.add(self.turn)
        return [*self._end_recognition(), *self._discard_draft(), *self._discard_held()]

    def _late_words(self, event: Recognised) -> list[Action]:
        self._late.discard(event.turn)
        return [CommitTurn(event.turn, event.rev, event.text)] if event.text else []

    @property
    def in_soft_start(self) -> bool:
        """Whether the speech over the reply may continue the turn that the reply answers."""
        return self.state is State.DUCKED and self._committed

    def _pause_recognition(self) -> list[Action]:
        """Speech over the reply's first sound may still continue the turn, if there is a soft start."""
        if not self._soft_start:
            return self._end_recognition()
        was_paused, self._recognition_paused = self._recognition_paused, self._recognising
        return [PauseRecognition(self.turn)] if self._recognising and not was_paused else []

    def _end_recognition(self) -> list[Action]:
        was_open, self._recognising = self._recognising, False
        self._recognition_paused = False
        listening = self.state in {State.HEARING, State.HOLDING, State.DUCKED}
        return [EndRecognition(self.turn)] if was_open and not listening else []

    def _cancel_recognition(self) -> list[Action]:
        self._recognising = self._recognition_paused = False
        return [CancelRecognition(self.turn)]

    def _answer(self, reply: int, reading: Recognised, *, draft: bool) -> StartReply:
        return StartReply(
            reply, self.turn, reading.text, reading.alternatives, rev=reading.rev, draft=draft
        )

    def _next_reply(self) -> int:
        self._replies += 1
        return self._replies

    def _discard_draft(self) -> list[Action]:
        draft, self.draft, self._foreseen = self.draft, None, None
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
