"""Calls taken out of text (their spellings: test_answer_text)."""

from __future__ import annotations

import pytest

from frametalk.adapters.llm.openai.call_notation import MAX_TEXT_CALLS
from frametalk.adapters.llm.openai.text_calls import MAX_CALL_CHARACTERS, TextCalls

TOOLS = {"open": ("target",), "wave": ()}


def through(calls: TextCalls, *tokens: str) -> str:
    return "".join([part for token in tokens for part in calls.feed(token)] + calls.flush())


@pytest.mark.parametrize(
    "text",
    [
        "Open(ed) the door(s) (slowly).",
        "I wave (and smile) at you. Wave!",
        "open (the door) please",
        "an {aside} and [a nod]",
        "open(it's",
        "f(x) is a function",
        "Action! Action: go.",
    ],
)
def test_prose_with_brackets_is_said(text: str) -> None:
    for size in range(1, len(text) + 1):
        calls = TextCalls(TOOLS)
        assert through(calls, *(text[i : i + size] for i in range(0, len(text), size))) == text
        assert not calls.calls


def test_long_prose_in_brackets_does_not_wait_for_the_end() -> None:
    calls = TextCalls(TOOLS)
    said = "".join(part for _ in range(200) for part in calls.feed("open(and so on "))
    assert len(said) > 1_000


def test_a_call_has_begun_before_it_is_complete() -> None:
    calls = TextCalls(TOOLS)
    assert not calls.is_calling
    calls.feed('{"name": "op')
    assert calls.is_calling


def test_nothing_is_said_after_a_call_that_is_too_long() -> None:
    calls = TextCalls(TOOLS)
    assert through(calls, '{"a": "', "x" * MAX_CALL_CHARACTERS, '"} Hello. wave()') == ""
    assert calls.calls == []


def test_the_number_of_calls_is_bounded() -> None:
    calls = TextCalls(TOOLS)
    assert through(calls, *["wave() "] * 100).strip() == ""
    assert len(calls.calls) == MAX_TEXT_CALLS
