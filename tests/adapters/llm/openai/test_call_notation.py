"""Calls in text that is known to be calls."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.adapters.llm.openai.call_notation import MAX_TEXT_CALLS, calls_in, python_calls
from growth import assert_linear

TOOLS = {"open": ("target", "slowly"), "wave": ()}


def calls(text: str) -> list[tuple[str, dict[str, Any]]]:
    return [(call.name, call.args) for call in calls_in(text, TOOLS)]


@pytest.mark.parametrize(
    ("text", "args"),
    [
        ('{"name": "open", "arguments": {"target": "door"}}', {"target": "door"}),
        ('{"name": "open", "arguments": "{\\"target\\": \\"door\\"}"}', {"target": "door"}),
        ('{"name": "functions.open", "input": {"target": "door"}}', {"target": "door"}),
        ('{"name": "Open", "args": {"target": "door"}}', {"target": "door"}),
        ('{"name": "open", "target": "door"}', {"target": "door"}),
        ('{"name": "open"}', {}),
        ('{"name": "open", "arguments": null}', {}),
        ('open {"target": "door"}', {"target": "door"}),
        (
            "<tool_call>open(target='door', slowly=true)</tool_call>",
            {"target": "door", "slowly": True},
        ),
        ("open('door', slowly=False)", {"target": "door", "slowly": False}),
        ("open(target=door)", {"target": "door"}),
        (
            "<invoke name='open'><parameter name='target'>door</parameter></invoke>",
            {"target": "door"},
        ),
        ("<function=open><parameter=target>\ndoor\n</parameter></function>", {"target": "door"}),
        ("<function=open><target>door</target></function>", {"target": "door"}),
        (
            '<tool_call><name>open</name><arguments>{"target": "door"}</arguments>',
            {"target": "door"},
        ),
    ],
)
def test_a_call_is_read(text: str, args: dict[str, Any]) -> None:
    assert calls(text) == [("open", args)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "open",
        '{"name": "dance"}',
        '{"name": "open", "arguments": {"target"',
        "dance(a=1)",
        "[1]",
    ],
)
def test_what_is_not_a_call_of_a_declared_tool_is_ignored(text: str) -> None:
    assert calls(text) == []


@pytest.mark.parametrize("text", ["open(ed)", "open", "open(", "2 + 2", "open(f())"])
def test_prose_is_not_python(text: str) -> None:
    assert python_calls(text, TOOLS) is None


@given(st.text(alphabet="<>{}[]()\"'=:, openwavtrgd_", max_size=60))
def test_any_text_is_read(text: str) -> None:
    assert len(calls_in(text, TOOLS)) <= MAX_TEXT_CALLS


@pytest.mark.parametrize(
    "part", ["<function=open>", "<parameter=a>", "<arg_key>", "<a>b", '{"a":', "open(", "[", "{}"]
)
def test_the_time_for_a_long_text_grows_with_its_length(part: str) -> None:
    def work(length: int) -> None:
        calls_in(f"<function=open>{part * (length // len(part))}", TOOLS)

    assert_linear(work, 3_200, 32_000)
