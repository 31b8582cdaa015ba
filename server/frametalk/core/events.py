"""What can happen to a conversation. Samples are on the microphone's recognition clock."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The player has been speaking since sample `at`."""

    at: int


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
    """The turn's speech ended at sample `at`."""

    at: int


@dataclass(frozen=True, slots=True)
class SpeechLost:
    """The microphone stopped or jumped, and what was said cannot be completed."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """The recogniser's final text of a turn; empty when nothing was understood."""

    turn: int
    text: str
    alternatives: tuple[str, ...] = ()


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


Event = (
    SpeechStarted
    | SpeechPaused
    | SpeechResumed
    | SpeechOver
    | SpeechLost
    | Recognised
    | Typed
    | Prompted
    | ReplyHeard
    | ReplyOver
    | InterruptAsked
)
