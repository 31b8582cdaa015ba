"""Chunks as the library makes them of what servers send, without checks."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.adapters.llm.openai.chunks import piece_of
from frametalk.adapters.llm.openai.models import Piece
from frametalk.adapters.llm.openai.tool_deltas import CallPart


def thing(value: Any) -> Any:
    """JSON as the library presents it: objects with attributes."""
    if isinstance(value, dict):
        return SimpleNamespace(**{key: thing(part) for key, part in value.items()})
    return [thing(part) for part in value] if isinstance(value, list) else value


def piece(delta: Any = None, finish: Any = None, **more: Any) -> Piece:
    return piece_of(thing({"choices": [{"delta": delta, "finish_reason": finish}], **more}))


def test_text_and_finish_reason() -> None:
    assert piece({"role": "assistant", "content": "Hello"}) == Piece("Hello")
    assert piece({}, "stop") == Piece(finish="stop")


def test_a_piece_of_a_call() -> None:
    call = {"index": 1, "id": "a", "function": {"name": "open", "arguments": '{"tar'}}
    assert piece({"content": None, "tool_calls": [call]}) == Piece(
        calls=(CallPart(1, "a", "open", '{"tar'),)
    )


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ([{"type": "text", "text": "Well "}, {"type": "text", "text": "met."}], "Well met."),
        ([{"type": "output_text", "text": "Well met."}], "Well met."),
        ([{"type": "text", "text": {"value": "Well met."}}], "Well met."),
        ([{"text": "Well met."}], "Well met."),
        ({"type": "text", "text": "Well met."}, "Well met."),
        (["Well ", "met."], "Well met."),
        ([{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}], ""),
        ([{"type": "reasoning", "text": "Hm."}, {"type": "text", "text": "Well."}], "Well."),
        ([{"type": "text", "text": None}, None, 7], ""),
    ],
)
def test_content_may_be_parts(content: Any, text: str) -> None:
    """The library passes them on as data, not as objects."""
    delta = SimpleNamespace(content=content)
    assert piece_of(SimpleNamespace(choices=[SimpleNamespace(delta=delta)])).text == text


def test_a_call_in_the_apis_older_form() -> None:
    call = {"function_call": {"name": "open", "arguments": "{}"}}
    assert piece(call) == Piece(calls=(CallPart(0, "", "open", "{}"),))


@pytest.mark.parametrize(("arguments", "text"), [([], "[]"), ({}, "{}"), (None, ""), ("", "")])
def test_arguments_may_be_empty_in_any_form(arguments: Any, text: str) -> None:
    call = SimpleNamespace(function=SimpleNamespace(name="wave", arguments=arguments))
    chunk = SimpleNamespace(choices=[SimpleNamespace(delta=SimpleNamespace(tool_calls=[call]))])
    assert piece_of(chunk).calls == (CallPart(None, "", "wave", text),)


def test_arguments_may_come_as_an_object() -> None:
    call = SimpleNamespace(function=SimpleNamespace(name="open", arguments={"target": "door"}))
    delta = SimpleNamespace(tool_calls=[call])
    chunk = SimpleNamespace(choices=[SimpleNamespace(delta=delta)])
    assert piece_of(chunk).calls == (CallPart(None, "", "open", '{"target": "door"}'),)


def test_a_token_count_comes_without_a_choice() -> None:
    chunk = thing({"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 2}})
    assert piece_of(chunk) == Piece(usage=(9, 2))


@pytest.mark.parametrize(
    "chunk",
    [
        None,
        "text",
        thing({}),
        thing({"choices": None}),
        thing({"choices": "no"}),
        thing({"choices": [None], "usage": {"prompt_tokens": -1, "completion_tokens": 1}}),
        thing({"choices": [{"delta": {"content": [7, {"text": 7}], "tool_calls": {"a": 1}}}]}),
        thing({"choices": [{"finish_reason": 7}], "usage": {"prompt_tokens": "9"}}),
    ],
)
def test_malformed_fields_count_as_absent(chunk: Any) -> None:
    assert piece_of(chunk) == Piece()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "choices delta content tool_calls index function name arguments".split()
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_json_becomes_a_piece(value: Any) -> None:
    assert isinstance(piece_of(thing(value)), Piece)
