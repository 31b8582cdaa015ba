"""What must be done. All actions of one event are carried out before the next event is taken."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StartRecognition:
    """Start recognising `turn`, from shortly before sample `at`."""

    turn: int
    at: int


@dataclass(frozen=True, slots=True)
class FinalizeRecognition:
    """Get the text of `turn` as if only silence followed sample `at`; answer with `Recognised`."""

    turn: int
    rev: int
    at: int


@dataclass(frozen=True, slots=True)
class PauseRecognition:
    """Feed no sound to the recognition of `turn` until it resumes; a text asked for still comes."""

    turn: int


@dataclass(frozen=True, slots=True)
class ResumeRecognition:
    """The recognition of `turn` resumes after a silence, from shortly before sample `at`."""

    turn: int
    at: int


@dataclass(frozen=True, slots=True)
class EndRecognition:
    """Feed no more sound to the recognition of `turn`; a text that was asked for still comes."""

    turn: int


@dataclass(frozen=True, slots=True)
class CancelRecognition:
    """Stop recognising `turn`; its text is not wanted."""

    turn: int


@dataclass(frozen=True, slots=True)
class CommitTurn:
    """`turn` has ended with this text; if there is any, it enters the history."""

    turn: int
    rev: int
    text: str


@dataclass(frozen=True, slots=True)
class ReopenTurn:
    """`turn` continues: its words leave the history until they are complete."""

    turn: int


@dataclass(frozen=True, slots=True)
class StartReply:
    """Think and speak. With a `line`, say that instead of asking the mind.

    `draft`: nothing of it may reach the player or change the world before `ReleaseDraft`.
    """

    reply: int
    turn: int
    text: str = ""
    alternatives: tuple[str, ...] = ()
    line: str = ""
    rev: int = 1
    draft: bool = False


@dataclass(frozen=True, slots=True)
class ReleaseDraft:
    """The turn has ended and this draft answers it: send what has been made of it."""

    reply: int


@dataclass(frozen=True, slots=True)
class DiscardDraft:
    """This draft does not answer the turn: remove it without a trace."""

    reply: int


@dataclass(frozen=True, slots=True)
class CutReply:
    """Stop a reply for good: flush its sound, tell the client, cancel its tasks, in this order."""

    reply: int
    reason: str


@dataclass(frozen=True, slots=True)
class ShowState:
    """Tell the client what the character is doing. `paused`: the reply's clock stands."""

    state: str
    turn: int
    reply: int | None
    paused: bool = False


Action = (
    StartRecognition
    | FinalizeRecognition
    | PauseRecognition
    | ResumeRecognition
    | EndRecognition
    | CancelRecognition
    | CommitTurn
    | ReopenTurn
    | StartReply
    | ReleaseDraft
    | DiscardDraft
    | CutReply
    | ShowState
)
