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
class SpeechLasts:
    """The player is still speaking, for longer than a cough or "uh-huh" takes."""


@dataclass(frozen=True, slots=True)
class SpeechPaused:
    """Silence since sample `at`; the turn may be over."""

    at: int


@dataclass(frozen=True, slots=True)
class SpeechResumed:
    """The player goes on at sample `at`; the pause was inside the turn."""

    at: int


@dataclass(frozen=True, slots=True)
class SpeechOver:
    """The turn's speech ended at sample `at`. `forced`: by something else than silence."""

    at: int
    forced: bool = False


@dataclass(frozen=True, slots=True)
class SpeechSettled:
    """It has been quiet for so long that what comes now is a new turn."""


@dataclass(frozen=True, slots=True)
class SpeechLost:
    """The microphone stopped or jumped, and what was said cannot be completed."""


@dataclass(frozen=True, slots=True)
class Understood:
    """What `turn` says if nothing more comes: the recogniser's answer to revision `rev`.

    `speculate`: the answer may be made before the turn is over. `meant`: False for what was said over a
    reply and does not interrupt it (a cough, "uh-huh", echo).
    """

    turn: int
    rev: int
    text: str
    alternatives: tuple[str, ...] = ()
    speculate: bool = True
    meant: bool = True


@dataclass(frozen=True, slots=True)
class Interrupts:
    """What the player says over a reply, as far as it is understood, is meant to stop it."""

    turn: int


@dataclass(frozen=True, slots=True)
class TurnForgotten:
    """The game says that what is being said is no turn."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A turn by keyboard."""

    text: str


@dataclass(frozen=True, slots=True)
class Prompted:
    """The game asks the character to speak first, with this line."""

    line: str


@dataclass(frozen=True, slots=True)
class ReplyHeard:
    """The player has heard the first sample of a reply."""

    reply: int


@dataclass(frozen=True, slots=True)
class ReplyOver:
    """A reply was played to its end, or turned out to have no sound at all."""

    reply: int


@dataclass(frozen=True, slots=True)
class InterruptAsked:
    """The player's button. `reply` None means whatever is being said."""

    reply: int | None = None


@dataclass(frozen=True, slots=True)
class FloorChanged:
    """The game gives or takes the right to speak."""

    floor: Floor


Event = (
    SpeechStarted
    | SpeechLasts
    | SpeechPaused
    | SpeechResumed
    | SpeechOver
    | SpeechSettled
    | SpeechLost
    | Understood
    | Interrupts
    | TurnForgotten
    | Typed
    | Prompted
    | ReplyHeard
    | ReplyOver
    | InterruptAsked
    | FloorChanged
)
