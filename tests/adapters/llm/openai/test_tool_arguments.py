"""Arguments as models write them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.adapters.llm.openai.tool_arguments import is_complete, read_arguments

DOOR = {"target": "door"}


@pytest.mark.parametrize(
    ("text", "args"),
    [
        *[(text, {}) for text in ("", " ", "[]", "{}", "null", "None", '""', '"{}"', "[{}]")],
        ('{"target": "door"}', DOOR),
        ('```json\n{"target": "door"}\n```', DOOR),
        ('```\n{"target": "door"}```', DOOR),
        ('[{"target": "door"}]', DOOR),
        ('"{\\"target\\": \\"door\\"}"', DOOR),
        ('["{\\"target\\": \\"door\\"}"]', DOOR),
        ("{'target': 'door'}", DOOR),
        ("{'target': 'door',}", DOOR),
        ("{'slowly': True, 'note': None}", {"slowly": True, "note": None}),
        ("{'at': (1, 2)}", {"at": [1, 2]}),
        ('{"target": "door"}{"target": "door"}', DOOR),
        ('{"target": "door"}</tool_call><|im_end|>', DOOR),
        ("{{}}", {}),
        ('{{"target": "door"}}', DOOR),
        ('{{"at": {"x": 1}}}', {"at": {"x": 1}}),
        ('{{"at": {{"x": 1}}}}', {"at": {"x": 1}}),
    ],
)
def test_wrapped_arguments_are_read(text: str, args: dict[str, Any]) -> None:
    assert read_arguments(text) == (args, "")


@pytest.mark.parametrize(
    "text",
    [
        "door",
        '{"target": "do',
        "[1, 2]",
        "7",
        "{'a': b'x'}",
        "{1, 2}",
        "{{1}}",
        "{[]: 1}",
        "open()",
        "(" * 3_000,
    ],
)
def test_what_is_not_an_object_has_a_problem(text: str) -> None:
    args, problem = read_arguments(text)
    assert args == {}
    assert problem


def test_a_complete_object_is_recognised() -> None:
    assert is_complete('{"target": "door"}')
    assert is_complete("{}")
    for text in ("", '{"target": "do', '{"a": {}', "door", "[]"):
        assert not is_complete(text)


@given(st.text(alphabet="{}[]\"':,abT1 \\`", max_size=40))
def test_any_text_is_read(text: str) -> None:
    args, problem = read_arguments(text)
    assert isinstance(args, dict)
    assert not (args and problem)
