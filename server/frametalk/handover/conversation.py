"""What is kept of a conversation, and a conversation that goes on from it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import msgspec

from frametalk.conversation import Conversation
from frametalk.core.dialogue import CharacterSaid, Entry, PlayerSaid, ToolRan
from frametalk.core.tools import ToolOutcome
from frametalk.core.turn_parts import KeptTurns, State
from frametalk.pipeline.act import KeptAct
from frametalk.pipeline.microphone import KeptMicrophone
from frametalk.pipeline.reply import KeptReply

SKIPPED = 1_000  # numbers of turns and replies that may have been used after what was kept


class KeptEntry(msgspec.Struct, frozen=True, array_like=True):
    """One entry of the history: the `outcome` of a tool call, or the text of who said it."""

    turn: int
    text: str = ""
    reply: int | None = None  # None: the player said it
    cut: bool = False
    outcome: ToolOutcome | None = None


@dataclass(frozen=True, slots=True)
class KeptConversation:
    """A conversation without its scene. `whole`: nothing happened in it afterwards."""

    turns: KeptTurns
    history: tuple[KeptEntry, ...]
    act: KeptAct
    microphone: KeptMicrophone | None
    reply: KeptReply | None
    pause_ms: float
    whole: bool


def is_settled(talk: Conversation) -> bool:
    """Whether nothing is being heard or made: at most the rest of a reply has to be sent."""
    state, reply = talk.machine.state, talk.replies.under_way()
    if state in {State.THINKING, State.SPEAKING}:
        return reply is not None and reply.whole
    return state is State.IDLE


def hurry(talk: Conversation) -> None:
    """Let the voice make the rest of its reply, however far ahead of playback that is."""
    if (reply := talk.replies.under_way()) is not None:
        reply.frames.widen()


def keep(talk: Conversation, *, whole: bool) -> KeptConversation:
    """What to restore elsewhere. A turn that is being heard is not in it.

    `whole`: the conversation stops now, and the sound of the reply under way is kept too.
    """
    reply = talk.replies.under_way()
    return KeptConversation(
        talk.machine.kept(),
        tuple(_kept_entry(talk.conduct.guard.screened_entry(e)) for e in talk.dialogue.entries),
        talk.act.kept(),
        talk.microphone.kept(),
        None if reply is None else reply.kept(sound=whole),
        talk.pause.left_ms,
        whole,
    )


def restore(talk: Conversation, kept: KeptConversation) -> None:
    """Go on from there. Of one that is not whole, the reply under way is lost."""
    talk.dialogue.restore(map(_entry, kept.history))
    talk.act.restore(kept.act)
    if kept.microphone is not None:
        talk.microphone.restore(kept.microphone)
    talk.pause.restore(kept.pause_ms)
    turns = kept.turns
    if kept.whole and kept.reply is not None:
        talk.machine.restore(turns)
        talk.mark_busy()
        talk.replies.restore(kept.reply)
        return
    skipped = 0 if kept.whole else SKIPPED
    talk.machine.restore(
        replace(turns, turn=turns.turn + skipped, replies=turns.replies + skipped, reply=None)
    )


def _kept_entry(entry: Entry) -> KeptEntry:
    match entry:
        case PlayerSaid():
            return KeptEntry(entry.turn, entry.text)
        case CharacterSaid():
            return KeptEntry(entry.turn, entry.text, entry.reply, entry.cut)
        case ToolRan():
            return KeptEntry(entry.turn, outcome=entry.outcome)


def _entry(kept: KeptEntry) -> Entry:
    if kept.outcome is not None:
        return ToolRan(kept.turn, kept.outcome)
    if kept.reply is None:
        return PlayerSaid(kept.turn, kept.text)
    return CharacterSaid(kept.turn, kept.reply, kept.text, kept.cut)
