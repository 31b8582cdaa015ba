"""Answers as OpenAI's servers send them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from frametalk.adapters.base import TextDelta, ToolRequest
from frametalk.mind_stub.chunks import DONE, MEGABYTE, Answer, AnswerEvent
from frametalk.mind_stub.faults import Fault

OPEN = ToolRequest("open", {"target": "door"})
GIVE = ToolRequest("give", {"target": "iron_key"})


def chunks(
    *events: AnswerEvent, fault: Fault | None = None, usage: bool = False
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Tokens and end of a stream, without the final `[DONE]`."""
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


def joined_calls(tokens: list[dict[str, Any]]) -> dict[int, tuple[str, str]]:
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
def test_text_comes_in_tokens_that_join_to_it(text: str) -> None:
    tokens, (end,) = chunks(TextDelta(text))
    assert "".join(delta(token)["content"] for token in tokens) == text
    assert end["choices"][0]["finish_reason"] == "stop"


def test_only_the_first_delta_has_the_role() -> None:
    tokens, _end = chunks(TextDelta("one two three"))
    assert [delta(token).get("role") for token in tokens] == ["assistant", None, None]


def test_calls_come_in_pieces_with_an_index() -> None:
    tokens, (end,) = chunks(TextDelta("A moment. "), OPEN, GIVE)
    assert joined_calls(tokens) == {
        0: ("open", '{"target": "door"}'),
        1: ("give", '{"target": "iron_key"}'),
    }
    assert len(tokens) > 6
    assert end["choices"][0]["finish_reason"] == "tool_calls"


def test_usage_is_sent_if_asked_for() -> None:
    tokens, end = chunks(TextDelta("one two"), usage=True)
    assert end[-1]["choices"] == []
    assert end[-1]["usage"] == {
        "prompt_tokens": 100,
        "completion_tokens": len(tokens),
        "total_tokens": 100 + len(tokens),
    }


def test_a_partial_call_ends_with_reason_length() -> None:
    tokens, (end,) = chunks(OPEN, fault=Fault.PARTIAL_TOOL_DELTAS)
    assert joined_calls(tokens) == {0: ("open", '{"target"')}
    assert end["choices"][0]["finish_reason"] == "length"


def test_duplicate_deltas_are_the_same_twice() -> None:
    tokens, _end = chunks(OPEN, fault=Fault.DUPLICATE_TOOL_DELTAS)
    pieces = [delta(token)["tool_calls"][0] for token in tokens]
    assert pieces[::2] == pieces[1::2]
    with pytest.raises(ValueError, match=r"Extra data|delimiter|Expecting"):
        json.loads(joined_calls(tokens)[0][1])


def test_bad_arguments_are_not_json() -> None:
    tokens, _end = chunks(OPEN, fault=Fault.BAD_TOOL_ARGUMENTS)
    assert joined_calls(tokens) == {0: ("open", "open(door)")}


def test_calls_at_index_0_have_no_id() -> None:
    tokens, _end = chunks(OPEN, GIVE, fault=Fault.CALLS_AT_INDEX_0)
    pieces = [delta(token)["tool_calls"][0] for token in tokens]
    assert [(piece["index"], "id" in piece) for piece in pieces] == [(0, False), (0, False)]
    assert [piece["function"]["name"] for piece in pieces] == ["open", "give"]


def test_calls_as_text_are_text() -> None:
    tokens, (end,) = chunks(OPEN, fault=Fault.CALLS_AS_TEXT)
    text = "".join(delta(token)["content"] for token in tokens)
    assert text.startswith('<tool_call>\n{"name": "open"')
    assert end["choices"][0]["finish_reason"] == "stop"


def test_content_parts_are_lists() -> None:
    tokens, _end = chunks(TextDelta("one two"), fault=Fault.CONTENT_PARTS)
    parts = [part for token in tokens for part in delta(token)["content"]]
    assert parts == [{"type": "text", "text": "one"}, {"type": "text", "text": " two"}]


def test_marked_text_stands_between_a_thought_and_a_token() -> None:
    tokens, _end = chunks(TextDelta("Hello."), fault=Fault.MARKED_TEXT)
    text = "".join(delta(token)["content"] for token in tokens)
    assert text.startswith("<think>")
    assert text.endswith("</think>\n\nHello.<|im_end|>")


def test_a_stream_may_end_without_a_finish_reason() -> None:
    _tokens, end = chunks(TextDelta("Hello."), fault=Fault.NO_FINISH_REASON)
    assert end == []


def test_a_megabyte_comes_as_one_token() -> None:
    tokens, _end = chunks(TextDelta("short"), fault=Fault.MEGABYTE_TOKEN)
    assert [len(delta(token)["content"]) for token in tokens] == [MEGABYTE]


@pytest.mark.parametrize("events", [[OPEN], [TextDelta("Well."), OPEN], []])
def test_an_endless_stream_is_text(events: list[AnswerEvent]) -> None:
    tokens, _end = chunks(*events, fault=Fault.ENDLESS_STREAM)
    assert "".join(delta(token)["content"] for token in tokens).strip()
    assert joined_calls(tokens) == {}


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
