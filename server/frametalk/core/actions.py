"""What must be done. All actions of one event are carried out before the next event is taken."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OpenEar:
    """Start recognising for `turn`, from shortly before sample `at`."""

    turn: int
    at: int


@dataclass(frozen=True, slots=True)
class SettleEar:
    """Get the text of `turn` as if nothing were said after sample `at`; answer with `Understood`."""

    turn: int
    rev: int
    at: int


@dataclass(frozen=True, slots=True)
class CloseEar:
    """Nothing more belongs to `turn`; a text that is still awaited is."""

    turn: int


@dataclass(frozen=True, slots=True)
class CancelEar:
    """Forget what `turn` said."""

    turn: int


@dataclass(frozen=True, slots=True)
class CommitPlayer:
    """`turn` is over, and these are its words; where there are any, they enter the history."""

    turn: int
    rev: int
    text: str


@dataclass(frozen=True, slots=True)
class ReopenTurn:
    """`turn` was not over: its words leave the history until they are complete."""

    turn: int


@dataclass(frozen=True, slots=True)
class StartReply:
    """Think and speak. With a `line`, say that instead of asking the mind.

    `held`: nothing of it may reach the player or change the world before `ReleaseReply`.
    """

    reply: int
    turn: int
    text: str = ""
    alternatives: tuple[str, ...] = ()
    line: str = ""
    rev: int = 1
    held: bool = False


@dataclass(frozen=True, slots=True)
class ReleaseReply:
    """A held reply is wanted: send what there is of it."""

    reply: int


@dataclass(frozen=True, slots=True)
class DropReply:
    """A held reply is not wanted: nothing of it remains."""

    reply: int


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
    hold: bool = False


Action = (
    OpenEar
    | SettleEar
    | CloseEar
    | CancelEar
    | CommitPlayer
    | ReopenTurn
    | StartReply
    | ReleaseReply
    | DropReply
    | CutReply
    | ShowState
)
