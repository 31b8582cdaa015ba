"""Tools: which declarations and which arguments are valid."""

from __future__ import annotations

import math
from typing import Any

import pytest

from frametalk.core.scene import Entity
from frametalk.core.tools import (
    MAX_ARGUMENT_BYTES,
    MAX_DEADLINE_MS,
    MAX_VERBS,
    Tool,
    ToolSpec,
    argument_problem,
    declare,
    entity_arguments,
)
from frametalk.errors import FrametalkError
from frametalk.schemas import compile_schema

SCENE = {
    "door": Entity("door", "red door", "door", affordances=("open",)),
    "chest": Entity("chest", "chest", "container", affordances=("open",)),
    "map": Entity("map", "map", "item", affordances=("put",)),
    "table": Entity("table", "table", "furniture"),
}


def schema(required: list[str] | None = None, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties) if required is None else required,
        "additionalProperties": False,
    }


THING = {"type": "string", "x-entity": True}
DOOR = {"type": "string", "x-entity": "door"}
OPEN, OPEN_DOOR, PUT = schema(target=THING), schema(target=DOOR), schema(target=THING, place=THING)


def tool(name: str, parameters: dict[str, Any]) -> Tool:
    return declare(ToolSpec(name, parameters=parameters), (), compile_schema)


@pytest.mark.parametrize(
    "spec",
    [
        ToolSpec(""),
        ToolSpec("open door"),
        ToolSpec("öffnen"),
        ToolSpec("x" * 65),
        ToolSpec("taken"),
        ToolSpec("a", deadline_ms=0),
        ToolSpec("a", deadline_ms=MAX_DEADLINE_MS + 1),
        ToolSpec("a", verbs=(" ",)),
        ToolSpec("a", verbs=("go",) * (MAX_VERBS + 1)),
        ToolSpec("a", scope="x" * 65),
        ToolSpec("a", parameters={"type": "array"}),
        ToolSpec("a", parameters={"type": "object", "properties": {"b": {"$ref": "#"}}}),
    ],
)
def test_an_invalid_declaration_is_refused(spec: ToolSpec) -> None:
    with pytest.raises(FrametalkError) as caught:
        declare(spec, ("taken",), compile_schema)
    assert caught.value.code == "tool_schema"
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("name", "parameters", "args"),
    [
        ("open", OPEN, {"target": "door"}),
        ("open", OPEN_DOOR, {"target": "door"}),
        ("put", PUT, {"target": "map", "place": "table"}),
        ("put", PUT, {"target": "map", "place": "chest"}),
        ("wait", {}, {}),
        ("go", schema(metres={"type": "number", "minimum": 0}), {"metres": 2.5}),
    ],
)
def test_valid_arguments_have_no_problem(
    name: str, parameters: dict[str, Any], args: dict[str, Any]
) -> None:
    assert argument_problem(tool(name, parameters), args, SCENE) == ""


@pytest.mark.parametrize(
    ("name", "parameters", "args", "problem"),
    [
        ("open", OPEN, {"target": "dragon"}, "there is no 'dragon'"),
        ("open", OPEN, {}, '"target" is a required property'),
        ("open", OPEN, {"target": 3}, '3 is not of type "string"'),
        ("open", OPEN, {"target": "door", "force": True}, "force"),
        ("open", OPEN_DOOR, {"target": "chest"}, "chest is not a door"),
        ("open", OPEN, {"target": "map"}, "open does not apply to map"),
        ("put", PUT, {"target": "map", "place": "moon"}, "place: there"),
        ("put", PUT, {"target": "door", "place": "map"}, "red door"),
        ("wait", {}, {"now": True}, "now"),
        ("wait", {}, [], "not a map"),
        ("go", schema(metres={"type": "number"}), {"metres": math.nan}, "not plain data"),
        ("go", schema(metres={}), {"metres": {1, 2}}, "not plain data"),
        ("say", schema(text={"type": "string"}), {"text": "\ud800"}, "not plain data"),
        ("say", schema(text={"type": "string"}), {"text": "a" * MAX_ARGUMENT_BYTES}, "too large"),
    ],
)
def test_invalid_arguments_have_a_problem_in_words(
    name: str, parameters: dict[str, Any], args: Any, problem: str
) -> None:
    assert problem in argument_problem(tool(name, parameters), args, SCENE)


def test_arguments_that_contain_themselves_are_not_plain_data() -> None:
    loop: dict[str, Any] = {}
    loop["again"] = loop
    assert "plain data" in argument_problem(tool("a", {"type": "object"}), loop, SCENE)


def test_entity_arguments_are_found_in_lists_and_objects() -> None:
    parameters = schema(
        whole={"type": "array", "items": THING}, part=schema(inner=DOOR), other={"type": "string"}
    )
    args = {"whole": ["map", "table"], "part": {"inner": "door"}, "other": "chest"}
    assert [(a.path, a.value, a.kind) for a in entity_arguments(parameters, args)] == [
        ("whole[0]", "map", ""),
        ("whole[1]", "table", ""),
        ("part.inner", "door", "door"),
    ]
