"""The state of the turns of one conversation, and the parts of what an event does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from frametalk.core import modes
from frametalk.core.actions import (
    Action,
    CancelRecognition,
    CommitTurn,
    DiscardDraft,
    EndRecognition,
    PauseRecognition,
    StartReply,
)
from frametalk.core.commands import words_of
from frametalk.core.events import Floor, Foreseen, Recognised

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


class TurnParts:
    """The state behind the rows of the table, and what several rows do.

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
