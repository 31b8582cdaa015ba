"""The history of a conversation: what the player said and heard, and which tools ran."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from frametalk.core.sizes import OBJECT_BYTES, held_bytes
from frametalk.core.tools import ToolOutcome

MAX_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class PlayerSaid:
    """The player's words of one turn."""

    turn: int
    text: str


@dataclass(frozen=True, slots=True)
class CharacterSaid:
    """What the player heard of one reply; `cut` when it was stopped before its end."""

    turn: int
    reply: int
    text: str
    cut: bool = False


@dataclass(frozen=True, slots=True)
class ToolRan:
    """A tool call that has ended."""

    turn: int
    outcome: ToolOutcome


Entry = PlayerSaid | CharacterSaid | ToolRan


class Dialogue:
    """The history of one conversation, oldest first: the newest `limit` entries, `limit_bytes` in all.

    The newest entry is kept however large it is; 0 bytes is no limit.

    The player's words of a turn are committed once; a turn that continues is reopened first, which
    removes them. A character's entry stands where its reply began and grows as the reply is heard; it is
    left out while none of it was heard. A draft's entries are kept apart until the draft is released;
    until then only a history that is read for that draft contains them.
    """

    def __init__(self, limit: int = 200, limit_bytes: int = MAX_BYTES) -> None:
        self._entries: list[Entry] = []
        self._limit = limit
        self._limit_bytes = limit_bytes
        self._draft: int | None = None
        self._drafted: list[Entry] = []

    def history(self, draft: int | None = None) -> tuple[Entry, ...]:
        """All entries but unheard replies, and those of `draft` if it is the current draft."""
        entries = self._entries_for(draft)
        return tuple(e for e in entries if not isinstance(e, CharacterSaid) or e.text)

    def outcomes(self, turn: int, draft: int | None = None) -> tuple[ToolOutcome, ...]:
        """The outcomes of this turn's tool calls, in order."""
        entries = self._entries_for(draft)
        return tuple(e.outcome for e in entries if isinstance(e, ToolRan) and e.turn == turn)

    def _entries_for(self, draft: int | None) -> list[Entry]:
        is_current = draft is not None and draft == self._draft
        return self._entries + self._drafted if is_current else self._entries

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries without a draft's, also replies of which nothing was heard yet."""
        return tuple(self._entries)

    def restore(self, entries: Iterable[Entry]) -> None:
        """Go on from the entries of another dialogue."""
        self._entries = list(entries)
        self._trim()

    # ---- the player ------------------------------------------------------------------------------

    def commit_player(self, turn: int, text: str) -> None:
        """Add the player's words of a turn; words that come late are placed in the order of turns."""
        index = len(self._entries)
        while index and self._entries[index - 1].turn > turn:
            index -= 1
        self._insert(index, PlayerSaid(turn, text))

    def reopen(self, turn: int) -> None:
        """The turn continues: remove its words. What was heard of a reply to it stays, before them."""
        self._entries = [
            e for e in self._entries if not (isinstance(e, PlayerSaid) and e.turn == turn)
        ]

    # ---- replies ---------------------------------------------------------------------------------

    def begin_reply(self, turn: int, reply: int) -> None:
        """Add a reply that starts now."""
        self._insert(len(self._entries), CharacterSaid(turn, reply, ""))

    def begin_draft(self, turn: int, reply: int, text: str) -> None:
        """Start a draft that answers `text`, which may not be all that the player says."""
        self._draft = reply
        self._drafted = [PlayerSaid(turn, text), CharacterSaid(turn, reply, "")]

    def release_draft(self, reply: int) -> None:
        """Add the draft's entries, without the player's words, which are committed separately."""
        if reply == self._draft:
            drafted = [e for e in self._drafted if not isinstance(e, PlayerSaid)]
            self.discard_draft(reply)
            for entry in drafted:
                self._insert(len(self._entries), entry)

    def discard_draft(self, reply: int) -> None:
        """Remove the draft without a trace."""
        if reply == self._draft:
            self._draft, self._drafted = None, []

    def heard(self, reply: int, text: str, *, cut: bool = False) -> None:
        """Record all that was heard of a reply so far; `cut` once set stays set."""
        for index, entry in enumerate(self._entries):
            if isinstance(entry, CharacterSaid) and entry.reply == reply:
                self._entries[index] = CharacterSaid(entry.turn, reply, text, cut or entry.cut)

    def tool_ran(self, turn: int, outcome: ToolOutcome, reply: int | None = None) -> None:
        """Record that a tool call of `reply` has ended."""
        if reply is not None and reply == self._draft:
            self._drafted.append(ToolRan(turn, outcome))
        else:
            self._insert(len(self._entries), ToolRan(turn, outcome))

    def _insert(self, index: int, entry: Entry) -> None:
        self._entries.insert(index, entry)
        self._trim()

    def _trim(self) -> None:
        """Drop the oldest entries beyond the limits."""
        del self._entries[: -self._limit]
        if not self._limit_bytes:
            return
        sizes = [_bytes_of(entry) for entry in self._entries]
        total, dropped = sum(sizes), 0
        while total > self._limit_bytes and dropped < len(sizes) - 1:
            total -= sizes[dropped]
            dropped += 1
        del self._entries[:dropped]


def _bytes_of(entry: Entry) -> int:
    if isinstance(entry, ToolRan):
        outcome = entry.outcome
        return OBJECT_BYTES + held_bytes([outcome.args, outcome.value, outcome.reason])
    return OBJECT_BYTES + held_bytes(entry.text)
