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

    The player's words are committed once. A character's entry stands where its reply began and grows
    with what was heard; while nothing was heard it is not there.
    """

    def __init__(self, limit: int = 200) -> None:
        self._entries: list[Entry] = []
        self._limit = limit

    def history(self) -> tuple[Entry, ...]:
        """All entries; a reply of which nothing was heard is left out."""
        return tuple(e for e in self._entries if not isinstance(e, CharacterSaid) or e.text)

    def commit_player(self, turn: int, text: str) -> None:
        """The player's words of a turn. Words that come late are placed in order of turns."""
        index = len(self._entries)
        while index and self._entries[index - 1].turn > turn:
            index -= 1
        self._insert(index, PlayerSaid(turn, text))

    def begin_reply(self, turn: int, reply: int) -> None:
        """A reply starts; nothing of it has been heard."""
        self._insert(len(self._entries), CharacterSaid(turn, reply, ""))

    def heard(self, reply: int, text: str, *, cut: bool = False) -> None:
        """What has been heard of a reply so far, in full; replaces what was known before."""
        for index, entry in enumerate(self._entries):
            if isinstance(entry, CharacterSaid) and entry.reply == reply:
                self._entries[index] = CharacterSaid(entry.turn, reply, text, cut or entry.cut)

    def tool_ran(self, turn: int, outcome: ToolOutcome) -> None:
        """A call reached its end."""
        self._insert(len(self._entries), ToolRan(turn, outcome))

    def outcomes(self, turn: int) -> tuple[ToolOutcome, ...]:
        """How this turn's calls ended, in order."""
        return tuple(e.outcome for e in self._entries if isinstance(e, ToolRan) and e.turn == turn)

    def _insert(self, index: int, entry: Entry) -> None:
        self._entries.insert(index, entry)
        del self._entries[: -self._limit]
