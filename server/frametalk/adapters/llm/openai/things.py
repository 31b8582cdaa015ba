"""The things of a scene that a model names by something other than their id. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from frametalk.adapters.llm.openai.scalars import scalar
from frametalk.core.naming import find_named, named
from frametalk.core.scene import Entity

Scene = Mapping[str, Entity]


def id_named(value: Any, kind: Any, tool: str, scene: Scene) -> Any:
    """The id of the one thing that the value names; the value as it is if there is none or several.

    `kind` and `tool` choose among things of the same name: the kind, and what the tool applies to.
    """
    if isinstance(value, Mapping):
        value = value.get("id", value.get("name", value))
    value = scalar(value, "string")
    if not isinstance(value, str) or value in scene:
        return value
    bare = value.strip().strip("\"'`<>#@ ").removeprefix("id:").strip()
    found = list(find_named(scene, bare)) or _spelled(bare, scene)
    if len(found) > 1:
        found = _suitable(found, kind, tool)
    return found[0].id if len(found) == 1 else value


def _spelled(name: str, scene: Scene) -> list[Entity]:
    """Entities whose id, name or alias differs only in case, spaces and punctuation."""
    plain = spelling(name)
    if not plain:
        return []
    by_id = [entity for id_, entity in scene.items() if spelling(id_) == plain]
    return by_id or [
        entity for entity, names in named(scene.values()) if plain in map(spelling, names)
    ]


def _suitable(found: Sequence[Entity], kind: Any, tool: str) -> list[Entity]:
    of_kind = [entity for entity in found if not isinstance(kind, str) or entity.kind == kind]
    if len(of_kind) == 1:
        return of_kind
    return [entity for entity in of_kind if tool in entity.affordances]


def spelling(text: str) -> str:
    """Letters and digits alone; the same for all spellings of a name."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())
