"""JSON Schema of tools' arguments: compiled when a tool is declared, checked before each call."""

from __future__ import annotations

import re
from typing import Any

from frametalk.core.tools import CheckArgs

MAX_SCHEMA_CHARACTERS = 16_384
MAX_PATTERN_CHARACTERS = 256
# A repeated group that is repeated again can take exponential time on a few dozen characters.
_NESTED_REPEAT = re.compile(r"\([^()]*[+*}][^()]*\)[+*{]")


def compile_schema(parameters: dict[str, Any]) -> CheckArgs:
    """A checker for a tool's arguments (JSON Schema 2020-12).

    Nothing is ever fetched: references must point into the schema itself. Raises ValueError with what
    is wrong with the schema.
    """
    # Imported with the first tool: it costs more than the rest of the start together.
    from jsonschema import Draft202012Validator, SchemaError  # noqa: PLC0415
    from referencing import Registry  # noqa: PLC0415
    from referencing.exceptions import Unresolvable  # noqa: PLC0415

    if len(repr(parameters)) > MAX_SCHEMA_CHARACTERS:
        raise ValueError(f"its schema is longer than {MAX_SCHEMA_CHARACTERS} characters")
    _check_parts(parameters)
    schema = {"type": "object", **parameters}
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise ValueError(f"schema at {error.json_path}: {error.message}") from None
    validator = Draft202012Validator(schema, registry=Registry())

    def check(args: dict[str, Any]) -> str:
        try:
            error = next(validator.iter_errors(args), None)
        except Unresolvable as unresolved:
            return f"the tool's schema refers to {unresolved.ref!r}, which is not in it"
        return "" if error is None else f"{error.json_path}: {error.message}"

    return check


def _check_parts(part: Any) -> None:
    """Refuse references that lead outside and patterns that may take for ever."""
    if isinstance(part, list):
        for item in part:
            _check_parts(item)
    if not isinstance(part, dict):
        return
    for key, value in part.items():
        if key in {"$ref", "$dynamicRef"} and not str(value).startswith("#"):
            raise ValueError(f"{key} {value!r} leads outside the schema")
        if key == "pattern" and isinstance(value, str):
            _check_pattern(value)
        if key == "patternProperties" and isinstance(value, dict):
            for pattern in value:
                _check_pattern(pattern)
        _check_parts(value)


def _check_pattern(pattern: str) -> None:
    if len(pattern) > MAX_PATTERN_CHARACTERS or _NESTED_REPEAT.search(pattern):
        raise ValueError(f"pattern {pattern[:40]!r} could take too long to match")
