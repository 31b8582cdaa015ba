"""The conversation so far: what was said, what was heard, what was done."""

from __future__ import annotations

from dataclasses import dataclass

from frametalk.core.tools import ToolOutcome


@dataclass(frozen=True, slots=True)
class PlayerSaid:
    """The player's words of one turn, committed once."""

    turn: int
    text: str


@dataclass(frozen=True, slots=True)
class CharacterSaid:
    """What the player really heard of one reply; `cut` when it was interrupted."""

    turn: int
    reply: int
    text: str
    cut: bool = False


@dataclass(frozen=True, slots=True)
class ToolRan:
    """A tool call that reached its end."""

    turn: int
    outcome: ToolOutcome


Entry = PlayerSaid | CharacterSaid | ToolRan


class Dialogue:
    """The history of one conversation, oldest first, bounded to the newest `limit` entries.

    The player's words are committed once; a turn that turns out to go on takes them back first. A
    character's entry stands where its reply began and grows with what was heard; while nothing was
    heard it is not there. What belongs to a draft (a reply that is made in case a turn is over) is kept
    apart until the draft is released, and only the draft's own mind sees it.
    """

    def __init__(self, limit: int = 200) -> None:
        self._entries: list[Entry] = []
        self._limit = limit
        self._draft: int | None = None
        self._drafted: list[Entry] = []

    def history(self, draft: int | None = None) -> tuple[Entry, ...]:
        """All entries; a reply of which nothing was heard is left out. With what `draft` knows."""
        entries = self._seen_by(draft)
        return tuple(e for e in entries if not isinstance(e, CharacterSaid) or e.text)

    def outcomes(self, turn: int, draft: int | None = None) -> tuple[ToolOutcome, ...]:
        """How this turn's calls ended, in order."""
        entries = self._seen_by(draft)
        return tuple(e.outcome for e in entries if isinstance(e, ToolRan) and e.turn == turn)

    def _seen_by(self, draft: int | None) -> list[Entry]:
        ours = draft is not None and draft == self._draft
        return self._entries + self._drafted if ours else self._entries

    # ---- the player ------------------------------------------------------------------------------

    def commit_player(self, turn: int, text: str) -> None:
        """The player's words of a turn. Words that come late are placed in order of turns."""
        index = len(self._entries)
        while index and self._entries[index - 1].turn > turn:
            index -= 1
        self._insert(index, PlayerSaid(turn, text))

    def reopen(self, turn: int) -> None:
        """The turn was not over: its words go, and replies to it of which nothing was heard."""
        self._entries = [
            e
            for e in self._entries
            if e.turn != turn or not (isinstance(e, PlayerSaid) or _unheard(e))
        ]

    # ---- replies ---------------------------------------------------------------------------------

    def begin_reply(self, turn: int, reply: int) -> None:
        """A reply starts; nothing of it has been heard."""
        self._insert(len(self._entries), CharacterSaid(turn, reply, ""))

    def begin_draft(self, turn: int, reply: int, text: str) -> None:
        """A reply starts to `text`, which may not be all that the player says."""
        self._draft = reply
        self._drafted = [PlayerSaid(turn, text), CharacterSaid(turn, reply, "")]

    def release_draft(self, reply: int) -> None:
        """The draft is wanted. The player's words were committed by themselves."""
        if reply == self._draft:
            drafted = [e for e in self._drafted if not isinstance(e, PlayerSaid)]
            self.discard_draft(reply)
            for entry in drafted:
                self._insert(len(self._entries), entry)

    def discard_draft(self, reply: int) -> None:
        """The draft is not wanted: nothing of it was ever there."""
        if reply == self._draft:
            self._draft, self._drafted = None, []

    def heard(self, reply: int, text: str, *, cut: bool = False) -> None:
        """What has been heard of a reply so far, in full; replaces what was known before."""
        for index, entry in enumerate(self._entries):
            if isinstance(entry, CharacterSaid) and entry.reply == reply:
                self._entries[index] = CharacterSaid(entry.turn, reply, text, cut or entry.cut)

    def tool_ran(self, turn: int, outcome: ToolOutcome, reply: int | None = None) -> None:
        """A call of a reply reached its end."""
        if reply is not None and reply == self._draft:
            self._drafted.append(ToolRan(turn, outcome))
        else:
            self._insert(len(self._entries), ToolRan(turn, outcome))

    def _insert(self, index: int, entry: Entry) -> None:
        self._entries.insert(index, entry)
        del self._entries[: -self._limit]


def _unheard(entry: Entry) -> bool:
    return isinstance(entry, CharacterSaid) and not entry.text
