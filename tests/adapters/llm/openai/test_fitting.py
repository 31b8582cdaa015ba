"""Calls fitted to their tools: what has one reading is read, the rest stays."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.adapters.base import ToolRequest
from frametalk.adapters.llm.openai.fitting import fitted, tool_named
from frametalk.core.scene import Entity
from frametalk.core.tools import ToolSpec, argument_problem, declare
from frametalk.schemas import compile_schema

KEY = "iron_key_01"
SCENE = {
    KEY: Entity(KEY, "iron key", "item", aliases=("key",), affordances=("give",)),
    "chest": Entity("chest", "chest", "container"),
}
THING = {"type": "string", "x-entity": True}
GIVE = ToolSpec(
    "give",
    parameters={
        "type": "object",
        "required": ["target", "count"],
        "additionalProperties": False,
        "properties": {
            "target": THING,
            "count": {"type": "integer", "minimum": 1},
            "wrapped": {"type": "boolean"},
            "note": {"type": "string"},
            "weight": {"type": "number"},
            "mood": {"type": "string", "enum": ["happy", "Very sad"]},
            "to": {"anyOf": [{"type": "string", "x-entity": True}, {"type": "null"}]},
            "with": {"type": "array", "items": THING},
            "how": {"type": "object", "properties": {"fast": {"type": "boolean"}}},
        },
    },
)
WAVE = ToolSpec("wave")
TOOLS = (GIVE, WAVE)


def args_of(args: dict[str, Any], name: str = "give") -> dict[str, Any]:
    return fitted(ToolRequest(name, args), TOOLS, SCENE).args


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ({"count": "2"}, {"count": 2}),
        ({"count": 2.0}, {"count": 2}),
        ({"count": "2.0"}, {"count": 2}),
        ({"count": [2]}, {"count": 2}),
        ({"weight": "1.5"}, {"weight": 1.5}),
        ({"weight": 2}, {"weight": 2}),
        ({"wrapped": "true"}, {"wrapped": True}),
        ({"wrapped": "False"}, {"wrapped": False}),
        ({"wrapped": 1}, {"wrapped": True}),
        ({"note": 42}, {"note": "42"}),
        ({"note": ["hello"]}, {"note": "hello"}),
        ({"note": ""}, {"note": ""}),
        ({"note": None}, {}),
        ({"wrapped": None}, {}),
        ({"wrapped": ""}, {}),
        ({"wrapped": "null"}, {}),
        ({"mood": "HAPPY"}, {"mood": "happy"}),
        ({"mood": "very_sad"}, {"mood": "Very sad"}),
        ({"mood": ""}, {}),
        ({"to": "iron key"}, {"to": KEY}),
        ({"to": None}, {"to": None}),
        ({"with": "iron key"}, {"with": [KEY]}),
        ({"with": '["chest", "the iron key"]'}, {"with": ["chest", KEY]}),
        ({"how": '{"fast": "true"}'}, {"how": {"fast": True}}),
        ({"Count": 2}, {"count": 2}),
        ({"reason": "he asked"}, {}),
        ({"target": "iron key"}, {"target": KEY}),
        ({"target": "Iron_Key_01"}, {"target": KEY}),
        ({"target": "iron-key-01"}, {"target": KEY}),
        ({"target": "the iron key"}, {"target": KEY}),
        ({"target": "IronKey"}, {"target": KEY}),
        ({"target": "key"}, {"target": KEY}),
        ({"target": '"iron_key_01"'}, {"target": KEY}),
        ({"target": {"id": KEY}}, {"target": KEY}),
        ({"target": [KEY]}, {"target": KEY}),
    ],
)
def test_one_reading_is_taken(written: dict[str, Any], read: dict[str, Any]) -> None:
    assert args_of(written) == read


@pytest.mark.parametrize(
    "args",
    [
        {"count": "two or three"},
        {"count": 2.5},
        {"count": True},
        {"count": "1_000"},
        {"count": "nan"},
        {"count": "9" * 100},
        {"wrapped": "perhaps"},
        {"wrapped": 2},
        {"mood": "angry"},
        {"target": "sword"},
        {"target": ["chest", KEY]},
        {"target": None},
        {"with": [7.5]} | {"with": ["sword"]},
    ],
)
def test_what_has_no_reading_stays(args: dict[str, Any]) -> None:
    assert args_of(args) == args


@pytest.mark.parametrize(
    "args",
    [
        {"arguments": {"count": 2}},
        {"name": "give", "arguments": {"count": 2}},
        {"parameters": '{"count": 2}'},
        {"name": "give", "input": {"count": 2}},
    ],
)
def test_arguments_wrapped_once_more_are_unwrapped(args: dict[str, Any]) -> None:
    assert args_of(args) == {"count": 2}


def test_a_parameter_that_has_a_wrappers_name_is_not_unwrapped() -> None:
    schema = {"type": "object", "properties": {"input": {"type": "object"}}}
    tool = ToolSpec("type", parameters=schema)
    call = ToolRequest("type", {"input": {"a": 1}})
    assert fitted(call, [tool], {}) == call


def test_a_tool_without_parameters_gets_none() -> None:
    assert args_of({"target": "door"}, "wave") == {}


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("give", "give"),
        ("functions.give", "give"),
        ("Give", "give"),
        ("GIVE", "give"),
        ("take", ""),
        ("", ""),
        ("_", ""),
    ],
)
def test_a_tools_name_may_be_spelled_in_another_way(name: str, meant: str) -> None:
    assert tool_named(name, ["give", "wave"]) == meant
    assert fitted(ToolRequest(name, {}), TOOLS, SCENE).name == (meant or name)


def test_a_name_with_two_readings_stays() -> None:
    assert tool_named("openDoor", ["open_door", "opendoor"]) == ""


def test_a_call_with_a_problem_stays() -> None:
    call = ToolRequest("Give", {"count": "2"}, problem="the arguments are not JSON")
    assert fitted(call, TOOLS, SCENE) == call


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)
KEYS = st.sampled_from([*GIVE.parameters["properties"], "name", "arguments", "x"])


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_valid_arguments_stay_as_they_are(args: dict[str, Any]) -> None:
    tool = declare(GIVE, (), compile_schema)
    read = args_of(args)
    if not argument_problem(tool, args, SCENE):
        assert argument_problem(tool, read, SCENE) == ""
        assert read == args
