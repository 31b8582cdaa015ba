"""The scene, events and the player's words, as delimited data for a model. Pure."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from frametalk.adapters.base import MindRequest
from frametalk.core.scene import Entity, plain_name

CHARACTERS_PER_TOKEN = 4  # an estimate for English, good enough for a budget
_NEAR_M = 3.0  # at this distance a thing counts half as much as next to the player
_UNPLACED_M = 10.0
_MISSES = 4  # things that do not fit, after which the search for smaller ones ends
_EVENTS_SHARE = 4  # events may take a quarter of the budget

_JSON = json.JSONEncoder(ensure_ascii=False, default=str, skipkeys=True, separators=(",", ":"))
# What could close a block, end a line, or is not a character: escaped as JSON's \uXXXX.
_ESCAPED = re.compile("[<>&\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def data_line(value: Any) -> str:
    """A value as one line of JSON that cannot close a block; it reads back as the same value."""
    try:
        text = _JSON.encode(value)
    except (ValueError, RecursionError):
        text = '"(data that cannot be shown)"'
    return _ESCAPED.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def block(name: str, lines: Iterable[str]) -> str:
    """Lines of data between an opening and a closing tag."""
    return "\n".join((f"<{name}>", *lines, f"</{name}>"))


def player_block(readings: Sequence[str]) -> str:
    """What the player said: the best reading first, the others after it."""
    return block("player", map(data_line, dict.fromkeys(readings)))


def events_block(lines: Sequence[str]) -> str:
    """Events, oldest first; empty without any."""
    return block("events", lines) + "\n" if lines else ""


def scene_lines(request: MindRequest, budget_tokens: int) -> list[str]:
    """One JSON object for each thing, as many as fit the budget, the most relevant first.

    The player and what the player looks or points at are always included. The rest is ranked by distance
    to the player, by mentions in the player's words, and by how recently it changed.
    """
    player = next((entity for entity in request.scene.values() if entity.kind == "player"), None)
    looked_at = [id_ for id_ in reversed(request.focus.entities) if id_ in request.scene]
    always = dict.fromkeys(([player.id] if player else []) + looked_at)
    rest = [entity for id_, entity in request.scene.items() if id_ not in always]
    said = "\n".join(f" {plain_name(text)} " for text in (request.text, *request.alternatives))
    # The sort is stable: equal ones stay in the scene's order.
    ranked = sorted(rest, key=lambda entity: -_relevance(entity, player, said, request))
    lines: list[str] = []
    left, misses = budget_tokens * CHARACTERS_PER_TOKEN, 0
    for entity in (*(request.scene[id_] for id_ in always), *ranked):
        if misses == _MISSES and entity.id not in always:
            break
        line = data_line(_described(entity, player, looked_at=entity.id in looked_at))
        if entity.id in always or len(line) < left:
            lines.append(line)
            left -= len(line) + 1
        else:
            misses += 1
    return lines


def event_lines(request: MindRequest, budget_tokens: int) -> list[str]:
    """The newest events that fit a quarter of the budget, oldest first."""
    lines: list[str] = []
    left = budget_tokens * CHARACTERS_PER_TOKEN // _EVENTS_SHARE
    for event in reversed(request.happenings):
        fields: dict[str, Any] = {"name": event.name, "entity": event.entity}
        fields |= {"text": event.text, "data": dict(event.data)}
        line = data_line({key: value for key, value in fields.items() if value})
        left -= len(line) + 1
        if left < 0:
            break
        lines.append(line)
    return lines[::-1]


def _described(entity: Entity, player: Entity | None, *, looked_at: bool) -> dict[str, Any]:
    distance_m = _distance_m(entity, player)
    fields = {
        "id": entity.id,
        "name": entity.name,
        "kind": entity.kind,
        "aliases": list(entity.aliases),
        "state": entity.state,
        "can": list(entity.affordances),
        "distance_m": None if distance_m is None else round(distance_m, 1),
        "looked_at": looked_at or None,
    }
    empty: tuple[Any, ...] = ("", [], {}, None)
    return {key: value for key, value in fields.items() if value not in empty}


def _relevance(entity: Entity, player: Entity | None, said: str, request: MindRequest) -> float:
    """0 to 3: up to a point each for distance, mention and a recent change."""
    distance_m = _distance_m(entity, player)
    near = 1 / (1 + (_UNPLACED_M if distance_m is None else distance_m) / _NEAR_M)
    age = max(0, request.scene_rev - request.changed.get(entity.id, 0))
    mentioned = any(map(said.__contains__, _names(entity.name, entity.aliases)))
    return near + mentioned + 1 / (1 + age)


@lru_cache(maxsize=4_096)  # the same few hundred things, every turn
def _names(name: str, aliases: tuple[str, ...]) -> tuple[str, ...]:
    """Names to search for in the player's words; an ending may follow ("barrels")."""
    plain = map(plain_name, (name, *aliases))
    return tuple(f" {one}" for one in plain if one)


def _distance_m(entity: Entity, player: Entity | None) -> float | None:
    if player is None or entity is player or not entity.position or not player.position:
        return None
    return math.dist(entity.position, player.position)
