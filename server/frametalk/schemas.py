"""Compiles the JSON Schemas that clients send, so that checking against them is fast and safe.

References and patterns are refused: a reference can reach out or multiply
without bound, a pattern can take exponential time, and all sessions share one event loop.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from cachetools import LRUCache, cached

from frametalk.core.tools import ToolSpec, Validate, schema_of

# Deep enough for arguments; nested alternatives cost up to two to this power.
MAX_DEPTH = 8
MAX_CHARACTERS = 16_384
MAX_PARTS = 1_000  # schemas inside a schema: they take most of the time
SHARED_CHARACTERS = 128 * 1024  # of schemas that are kept compiled, which takes 22 bytes for each
PIECE_CHARACTERS = 4_096  # of schemas that are compiled without a break: a millisecond or two

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
_ONE = frozenset(
    ("items", "additionalProperties", "contains", "not", "if", "then", "else", "propertyNames")
)
_LIST = frozenset(("allOf", "anyOf", "oneOf", "prefixItems"))
_MAP = frozenset(("properties", "dependentSchemas", "$defs", "definitions"))


def load() -> None:
    """Import the library, which takes longer than to compile the tools of a game."""
    import jsonschema_rs  # noqa: F401, PLC0415


async def compile_ahead(tools: Iterable[ToolSpec]) -> None:
    """Compile the schemas of these tools before they are declared; others have their turn meanwhile."""
    characters = 0
    for spec in tools:
        with suppress(ValueError):  # the declaration is refused with it
            text = _text(schema_of(spec))
            characters += len(text)
            _compiled(text)
        if characters >= PIECE_CHARACTERS:
            characters = 0
            await asyncio.sleep(0)


def compile_schema(schema: dict[str, Any]) -> Validate:
    """Compile a JSON Schema (draft 2020-12) into a check. Raises ValueError if it is refused."""
    return _compiled(_text(schema))


def _text(schema: dict[str, Any]) -> str:
    try:
        text = json.dumps(schema, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise ValueError("the schema is not plain data") from None
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"the schema is longer than {MAX_CHARACTERS} characters")
    return text


class _Check:
    """A compiled schema."""

    def __init__(self, validator: Any, characters: int) -> None:
        self._validator = validator
        self.characters = characters

    def __call__(self, args: dict[str, Any]) -> str:
        error = next(self._validator.iter_errors(args), None)
        if error is None:
            return ""
        path = ".".join(map(str, error.instance_path))
        return f"{path}: {error.message[:200]}" if path else error.message[:200]


_SHARED: LRUCache[tuple[str], _Check] = LRUCache(
    SHARED_CHARACTERS, getsizeof=lambda check: check.characters
)


# Sessions of one game declare the same tools.
@cached(_SHARED)
def _compiled(text: str) -> _Check:
    # Imported late: it takes longer than the rest of the start of a command.
    from jsonschema_rs import Draft202012Validator, ValidationError  # noqa: PLC0415

    schema = json.loads(text)
    _check(schema)
    try:
        return _Check(Draft202012Validator(schema), len(text))
    except ValidationError as error:
        path = ".".join(map(str, error.instance_path))
        raise ValueError(
            f"not a JSON Schema: {path or 'parameters'}: {error.message[:200]}"
        ) from None


class _Part(NamedTuple):
    """A schema inside a schema: where it stands, and in which other part."""

    schema: Any
    key: str
    within: _Part | None
    depth: int

    @property
    def path(self) -> str:
        return self.key if self.within is None else f"{self.within.path}{self.key}"


def _check(schema: Any) -> None:
    """Raises ValueError for keywords that are not supported, and for too many or too deep schemas.

    Data in `enum`, `const`, `default` and the like is no schema.
    """
    left, count = [_Part(schema, "parameters", None, 0)], 0
    while left:
        part = left.pop()
        if not isinstance(part.schema, dict):
            continue
        count += 1
        if count > MAX_PARTS:
            raise ValueError(f"the schema has more than {MAX_PARTS} schemas in it")
        if part.depth > MAX_DEPTH:
            raise ValueError(f"the schema is nested deeper than {MAX_DEPTH}")
        for keyword in _FORBIDDEN.keys() & part.schema.keys():
            raise ValueError(f"{part.path}: {keyword} is not supported; {_FORBIDDEN[keyword]}")
        left += _inside(part)


def _inside(part: _Part) -> Iterator[_Part]:
    depth = part.depth + 1
    for key, value in part.schema.items():
        if key in _ONE:
            yield _Part(value, f".{key}", part, depth)
        elif key in _LIST and isinstance(value, list):
            yield from (_Part(one, f".{key}[{n}]", part, depth) for n, one in enumerate(value))
        elif key in _MAP and isinstance(value, dict):
            yield from (_Part(one, f".{key}.{name}", part, depth) for name, one in value.items())
