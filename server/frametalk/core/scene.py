"""The scene as the server knows it: snapshot, then patches with revisions."""

from __future__ import annotations

from dataclasses import dataclass, field

StateValue = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Entity:
    """One thing or being in the scene.

    `position` is in metres, in the game's own axes; `affordances` names the tools that apply to it.
    """

    id: str
    name: str
    kind: str = ""
    aliases: tuple[str, ...] = ()
    position: tuple[float, float, float] | None = None
    state: dict[str, StateValue] = field(default_factory=dict)
    affordances: tuple[str, ...] = ()
