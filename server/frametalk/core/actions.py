"""What must be done. All actions of one event are carried out before the next event is taken."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OpenEar:
    """Start recognising for `turn`, from shortly before sample `at`."""

    turn: int
    at: int


@dataclass(frozen=True, slots=True)
class FinishEar:
    """No more of `turn` will be said: get the final text, answer with `Recognised`."""

    turn: int
    at: int


@dataclass(frozen=True, slots=True)
class CancelEar:
    """Forget what `turn` said."""

    turn: int


@dataclass(frozen=True, slots=True)
class CommitPlayer:
    """The player's words of `turn` enter the history."""

    turn: int
    text: str


@dataclass(frozen=True, slots=True)
class StartReply:
    """Think and speak. With a `line`, say that instead of asking the mind."""

    reply: int
    turn: int
    text: str = ""
    alternatives: tuple[str, ...] = ()
    line: str = ""


@dataclass(frozen=True, slots=True)
class CutReply:
    """Take the rest of a reply back: flush, tell the client, cancel, in this order."""

    reply: int
    reason: str


@dataclass(frozen=True, slots=True)
class ShowState:
    """Tell the client what the character is doing."""

    state: str
    turn: int
    reply: int | None


Action = OpenEar | FinishEar | CancelEar | CommitPlayer | StartReply | CutReply | ShowState
