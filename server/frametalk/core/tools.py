"""Tools that the game offers: their declaration and the states of a call."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """One tool as the client declares it in `hello`.

    `parameters` is a JSON Schema of type object; a string property with `"x-entity": true` (or a kind,
    `"x-entity": "door"`) must name an entity of the scene by id. `verbs` are the words that players use
    for it; they bias the recogniser. Tools without world effects may run before a turn is committed.
    """

    name: str
    description: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    changes_world: bool = True
    deadline_ms: int = 2000
    verbs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolOutcome:
    """How a call ended, as the mind gets to hear it.

    `state` is one of done, refused, failed, timed_out, cancelled, invalid; `reason` is for the last five.
    """

    call: int
    name: str
    args: dict[str, Any]
    state: str
    value: Any = None
    reason: str = ""
