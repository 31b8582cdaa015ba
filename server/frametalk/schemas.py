"""Compiles the JSON Schemas that clients send, so that checking against them is fast and safe.

References and patterns are refused: a reference can reach out or multiply
without bound, a pattern can take exponential time, and all sessions share one event loop.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from frametalk.core.tools import Validate

# Deep enough for arguments; nested alternatives cost up to two to this power.
MAX_DEPTH = 8
MAX_CHARACTERS = 16_384

_FORBIDDEN = {
    "$ref": "write the definition in place",
    "$dynamicRef": "write the definition in place",
    "$recursiveRef": "write the definition in place",
    "$id": "leave it out",
    "pattern": "use enum, or check in the game",
    "patternProperties": "use properties",
    "unevaluatedItems": "use items",
    "unevaluatedProperties": "use additionalProperties",
    "uniqueItems": "check in the game",
}
_ONE = ("items", "additionalProperties", "contains", "not", "if", "then", "else", "propertyNames")
_LIST = ("allOf", "anyOf", "oneOf", "prefixItems")
_MAP = ("properties", "dependentSchemas", "$defs", "definitions")


def compile_schema(schema: dict[str, Any]) -> Validate:
    """Compile a JSON Schema (draft 2020-12) into a check. Raises ValueError if it is refused."""
    try:
        text = json.dumps(schema, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise ValueError("the schema is not plain data") from None
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"the schema is longer than {MAX_CHARACTERS} characters")
    return _compiled(text)


# Sessions of one game declare the same tools.
@lru_cache(maxsize=512)
def _compiled(text: str) -> Validate:
    # Imported with the first tool: it takes longer than the rest of the start.
    from jsonschema_rs import Draft202012Validator, ValidationError  # noqa: PLC0415

    schema = json.loads(text)
    for part, path in _subschemas(schema, "parameters", 0):
        for keyword, remedy in _FORBIDDEN.items():
            if keyword in part:
                raise ValueError(f"{path}: {keyword} is not supported; {remedy}")
    try:
        validator = Draft202012Validator(schema)
    except ValidationError as error:
        path = ".".join(map(str, error.instance_path))
        raise ValueError(
            f"not a JSON Schema: {path or 'parameters'}: {error.message[:200]}"
        ) from None

    def validate(args: dict[str, Any]) -> str:
        error = next(validator.iter_errors(args), None)
        if error is None:
            return ""
        path = ".".join(map(str, error.instance_path))
        return f"{path}: {error.message[:200]}" if path else error.message[:200]

    return validate


def _subschemas(schema: Any, path: str, depth: int) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Every schema inside a schema, without the data in `enum`, `const`, `default` and the like."""
    if not isinstance(schema, dict):
        return
    if depth > MAX_DEPTH:
        raise ValueError(f"the schema is nested deeper than {MAX_DEPTH}")
    yield schema, path
    for key in _ONE:
        yield from _subschemas(schema.get(key), f"{path}.{key}", depth + 1)
    for key in _LIST:
        parts = schema.get(key)
        for index, part in enumerate(parts if isinstance(parts, list) else ()):
            yield from _subschemas(part, f"{path}.{key}[{index}]", depth + 1)
    for key in _MAP:
        named = schema.get(key)
        for name, part in (named if isinstance(named, dict) else {}).items():
            yield from _subschemas(part, f"{path}.{key}.{name}", depth + 1)
