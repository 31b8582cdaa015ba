"""Answers as OpenAI's servers send them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from frametalk.adapters.base import TextDelta, ToolRequest
from frametalk.mind_stub.chunks import DONE, MEGABYTE, Answer, Said
from frametalk.mind_stub.faults import Fault

OPEN = ToolRequest("open", {"target": "door"})
GIVE = ToolRequest("give", {"target": "iron_key"})


def chunks(
    *events: Said, fault: Fault | None = None, usage: bool = False
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Tokens and end of a stream, without its mark."""
    tokens, end = Answer(7, "m", events, fault).frames(400, usage=usage)
    assert end.pop() == DONE
    return list(map(decoded, tokens)), list(map(decoded, end))


def decoded(frame: bytes) -> dict[str, Any]:
    assert frame.startswith(b"data: ")
    assert frame.endswith(b"\n\n")
    chunk: dict[str, Any] = json.loads(frame.removeprefix(b"data: "))
    return chunk


def delta(chunk: dict[str, Any]) -> dict[str, Any]:
    inside: dict[str, Any] = chunk["choices"][0]["delta"]
    return inside


def put_together(tokens: list[dict[str, Any]]) -> dict[int, tuple[str, str]]:
    """Name and arguments of each call, as a client joins the deltas."""
    calls: dict[int, tuple[str, str]] = {}
    for piece in (piece for token in tokens for piece in delta(token).get("tool_calls", [])):
        name, arguments = calls.get(piece["index"], ("", ""))
        function = piece["function"]
        calls[piece["index"]] = (
            name + function.get("name", ""),
            arguments + function.get("arguments", ""),
        )
    return calls


@pytest.mark.parametrize(
    "text", ["Well met, traveller. ", "  two  spaces\n", "Schön – 好", " ", ""]
)
def test_text_comes_token_by_token_and_whole(text: str) -> None:
    tokens, (end,) = chunks(TextDelta(text))
    assert "".join(delta(token)["content"] for token in tokens) == text
    assert end["choices"][0]["finish_reason"] == "stop"


def test_only_the_first_delta_says_who_speaks() -> None:
    tokens, _end = chunks(TextDelta("one two three"))
    assert [delta(token).get("role") for token in tokens] == ["assistant", None, None]


def test_calls_come_in_pieces_and_side_by_side() -> None:
    tokens, (end,) = chunks(TextDelta("A moment. "), OPEN, GIVE)
    assert put_together(tokens) == {
        0: ("open", '{"target": "door"}'),
        1: ("give", '{"target": "iron_key"}'),
    }
    assert len(tokens) > 6
    assert end["choices"][0]["finish_reason"] == "tool_calls"


def test_usage_is_told_where_it_was_asked_for() -> None:
    tokens, end = chunks(TextDelta("one two"), usage=True)
    assert end[-1]["choices"] == []
    assert end[-1]["usage"] == {
        "prompt_tokens": 100,
        "completion_tokens": len(tokens),
        "total_tokens": 100 + len(tokens),
    }


def test_a_partial_call_ends_for_want_of_length() -> None:
    tokens, (end,) = chunks(OPEN, fault=Fault.PARTIAL_TOOL_DELTAS)
    assert put_together(tokens) == {0: ("open", '{"target"')}
    assert end["choices"][0]["finish_reason"] == "length"


def test_duplicate_deltas_are_the_same_twice() -> None:
    tokens, _end = chunks(OPEN, fault=Fault.DUPLICATE_TOOL_DELTAS)
    pieces = [delta(token)["tool_calls"][0] for token in tokens]
    assert pieces[::2] == pieces[1::2]
    with pytest.raises(ValueError, match=r"Extra data|delimiter|Expecting"):
        json.loads(put_together(tokens)[0][1])


def test_bad_arguments_are_no_json() -> None:
    tokens, _end = chunks(OPEN, fault=Fault.BAD_TOOL_ARGUMENTS)
    assert put_together(tokens) == {0: ("open", "open(door)")}


def test_a_megabyte_is_one_token() -> None:
    tokens, _end = chunks(TextDelta("short"), fault=Fault.MEGABYTE_TOKEN)
    assert [len(delta(token)["content"]) for token in tokens] == [MEGABYTE]


@pytest.mark.parametrize("events", [[OPEN], [TextDelta("Well."), OPEN], []])
def test_what_never_ends_is_text(events: list[Said]) -> None:
    tokens, _end = chunks(*events, fault=Fault.ENDLESS_STREAM)
    assert "".join(delta(token)["content"] for token in tokens).strip()
    assert put_together(tokens) == {}


def test_an_answer_in_one_piece() -> None:
    answer = json.loads(Answer(7, "m", [TextDelta("A moment. "), OPEN]).whole(400))
    (choice,) = answer["choices"]
    assert answer["object"] == "chat.completion"
    assert choice["message"]["content"] == "A moment. "
    assert choice["message"]["tool_calls"][0]["function"] == {
        "name": "open",
        "arguments": '{"target": "door"}',
    }
    assert choice["finish_reason"] == "tool_calls"
    assert answer["usage"]["prompt_tokens"] == 100
