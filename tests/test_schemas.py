"""Schemas from clients: what is refused, and that no check takes long."""

from __future__ import annotations

import json
from typing import Any

import pytest

from frametalk import schemas
from frametalk.core.calls import ToolBook
from frametalk.core.tools import ToolSpec, schema_of
from frametalk.schemas import (
    MAX_CHARACTERS,
    MAX_DEPTH,
    MAX_PARTS,
    PIECE_CHARACTERS,
    SHARED_CHARACTERS,
    compile_ahead,
    compile_schema,
)
from growth import assert_linear
from pauses import pauses


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
        ({"anyOf": [{}] * MAX_PARTS}, f"more than {MAX_PARTS} schemas"),
        (
            {"properties": {"a": {"prefixItems": [{}, {"$id": "x"}]}}},
            "properties.a.prefixItems[1]: $id",
        ),
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


def distinct(number: int, arguments: int) -> ToolSpec:
    names = (f"a{number}x{argument}" for argument in range(arguments))
    return ToolSpec(f"t{number}", parameters={"properties": {name: {} for name in names}})


def test_others_have_their_turn_while_tools_are_compiled() -> None:
    tools = [distinct(number, 50) for number in range(64)]
    characters = sum(len(json.dumps(schema_of(tool))) for tool in tools)
    assert pauses(compile_ahead(tools)) > characters // (2 * PIECE_CHARACTERS) > 3
    assert pauses(compile_ahead(tools[:2])) == 0


async def test_what_was_compiled_ahead_is_not_compiled_again_with_its_declaration() -> None:
    tools = [distinct(number, 10) for number in range(200, 264)]
    bad = ToolSpec("bad", parameters={"properties": {"a": {"$ref": "#"}}})
    await compile_ahead([*tools, bad])
    kept = set(schemas._SHARED)
    book = ToolBook(compile_schema)
    assert [problem.code for problem in book.declare([*tools, bad], 65)] == ["tool_schema"]
    assert set(schemas._SHARED) == kept


def test_what_is_kept_compiled_is_bounded_by_its_size() -> None:
    for number in range(100):
        compile_schema(schema_of(distinct(number + 1_000, 600)))
    assert len(schemas._SHARED) < 100
    assert schemas._SHARED.currsize <= SHARED_CHARACTERS


def test_a_schema_costs_in_proportion_to_its_parts() -> None:
    def check(count: int) -> None:
        schema = {"properties": {f"a{n}": {"not": {"anyOf": [{}]}} for n in range(count // 3)}}
        for _ in range(30):
            schemas._check(schema)

    assert_linear(check, 90, 900)
