"""Schemas from clients: what is refused, and that no check takes long."""

from __future__ import annotations

from typing import Any

import pytest

from frametalk.schemas import MAX_CHARACTERS, MAX_DEPTH, compile_schema


def deep(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(levels):
        schema = {"oneOf": [{"type": "integer"}, schema]}
    return {"properties": {"a": schema}}


@pytest.mark.parametrize(
    ("schema", "says"),
    [
        ({"properties": {"a": {"$ref": "http://example.com/a.json"}}}, "$ref"),
        ({"properties": {"a": {"$ref": "#"}}}, "$ref"),
        ({"$defs": {"a": {"$dynamicRef": "#b"}}}, "$dynamicRef"),
        ({"properties": {"a": {"items": {"pattern": "(a+)+$"}}}}, "use enum"),
        ({"anyOf": [{"patternProperties": {"(a|a)*": True}}]}, "patternProperties"),
        ({"properties": {"a": {"type": "strnig"}}}, "not a JSON Schema: properties.a.type"),
        ({"properties": {"a": {"minimum": float("nan")}}}, "plain data"),
        ({"description": "a" * MAX_CHARACTERS}, "longer"),
        (deep(MAX_DEPTH), "deeper"),
    ],
)
def test_unsafe_and_invalid_schemas_are_refused(schema: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=r".+") as caught:
        compile_schema(schema)
    assert says in str(caught.value)


def test_names_and_data_are_not_keywords() -> None:
    check = compile_schema(
        {"properties": {"pattern": {"enum": [{"$ref": "x"}]}}, "required": ["pattern"]}
    )
    assert check({"pattern": {"$ref": "x"}}) == ""
    assert check({"pattern": "x"})


def test_a_failed_check_says_where_and_what() -> None:
    check = compile_schema({"properties": {"at": {"items": {"type": "number"}}}})
    assert check({"at": [1, "x"]}) == 'at.1: "x" is not of type "number"'


def test_the_deepest_accepted_alternatives_can_be_checked() -> None:
    assert compile_schema(deep(MAX_DEPTH - 1))({"a": 1.5})


def test_equal_schemas_are_compiled_once() -> None:
    schema = {"properties": {"a": {"type": "string"}}}
    assert compile_schema(schema) is compile_schema(dict(schema))
