"""The scene for a model: what stays the same from turn to turn, and what is different now. Pure.

The first part stands at the beginning of a prompt, where a server's prefix cache keeps it; the second
part is in the last message.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from frametalk.adapters.base import MindRequest
from frametalk.adapters.llm.openai.scene_text import CHARACTERS_PER_TOKEN, data_line
from frametalk.core.naming import named, plain_name
from frametalk.core.scene import Entity
from frametalk.core.tools import ToolSpec

_NEAR_M = 3.0  # at this distance a thing counts half as much as next to the player
_UNPLACED_M = 10.0
_MISSES = 4  # things that do not fit, after which the search for smaller ones ends
_NEAREST = 3  # things that are named when the player has moved
_NOW_SHARE = 4  # things that the first part leaves out may take a quarter of the budget
_PLAIN = ("name", "kind", "aliases", "can")
_FIELDS = frozenset({"id", "state", *_PLAIN})


def stable_lines(request: MindRequest, budget_tokens: int) -> dict[str, str]:
    """One JSON object for each thing of the stable scene, by id, as many as fit, the nearest first."""
    before = request.stable or request.scene
    shown = _Shown(request.tools)
    lines: dict[str, str] = {}
    left, misses = budget_tokens * CHARACTERS_PER_TOKEN, 0
    for entity in _by_distance(before):
        if misses == _MISSES:
            break
        line = data_line(shown.whole(entity))
        if len(line) < left:
            lines[entity.id] = line
            left -= len(line) + 1
        else:
            misses += 1
    return lines


def now_lines(request: MindRequest, stable: Iterable[str], budget_tokens: int) -> list[str]:
    """What is different from the stable things, what they leave out, and where the player looks.

    What the player looks or points at is always included; the rest is ranked by distance to the player,
    by mentions in the player's words, and by how recently it changed.
    """
    scene, before = request.scene, request.stable or request.scene
    shown, known = _Shown(request.tools), frozenset(stable)
    looked_at = [id_ for id_ in reversed(request.focus.entities) if id_ in scene]
    about: dict[str, list[str]] = {
        "looked_at": looked_at,
        "nearest": _moved(scene, before),
        "gone": [id_ for id_ in before if id_ in known and id_ not in scene],
    }
    lines = [data_line({key: ids}) for key, ids in about.items() if ids]
    others: list[Entity] = []
    for entity in _ranked(request, looked_at):
        if entity.id not in known:
            others += [entity] if _is_worth_a_line(entity) else []
        elif changes := shown.changes(before[entity.id], entity):
            lines.append(data_line({"id": entity.id, **changes}))
    left, misses = budget_tokens * CHARACTERS_PER_TOKEN // _NOW_SHARE, 0
    for entity in others:
        line = data_line(shown.whole(entity))
        if entity.id in looked_at or len(line) < left:
            lines.append(line)
            left -= len(line) + 1
        elif (misses := misses + 1) == _MISSES:
            break
    return lines


class _Shown:
    """What of a thing is worth showing with these tools: those that apply, its kind if one needs it."""

    def __init__(self, tools: Sequence[ToolSpec]) -> None:
        self._can = {spec.name for spec in tools}
        self._kinds = any(_names_kind(spec.parameters) for spec in tools)

    def whole(self, entity: Entity) -> dict[str, Any]:
        """Without empty fields, and without names that the others contain."""
        words = set(plain_name(entity.id.replace("_", " ")).split())
        fields: dict[str, Any] = {"id": entity.id}
        if set(plain_name(entity.name).split()) != words:
            fields["name"] = entity.name
            words.update(plain_name(entity.name).split())
        if entity.kind and (self._kinds or entity.kind == "player"):
            fields["kind"] = entity.kind
        aliases = [name for name in entity.aliases if not set(plain_name(name).split()) <= words]
        if aliases:
            fields["aliases"] = aliases
        fields |= _state(
            {key: value for key, value in entity.state.items() if value not in ("", None)}
        )
        return fields | self._tools(entity)

    def changes(self, before: Entity, now: Entity) -> dict[str, Any]:
        """The fields that are different now; a state that is gone is null."""
        if before is now:
            return {}
        old, new = self.whole(before), self.whole(now)
        plain = {key: new.get(key) for key in _PLAIN if old.get(key) != new.get(key)}
        keys = dict.fromkeys((*before.state, *now.state))
        changed = [key for key in keys if before.state.get(key) != now.state.get(key)]
        return plain | _state({key: now.state.get(key) for key in changed})

    def _tools(self, entity: Entity) -> dict[str, str]:
        can = [name for name in entity.affordances if name in self._can]
        return {"can": " ".join(can)} if can else {}


def _state(state: Mapping[str, Any]) -> dict[str, Any]:
    """A state beside the other fields; keys that would replace one of them are apart."""
    apart = {key: value for key, value in state.items() if key in _FIELDS}
    beside = {key: value for key, value in state.items() if key not in _FIELDS}
    return beside | ({"state": apart} if apart else {})


def _names_kind(schema: Any) -> bool:
    if isinstance(schema, Mapping):
        return isinstance(schema.get("x-entity"), str) or any(map(_names_kind, schema.values()))
    return isinstance(schema, list) and any(map(_names_kind, schema))


# ---- order ---------------------------------------------------------------------------------------


def _player(scene: Mapping[str, Entity]) -> Entity | None:
    return next((entity for entity in scene.values() if entity.kind == "player"), None)


def _by_distance(scene: Mapping[str, Entity]) -> list[Entity]:
    """The player, then the nearest; things without a place count as some metres away."""
    player = _player(scene)

    def rank(entity: Entity) -> float:
        distance_m = _distance_m(entity, player)
        return -1 if entity is player else _UNPLACED_M if distance_m is None else distance_m

    return sorted(filter(_is_worth_a_line, scene.values()), key=rank)


def _is_worth_a_line(entity: Entity) -> bool:
    """Whether it says more than that there is a player, which the rules say."""
    return entity.kind != "player" or bool(entity.state or entity.aliases or entity.affordances)


def _moved(scene: Mapping[str, Entity], before: Mapping[str, Entity]) -> list[str]:
    """The things that are nearest now, if one of them was not before."""
    now, then = _nearest(scene), _nearest(before)
    return [] if set(now) <= set(then) else now


def _nearest(scene: Mapping[str, Entity]) -> list[str]:
    player = _player(scene)
    placed = [entity for entity in scene.values() if _distance_m(entity, player) is not None]
    placed.sort(key=lambda entity: _distance_m(entity, player) or 0.0)
    return [entity.id for entity in placed[:_NEAREST]]


def _ranked(request: MindRequest, first: Sequence[str]) -> list[Entity]:
    """All things, `first` before the others, those with the most relevance next."""
    player = _player(request.scene)
    said = "\n".join(f" {plain_name(text)} " for text in (request.text, *request.alternatives))
    rest = [each for each in named(request.scene.values()) if each[0].id not in first]
    # The sort is stable: equal ones stay in the scene's order.
    rest.sort(key=lambda each: -_relevance(each[0], each[1], player, said, request))
    return [
        *(request.scene[id_] for id_ in dict.fromkeys(first)),
        *(entity for entity, _names in rest),
    ]


def _relevance(
    entity: Entity, names: tuple[str, ...], player: Entity | None, said: str, request: MindRequest
) -> float:
    """0 to 3: up to a point each for distance, mention and a recent change."""
    distance_m = _distance_m(entity, player)
    near = 1 / (1 + (_UNPLACED_M if distance_m is None else distance_m) / _NEAR_M)
    age = max(0, request.scene_rev - request.changed.get(entity.id, 0))
    mentioned = any(map(said.__contains__, _plain_names(names)))
    return near + mentioned + 1 / (1 + age)


@lru_cache(maxsize=4_096)  # the same few hundred things, every turn
def _plain_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """Names to search for in the player's words; an ending may follow ("barrels")."""
    plain = map(plain_name, names)
    return tuple(f" {one}" for one in plain if one)


def _distance_m(entity: Entity, player: Entity | None) -> float | None:
    if player is None or entity is player or not entity.position or not player.position:
        return None
    return math.dist(entity.position, player.position)
