"""The intents that count in one request: those of the character file, and the tools' own verbs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from frametalk.adapters.base import MindRequest
from frametalk.adapters.llm.character import Call, Character, Intent
from frametalk.core.tools import ToolSpec


def fitting(character: Character, request: MindRequest) -> list[Intent]:
    """Intents whose conditions hold in the scene and whose tool the game declared."""
    declared = {spec.name for spec in request.tools}
    return [
        intent
        for intent in character.intent
        if (intent.call is None or intent.call.name in declared)
        and all(_state(request.scene, path) == value for path, value in intent.when.items())
    ]


def by_verbs(tools: Sequence[ToolSpec]) -> list[Intent]:
    """Intents for tools that act on one thing, from their verbs."""
    intents = []
    for spec in tools:
        target = _entity_argument(spec)
        if target:
            patterns = tuple(f"{verb} {{thing}}" for verb in spec.verbs)
            call = Call(spec.name, {target: "{thing}"})
            if patterns:
                intents.append(Intent(patterns=patterns, call=call))
    return intents


def _entity_argument(spec: ToolSpec) -> str:
    """The only required argument of a tool, if it names a thing; else empty."""
    properties = spec.parameters.get("properties", {})
    required = spec.parameters.get("required", [])
    marked = [key for key in required if isinstance(properties.get(key), dict)]
    only = len(required) == 1 and marked and properties[marked[0]].get("x-entity")
    return str(marked[0]) if only else ""


def _state(scene: Mapping[str, Any], path: str) -> object:
    entity, _, key = path.partition(".")
    return scene[entity].state.get(key) if entity in scene else None
