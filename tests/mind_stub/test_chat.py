"""Requests of chat completions: which fields are read, and what is refused."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_requests import called, chat, ended, user
from frametalk.mind_stub import chat as chats


def test_the_text_parts_of_a_message_are_joined() -> None:
    parts = [
        {"type": "text", "text": "one"},
        {"type": "image_url"},
        {"type": "text", "text": "two"},
    ]
    (message,) = chat({"role": "user", "content": parts}).messages
    assert message.text == "one\ntwo"


def test_each_round_of_calls_in_the_last_turn_is_a_step() -> None:
    first = (user("open the door"), called("open", {"target": "door"}), ended("done"))
    assert chat(first[0]).step == 0
    assert chat(*first).step == 1
    assert chat(*first, {"role": "assistant", "content": "There."}, user("thanks")).step == 0


def test_tool_choice_none_offers_no_tools() -> None:
    assert [function.name for function in chat(user("hello")).offered] == ["open"]
    assert chat(user("hello"), tool_choice="none").offered == []


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"", "truncated"),
        (b"\xff\xfe", "malformed"),
        (b"[]", "Expected `object`"),
        (b'{"messages": []}', "missing required field `model`"),
        (b'{"model": "m", "messages": []}', "no messages"),
        (b'{"model": "m", "messages": [{"role": "user", "content": ' + b"[" * 100_000, "recursion"),
        (b'{"model": "m", "messages": [{"content": "x"}]}', "`role`"),
    ],
)
def test_an_invalid_request_says_why(body: bytes, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        chats.read(body)


@given(st.binary())
def test_any_bytes_are_decoded_or_refused(body: bytes) -> None:
    with suppress(ValueError):
        assert chats.read(body).messages


@pytest.mark.parametrize("arguments", ["", "[1]", "not JSON", '{"a": '])
def test_arguments_that_are_not_an_object_count_as_empty(arguments: str) -> None:
    message = called("open", {})
    message["tool_calls"][0]["function"]["arguments"] = arguments
    read = chats.read(json.dumps({"model": "m", "messages": [message]}).encode())
    assert [chats.arguments_of(call) for call in read.messages[0].tool_calls or ()] == [{}]
