"""The scene, what happened and what the player said, as delimited data for a model. Pure."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from frametalk.adapters.base import MindRequest
from frametalk.core.scene import Entity, plain_name

CHARACTERS_PER_TOKEN = 4  # an estimate that holds for English; enough to keep to a budget
_NEAR_M = 3.0  # at this distance a thing counts half as much as at hand
_UNPLACED_M = 10.0
_MISSES = 4  # things that do not fit any more, after which no smaller one is looked for
_EVENTS_SHARE = 4  # happenings may take a quarter of the budget

_JSON = json.JSONEncoder(ensure_ascii=False, default=str, skipkeys=True, separators=(",", ":"))
# What could close a block, end a line or be no character: written as JSON's \uXXXX.
_ESCAPED = re.compile("[<>&\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def data_line(value: Any) -> str:
    """A value as one line of JSON that cannot close a block; it reads back as the same value."""
    try:
        text = _JSON.encode(value)
    except (ValueError, RecursionError):
        text = '"(data that cannot be shown)"'
    return _ESCAPED.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def block(name: str, lines: Iterable[str]) -> str:
    """Lines of data between a tag and its end."""
    return "\n".join((f"<{name}>", *lines, f"</{name}>"))


def player_block(readings: Sequence[str]) -> str:
    """What the player said: the best reading first, the others after it."""
    return block("player", map(data_line, dict.fromkeys(readings)))


def events_block(lines: Sequence[str]) -> str:
    """What happened, oldest first; empty when nothing did."""
    return block("events", lines) + "\n" if lines else ""


def scene_lines(request: MindRequest, budget_tokens: int) -> list[str]:
    """One JSON object for each thing, as many as the budget holds: the most relevant first.

    The player and what is looked or pointed at are always in it. The rest is ranked by nearness to the
    player, by whether it was just spoken of, and by how lately it changed.
    """
    player = next((one for one in request.scene.values() if one.kind == "player"), None)
    looked_at = [id_ for id_ in reversed(request.focus.entities) if id_ in request.scene]
    always = dict.fromkeys(([player.id] if player else []) + looked_at)
    rest = [one for id_, one in request.scene.items() if id_ not in always]
    heard = "\n".join(f" {plain_name(text)} " for text in (request.text, *request.alternatives))
    # Of equal ones the first that came is the first.
    ranked = sorted(rest, key=lambda one: -_relevance(one, player, heard, request))
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
    """The newest happenings that fit a quarter of the budget, oldest first."""
    lines: list[str] = []
    left = budget_tokens * CHARACTERS_PER_TOKEN // _EVENTS_SHARE
    for one in reversed(request.happenings):
        told = {"name": one.name, "entity": one.entity, "text": one.text, "data": dict(one.data)}
        line = data_line({key: value for key, value in told.items() if value})
        left -= len(line) + 1
        if left < 0:
            break
        lines.append(line)
    return lines[::-1]


def _described(entity: Entity, player: Entity | None, *, looked_at: bool) -> dict[str, Any]:
    distance_m = _distance_m(entity, player)
    told = {
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
    return {key: value for key, value in told.items() if value not in empty}


def _relevance(entity: Entity, player: Entity | None, heard: str, request: MindRequest) -> float:
    """0 to 3: a point each for being at hand, being spoken of, having just changed."""
    distance_m = _distance_m(entity, player)
    near = 1 / (1 + (_UNPLACED_M if distance_m is None else distance_m) / _NEAR_M)
    age = max(0, request.scene_rev - request.changed.get(entity.id, 0))
    spoken_of = any(map(heard.__contains__, _names(entity.name, entity.aliases)))
    return near + spoken_of + 1 / (1 + age)


@lru_cache(maxsize=4_096)  # the same few hundred things, every turn
def _names(name: str, aliases: tuple[str, ...]) -> tuple[str, ...]:
    """Names as they stand in what was heard, also where an ending follows ("barrels")."""
    plain = map(plain_name, (name, *aliases))
    return tuple(f" {one}" for one in plain if one)


def _distance_m(entity: Entity, player: Entity | None) -> float | None:
    if player is None or entity is player or not entity.position or not player.position:
        return None
    return math.dist(entity.position, player.position)
