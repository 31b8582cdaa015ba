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
