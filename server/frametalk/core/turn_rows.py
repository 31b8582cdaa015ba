"""The rows of the turn table: what is done when something happens in a state."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from frametalk.core.actions import (
    Action,
    CancelEar,
    CloseEar,
    CommitPlayer,
    CutReply,
    DropReply,
    OpenEar,
    ReleaseReply,
    ReopenTurn,
    SettleEar,
    StartReply,
)
from frametalk.core.events import (
    Floor,
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

Interruptible = Literal["always", "words", "never"]


class State(StrEnum):
    """What the character is doing."""

    IDLE = "idle"
    HEARING = "hearing"
    HOLDING = "holding"
    THINKING = "thinking"
    SPEAKING = "speaking"
    DUCKED = "ducked"


class TurnRows:
    """What each row of the table does, and what it knows. `turn.py` says when.

    Turns and replies count from 1. `reply` is the one that is wanted, None when there is none; `draft`
    is one that is made in case the turn is over at revision `rev`. `hold`: the reply stands still until
    it is known whether the player interrupts it. `interruptible` says what stops a reply.
    """

    def __init__(self, interruptible: Interruptible = "words") -> None:
        self.state = State.IDLE
        self.turn = 0
        self.rev = 0
        self.reply: int | None = None
        self.draft: int | None = None
        self.floor: Floor = "free"
        self.hold = False
        self._interruptible = interruptible
        self._replies = 0
        self._reading: Understood | None = None  # what the present revision says
        self._committed = False  # the present turn's words are in the history
        self._ear_open = False  # the present turn's ear listens, also after its end: it may go on
        self._silent = False  # over a reply: the player has paused
        self._over = False  # over a reply: the turn's end has come before its text
        self._forced = False  # the turn's end was no silence: it does not go on
        self._waiting: StartReply | None = None  # for the floor
        self._late: set[int] = set()  # turns that were left before their text came

    # ---- the player speaks -----------------------------------------------------------------------

    def _start(self, event: SpeechStarted) -> list[Action]:
        """A turn begins: listen."""
        if self._deaf:
            return []
        left = self._leave_turn()
        self._begin_turn()
        self.state = State.HEARING
        self._ear_open = True
        return [*left, OpenEar(self.turn, event.at)]

    def _start_unheard(self, event: SpeechStarted) -> list[Action]:
        """Before anything of the reply was heard: soon after the turn's end, the turn goes on."""
        if self._ear_open and not self._forced:
            return self._go_on()
        if self._deaf or (self.reply is not None and self._interruptible == "never"):
            return []
        return [*self._cut("interrupted"), *self._start(event)]

    def _go_on(self) -> list[Action]:
        actions = self._cut("withdrawn")
        if self._committed:
            actions.append(ReopenTurn(self.turn))
        self._next_revision()
        self._committed = False
        self.state = State.HEARING
        return actions

    def _start_over_reply(self, event: SpeechStarted) -> list[Action]:
        """Lower the reply and listen, or cut it, or take no notice, as `interruptible` says."""
        if self._deaf or self._interruptible == "never":
            return []
        if self._interruptible == "always":
            return [*self._cut("interrupted"), *self._start(event)]
        actions = self._start(event)
        if actions:
            self.state = State.DUCKED
        return actions

    def _pause(self, event: SpeechPaused) -> list[Action]:
        """Get the text, as if the turn were over."""
        self.state = State.HOLDING
        return [SettleEar(self.turn, self.rev, event.at)]

    def _resume(self, _event: SpeechResumed) -> list[Action]:
        """The pause was inside the turn: an answer made in it is dropped."""
        self._next_revision()
        self.state = State.HEARING
        return self._drop_draft()

    def _lose(self, _event: SpeechLost | TurnForgotten) -> list[Action]:
        """There is no turn: forget what was said."""
        self.state = State.IDLE
        return [*self._drop_draft(), *self._forget_ear()]

    def _settled(self, _event: SpeechSettled | SpeechLost) -> list[Action]:
        """The turn is over for good: its ear closes."""
        return self._close_ear()

    # ---- the turn's end --------------------------------------------------------------------------

    def _over_hearing(self, event: SpeechOver) -> list[Action]:
        """The turn is over before any pause: get its text."""
        self.state, self._forced = State.THINKING, event.forced
        return [SettleEar(self.turn, self.rev, event.at)]

    def _over_holding(self, event: SpeechOver) -> list[Action]:
        """The turn is over: commit its words and release the answer, if they are known."""
        self.state, self._forced = State.THINKING, event.forced
        return self._conclude() if self._reading else []

    def _understood(self, event: Understood) -> list[Action]:
        """In the pause: make the answer, in case the turn is over."""
        if not self._is_present(event):
            return []
        if not event.meant:
            return self._lose(TurnForgotten())
        if self._reading and self._reading.text == event.text:
            return []
        dropped = self._drop_draft()
        self._reading = event
        if not (event.text and event.speculate):
            return dropped
        self.draft = self._next_reply()
        return [*dropped, self._answer(self.draft, event, held=True)]

    def _understood_over(self, event: Understood) -> list[Action]:
        """The text of a turn that is over: commit and answer it."""
        if not self._is_present(event) or self._reading is not None or self.reply is not None:
            return []
        if not event.meant:
            return self._lose(TurnForgotten())
        self._reading = event
        return self._conclude()

    def _conclude(self) -> list[Action]:
        """The turn is over, and its words are known."""
        reading = self._reading
        assert reading is not None  # noqa: S101  (every row that comes here has looked)
        commit = CommitPlayer(self.turn, self.rev, reading.text)
        if not reading.text:
            self.state = State.IDLE
            return [commit, *self._forget_ear()]
        self._committed = True
        ended = self._close_ear() if self._forced else []
        return [commit, *ended, *self._reply_to(reading)]

    def _reply_to(self, reading: Understood) -> list[Action]:
        """Answer now, or when the floor is free."""
        draft, self.draft = self.draft, None
        reply = self._next_reply() if draft is None else draft
        if self.floor == "hold":
            self.state = State.IDLE
            self._waiting = self._answer(reply, reading, held=draft is not None)
            return self._close_ear()
        self.state, self.reply = State.THINKING, reply
        return [ReleaseReply(reply) if draft else self._answer(reply, reading, held=False)]

    # ---- over a reply ----------------------------------------------------------------------------

    def _lasts(self, _event: SpeechLasts) -> list[Action]:
        """This is no cough: the reply stands still until more is known."""
        self.hold = True
        return []

    def _pause_over_reply(self, event: SpeechPaused) -> list[Action]:
        """Get the text, to judge it."""
        self._silent = True
        return [SettleEar(self.turn, self.rev, event.at)]

    def _resume_over_reply(self, _event: SpeechResumed) -> list[Action]:
        """What was said so far was not all of it."""
        self._next_revision()
        return []

    def _over_over_reply(self, event: SpeechOver) -> list[Action]:
        """The turn is over, and still has to be judged."""
        settle: list[Action] = [] if self._silent else [SettleEar(self.turn, self.rev, event.at)]
        self._silent = self._over = True
        self._forced = event.forced
        return settle

    def _interrupts(self, event: Interrupts) -> list[Action]:
        """The player means it: cut the reply and listen on."""
        if event.turn != self.turn:
            return []
        return [*self._cut("interrupted"), *self._listen_on()]

    def _understood_over_reply(self, event: Understood) -> list[Action]:
        """Judged: cut the reply and answer, or give it back."""
        if not self._is_present(event):
            return []
        if not (event.meant and event.text):
            return self._restore(SpeechLost())
        cut = self._cut("interrupted")
        over = self._over
        self._listen_on()
        return [*cut, *(self._understood_over(event) if over else self._understood(event))]

    def _restore(self, _event: SpeechLost | TurnForgotten) -> list[Action]:
        """It was nothing: the reply goes on as if nothing had been."""
        self.state, self.hold = State.SPEAKING, False
        return self._forget_ear()

    def _listen_on(self) -> list[Action]:
        """There is no reply any more: what is being said is an ordinary turn."""
        self.hold = False
        paused = State.THINKING if self._over else State.HOLDING
        self.state = paused if self._silent else State.HEARING
        return []

    # ---- the character speaks --------------------------------------------------------------------

    def _heard(self, event: ReplyHeard) -> list[Action]:
        """The reply has begun to sound: from now on what is said is said over it."""
        if event.reply != self.reply:
            return []
        self.state = State.SPEAKING
        return self._close_ear()

    def _reply_over(self, event: ReplyOver) -> list[Action]:
        """The character has finished."""
        if event.reply != self.reply:
            return []
        self.state, self.reply = State.IDLE, None
        return self._close_ear()

    def _reply_over_ducked(self, event: ReplyOver) -> list[Action]:
        """The reply ended by itself: what is being said is an ordinary turn."""
        if event.reply != self.reply:
            return []
        self.reply = None
        return self._listen_on()

    def _draft_over(self, event: ReplyOver) -> list[Action]:
        """A draft that failed: it is made again when the turn is over."""
        if event.reply == self.draft:
            self.draft = None
        return []

    def _interrupt(self, event: InterruptAsked) -> list[Action]:
        """The button: stop the reply."""
        if self.reply is None or event.reply not in {None, self.reply}:
            return []
        self.state = State.IDLE
        return [*self._cut("stopped"), *self._close_ear()]

    def _interrupt_ducked(self, event: InterruptAsked) -> list[Action]:
        """The button: stop the reply and listen on."""
        if event.reply not in {None, self.reply}:
            return []
        return [*self._cut("stopped"), *self._listen_on()]

    # ---- the game --------------------------------------------------------------------------------

    def _typed(self, event: Typed) -> list[Action]:
        """A whole turn at once; it replaces what is being said by both."""
        if self.floor == "silence":
            return []
        actions = [*self._cut("interrupted"), *self._drop_draft(), *self._leave_turn()]
        if self.state in {State.HEARING, State.HOLDING, State.DUCKED}:
            actions.append(CancelEar(self.turn))
        self._begin_turn()
        self._reading = Understood(self.turn, self.rev, event.text)
        return [*actions, *self._conclude()]

    def _prompted(self, event: Prompted) -> list[Action]:
        """The game has the character speak first."""
        if self.floor in {"hold", "silence"}:
            return []
        self.state, self.reply = State.THINKING, self._next_reply()
        return [StartReply(self.reply, 0, line=event.line)]

    def _floor(self, event: FloorChanged) -> list[Action]:
        """The game takes the floor or gives it back."""
        self.floor = event.floor
        if event.floor == "free" and self.state is State.IDLE and self._waiting:
            waiting, self._waiting = self._waiting, None
            self.state, self.reply = State.THINKING, waiting.reply
            return [ReleaseReply(waiting.reply) if waiting.held else waiting]
        if event.floor not in {"silence", "script"}:
            return []
        listening = self.state in {State.HEARING, State.HOLDING, State.DUCKED}
        actions = [*self._cut("floor"), *self._drop_draft(), *self._drop_waiting()]
        actions += self._forget_ear() if listening else self._leave_turn()
        self.state, self.hold = State.IDLE, False
        return actions

    # ---- parts of rows ---------------------------------------------------------------------------

    @property
    def _deaf(self) -> bool:
        """Whether the game plays a scene in which nobody is listened to."""
        return self.floor in {"silence", "script"}

    def _begin_turn(self) -> None:
        self.turn += 1
        self.rev = 0
        self._next_revision()
        self.hold = self._over = self._forced = self._committed = False

    def _next_revision(self) -> None:
        self.rev += 1
        self._reading = None
        self._silent = False

    def _is_present(self, event: Understood) -> bool:
        return (event.turn, event.rev) == (self.turn, self.rev)

    def _leave_turn(self) -> list[Action]:
        """Another turn comes; words of this one that are still to come are not lost."""
        if self.state is State.THINKING and self._reading is None and self.reply is None:
            self._late.add(self.turn)
        return [*self._close_ear(), *self._drop_waiting()]

    def _late_words(self, event: Understood) -> list[Action]:
        self._late.discard(event.turn)
        return [CommitPlayer(event.turn, event.rev, event.text)] if event.text else []

    def _close_ear(self) -> list[Action]:
        was_open, self._ear_open = self._ear_open, False
        listening = self.state in {State.HEARING, State.HOLDING, State.DUCKED}
        return [CloseEar(self.turn)] if was_open and not listening else []

    def _forget_ear(self) -> list[Action]:
        self._ear_open = False
        return [CancelEar(self.turn)]

    def _answer(self, reply: int, reading: Understood, *, held: bool) -> StartReply:
        return StartReply(
            reply, self.turn, reading.text, reading.alternatives, rev=reading.rev, held=held
        )

    def _next_reply(self) -> int:
        self._replies += 1
        return self._replies

    def _drop_draft(self) -> list[Action]:
        draft, self.draft = self.draft, None
        return [] if draft is None else [DropReply(draft)]

    def _drop_waiting(self) -> list[Action]:
        waiting, self._waiting = self._waiting, None
        return [DropReply(waiting.reply)] if waiting is not None and waiting.held else []

    def _cut(self, reason: str) -> list[Action]:
        if self.reply is None:
            return []
        reply, self.reply = self.reply, None
        return [CutReply(reply, reason)]
