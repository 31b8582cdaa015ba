"""Fits a model's call to its tool: names, types and things that have exactly one reading. Pure.

What has no reading, or several, stays as the model wrote it; the check of the call (`core/tools.py`) then
says what is wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from frametalk.adapters.base import ToolRequest
from frametalk.adapters.llm.openai.scalars import scalar
from frametalk.adapters.llm.openai.things import Scene, id_named, spelling
from frametalk.core.tools import ToolSpec

MAX_DEPTH = 8
_WRAPPERS = ("arguments", "parameters", "args", "input", "kwargs", "params")
_NULLS = frozenset({"null", "none", "nil", "undefined", "n/a"})
_PREFIXES = re.compile(r"\A(?:functions?|tools?|default_api)[.:/]+", re.IGNORECASE)


def fitted(call: ToolRequest, tools: Sequence[ToolSpec], scene: Scene) -> ToolRequest:
    """The call with the name and arguments that its tool declares, as far as there is one reading."""
    spec = _named(call.name, tools)
    if spec is None or call.problem:
        return call
    args = _unwrapped(call.args, spec)
    schema = spec.parameters or {"additionalProperties": False}
    return replace(call, name=spec.name, args=_object(args, schema, _Fit(spec.name, scene), 0))


def tool_named(name: str, names: Iterable[str]) -> str:
    """The declared name that `name` means, with a prefix or in another case; empty if there is none."""
    known = list(names)
    bare = _PREFIXES.sub("", name.strip())
    if bare in known:
        return bare
    plain = spelling(bare)
    same = [declared for declared in known if spelling(declared) == plain]
    return same[0] if len(same) == 1 and plain else ""


def _named(name: str, tools: Sequence[ToolSpec]) -> ToolSpec | None:
    exact = next((spec for spec in tools if spec.name == name), None)
    if exact is not None:
        return exact
    meant = tool_named(name, [spec.name for spec in tools])
    return next((spec for spec in tools if spec.name == meant), None)


def _unwrapped(args: dict[str, Any], spec: ToolSpec) -> dict[str, Any]:
    """The arguments inside {"name": ..., "arguments": {...}} and the like."""
    properties = _map(spec.parameters.get("properties"))
    for key in _WRAPPERS:
        inner = args.get(key)
        if isinstance(inner, str) and inner.lstrip().startswith("{"):
            inner = _json(inner, inner)
        around = {other: part for other, part in args.items() if other != key}
        only_the_name = set(around) <= {"name", "function", "tool", "type", "id"} - set(properties)
        if isinstance(inner, dict) and key not in properties and only_the_name:
            return inner
    return args


class _Fit:
    """What the values of one call are fitted to beside the schema."""

    def __init__(self, tool: str, scene: Scene) -> None:
        self.tool = tool
        self.scene = scene


def _object(args: dict[str, Any], schema: Mapping[str, Any], fit: _Fit, depth: int) -> Any:
    """An object with the keys and types of its schema."""
    properties = _map(schema.get("properties"))
    required = schema.get("required", ())
    closed = schema.get("additionalProperties") is False
    fitted_args: dict[str, Any] = {}
    for key, value in args.items():
        name = key if key in properties else _key(key, args, properties)
        if not name and (closed or value is None):
            continue  # an argument that the tool does not have says nothing about the others
        part = _one_type(_map(properties.get(name)))
        if name and name not in required and _is_absent(value, part):
            continue
        fitted_args[name or key] = _value(value, part, fit, depth) if name else value
    return fitted_args


def _key(key: str, args: Mapping[str, Any], properties: Mapping[str, Any]) -> str:
    """The property that this key spells in another way; empty if there is none."""
    plain = spelling(key)
    same = [name for name in properties if spelling(name) == plain and name not in args]
    return same[0] if len(same) == 1 and plain else ""


def _is_absent(value: Any, schema: Mapping[str, Any]) -> bool:
    """Whether the value of an optional argument means that it is not set."""
    kinds = _types(schema)
    if value is None:
        return bool(kinds) and "null" not in kinds and None not in schema.get("enum", ())
    if not isinstance(value, str) or value in schema.get("enum", ()):
        return False
    empty = value.strip().casefold()
    needs_content = kinds != {"string"} or "enum" in schema or bool(schema.get("x-entity"))
    return (empty in _NULLS or not empty) and bool(kinds) and needs_content


def _one_type(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of alternatives, of which only one is not null, that one with what stands beside it."""
    for keyword in ("anyOf", "oneOf"):
        parts = [part for part in _list(schema.get(keyword)) if _map(part).get("type") != "null"]
        if len(parts) == 1 and len(_list(schema.get(keyword))) > 1:
            return {**schema, **_map(parts[0])}
    return schema


def _types(schema: Mapping[str, Any]) -> set[str]:
    kind = schema.get("type")
    alternatives = {_map(part).get("type") for part in _list(schema.get("anyOf"))}
    kinds = set(kind) if isinstance(kind, list) else {kind}
    kinds |= alternatives
    return {each for each in kinds if isinstance(each, str)}


def _value(value: Any, schema: Mapping[str, Any], fit: _Fit, depth: int) -> Any:
    """The value in the type of its schema."""
    if depth > MAX_DEPTH:
        return value
    if schema.get("x-entity") and not isinstance(value, list):
        return id_named(value, schema["x-entity"], fit.tool, fit.scene)
    kinds = _types(schema) - {"null"}
    if len(kinds) == 1:
        (kind,) = kinds
        if kind == "object":
            value = _json(value, value) if isinstance(value, str) else value
            return _object(value, schema, fit, depth + 1) if isinstance(value, dict) else value
        if kind == "array":
            return _array(value, schema, fit, depth)
        value = scalar(value, kind)
    return _listed(value, schema.get("enum"))


def _array(value: Any, schema: Mapping[str, Any], fit: _Fit, depth: int) -> Any:
    if isinstance(value, str) and value.lstrip().startswith("["):
        value = _json(value, value)
    items = _one_type(_map(schema.get("items")))
    values = value if isinstance(value, list) else [value]
    return [_value(item, items, fit, depth + 1) for item in values]


def _listed(value: Any, enum: Any) -> Any:
    """The value of `enum` that is spelled like this one."""
    listed = _list(enum)
    if not listed or value in listed or not isinstance(value, str):
        return value
    same = [each for each in listed if spelling(str(each)) == spelling(value)]
    return same[0] if len(same) == 1 else value


def _json(text: str, otherwise: Any) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return otherwise


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
