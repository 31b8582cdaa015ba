"""What can happen to a conversation. Samples are on the microphone's recognition clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Floor = Literal["free", "hold", "silence", "script"]


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The player has been speaking since sample `at`."""

    at: int


@dataclass(frozen=True, slots=True)
class SpeechSustained:
    """The player has been speaking for longer than a cough or an "uh-huh" takes."""


@dataclass(frozen=True, slots=True)
class SpeechPaused:
    """The player has been silent since sample `at`; the turn may have ended there."""

    at: int


@dataclass(frozen=True, slots=True)
class SpeechResumed:
    """The player resumed at sample `at`: the pause was inside the turn."""

    at: int


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """The turn's speech ended at sample `at`. `forced`: not by silence, so it cannot be continued."""

    at: int
    forced: bool = False


@dataclass(frozen=True, slots=True)
class ContinuationExpired:
    """The silence after a turn has lasted so long that further speech is a new turn."""


@dataclass(frozen=True, slots=True)
class SpeechLost:
    """The microphone stopped or its clock jumped; the open turn cannot be completed."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """The recogniser's text for revision `rev` of `turn`, as if the player said nothing more.

    `may_draft`: a draft may be made of it. `is_turn`: False for sound over a reply that does not
    interrupt it (a cough, a backchannel, echo). `continues`: words over the first sound of a reply go on
    with the turn that it answers; they are no interruption such as "stop".
    """

    turn: int
    rev: int
    text: str
    alternatives: tuple[str, ...] = ()
    may_draft: bool = True
    is_turn: bool = True
    continues: bool = True


@dataclass(frozen=True, slots=True)
class Foreseen:
    """While the player speaks: what revision `rev` of `turn` will probably say; empty: no longer known."""

    turn: int
    rev: int
    text: str
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BargeIn:
    """The words recognised over a reply so far interrupt it. `continues`: as in `Recognised`."""

    turn: int
    continues: bool = True


@dataclass(frozen=True, slots=True)
class TurnCancelled:
    """The game cancels the turn that is being heard."""


@dataclass(frozen=True, slots=True)
class Typed:
    """The player typed a turn."""

    text: str


@dataclass(frozen=True, slots=True)
class Prompted:
    """The game has the character say this line, without a turn of the player before it."""

    line: str


@dataclass(frozen=True, slots=True)
class ReplyHeard:
    """The player has heard the first sample of a reply."""

    reply: int


@dataclass(frozen=True, slots=True)
class SoftStartEnded:
    """The player has heard so much of a reply that further speech is no continuation of the turn."""

    reply: int


@dataclass(frozen=True, slots=True)
class ReplyFinished:
    """A reply was played to its end, or ended without any sound."""

    reply: int


@dataclass(frozen=True, slots=True)
class InterruptRequested:
    """The player pressed the interrupt button. `reply` None means the current reply."""

    reply: int | None = None


@dataclass(frozen=True, slots=True)
class FloorChanged:
    """The game gives or takes the right to speak."""

    floor: Floor


Event = (
    SpeechStarted
    | SpeechSustained
    | SpeechPaused
    | SpeechResumed
    | SpeechEnded
    | ContinuationExpired
    | SpeechLost
    | Recognised
    | Foreseen
    | BargeIn
    | TurnCancelled
    | Typed
    | Prompted
    | ReplyHeard
    | SoftStartEnded
    | ReplyFinished
    | InterruptRequested
    | FloorChanged
)
