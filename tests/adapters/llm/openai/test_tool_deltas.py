"""Calls assembled from pieces: whole, split, repeated, out of order, broken."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.adapters.base import ToolRequest
from frametalk.adapters.llm.openai.tool_deltas import (
    MAX_ARGUMENT_CHARACTERS,
    MAX_CALLS,
    CallPart,
    ToolDeltas,
)

OPEN = ToolRequest("open", {"target": "door"}, "a")
TAKE = ToolRequest("take", {"target": "key"}, "b")


def collected(*parts: CallPart) -> tuple[ToolRequest, ...]:
    deltas = ToolDeltas()
    for part in parts:
        deltas.add(part)
    return deltas.finished()


def pieces(index: int, request: ToolRequest, *cuts: int) -> list[CallPart]:
    """The call as OpenAI streams it: id and name first, then pieces of the arguments."""
    text = json.dumps(request.args)
    bounds = [0, *sorted(cuts), len(text)]
    parts = [CallPart(index, arguments=text[a:b]) for a, b in pairwise(bounds)]
    return [CallPart(index, request.ref, request.name), *parts]


def test_there_are_no_calls_without_pieces() -> None:
    assert not ToolDeltas()
    assert collected() == ()


def test_calls_with_mixed_pieces_are_in_order_of_their_index() -> None:
    first, second = pieces(0, OPEN, 3, 9), pieces(1, TAKE, 5)
    mixed = [second[0], first[0], first[1], second[1], first[2], second[2], first[3]]
    assert collected(*mixed) == (OPEN, TAKE)


def test_calls_with_the_same_index_are_distinguished_by_id() -> None:
    whole = [
        CallPart(0, "a", "open", '{"target": "door"}'),
        CallPart(0, "b", "take", '{"target": "key"}'),
    ]
    assert collected(*whole) == (OPEN, TAKE)


def test_a_name_begins_a_call_without_index_or_id() -> None:
    assert collected(
        CallPart(name="open", arguments='{"target"'),
        CallPart(arguments=': "door"}'),
        CallPart(name="take", arguments='{"target": "key"}'),
    ) == (ToolRequest("open", OPEN.args), ToolRequest("take", TAKE.args))


DOOR, CHEST = '{"target": "door"}', '{"target": "chest"}'
BOTH = [("open", {"target": "door"}), ("open", {"target": "chest"})]
WAVED = [BOTH[0], ("wave", {})]


@pytest.mark.parametrize(
    ("parts", "calls"),
    [
        # Two calls in one answer whose pieces all have index 0.
        ([(0, "a", "open", DOOR), (0, "b", "open", CHEST)], BOTH),
        ([(0, "", "open", DOOR), (0, "", "open", CHEST)], BOTH),
        ([(0, "", "open", DOOR), (0, "", "wave", "{}")], WAVED),
        ([(0, "", "open", DOOR), (0, "", "wave", "")], WAVED),
        ([(0, "", "wave", ""), (0, "", "open", DOOR)], WAVED[::-1]),
        ([(0, "", "wave", "{}"), (0, "", "open", ""), (0, "", "", DOOR)], WAVED[::-1]),
        ([(0, "x", "open", DOOR), (0, "x", "open", CHEST)], BOTH),
        ([(0, "x", "open", DOOR), (1, "x", "open", CHEST)], BOTH),
        ([(0, "", "open", ""), (0, "", "", DOOR), (0, "", "open", ""), (0, "", "", CHEST)], BOTH),
        ([(0, "", "open", DOOR[:5]), (0, "", "", DOOR[5:]), (0, "", "open", CHEST)], BOTH),
        ([(None, "", "open", DOOR), (None, "", "open", CHEST)], BOTH),
        # One call, though its name or all of it comes again.
        ([(0, "", "open", DOOR), (0, "", "open", DOOR)], BOTH[:1]),
        ([(0, "", "open", DOOR), (0, "", "open", "")], BOTH[:1]),
        ([(0, "", "open", DOOR[:5]), (0, "", "open", DOOR[5:])], BOTH[:1]),
        ([(0, "", "op", ""), (0, "", "en", DOOR)], BOTH[:1]),
        ([(0, "a", "open", ""), (0, "", "", DOOR), (0, "a", "open", "")], BOTH[:1]),
    ],
)
def test_calls_without_index_and_id_are_told_apart(
    parts: list[tuple[int | None, str, str, str]], calls: list[tuple[str, dict[str, str]]]
) -> None:
    deltas = ToolDeltas(["open", "wave"])
    for part in parts:
        deltas.add(CallPart(*part))
    assert [(call.name, call.args) for call in deltas.finished()] == calls


def test_complete_calls_are_returned_once() -> None:
    deltas = ToolDeltas()
    deltas.add(CallPart(0, "a", "open", DOOR))
    deltas.add(CallPart(1, "b", "open", CHEST[:4]))
    assert deltas.complete() == (OPEN,)
    assert not deltas.are_complete
    deltas.add(CallPart(1, arguments=CHEST[4:]))
    assert deltas.are_complete
    assert deltas.finished() == (ToolRequest("open", {"target": "chest"}, "b"),)
    assert deltas.finished() == ()
    assert len(deltas.all()) == 2


def test_a_call_that_is_sent_twice_is_one_call() -> None:
    whole = CallPart(0, "a", "open", '{"target": "door"}')
    assert collected(whole, whole, whole) == (OPEN,)


def test_a_name_repeated_in_every_piece_is_one_name() -> None:
    assert collected(
        CallPart(0, "a", "open", '{"target": '), CallPart(0, "a", "open", '"door"}')
    ) == (OPEN,)


def test_no_arguments_are_an_empty_object() -> None:
    assert collected(CallPart(0, "a", "look")) == (ToolRequest("look", {}, "a"),)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ('{"target": "do', "the arguments are not JSON"),
        ("door", "the arguments are not JSON"),
        ('{"target": "door"} {"target": "key"}', "the arguments are not JSON"),
        ('{"target": "door"}}', "the arguments are not JSON"),
        ('["door"]', "the arguments are not a JSON object"),
        ("[" * 100_000, f"arguments of {100_000} characters are too large"),
        ("[" * 20_000, "the arguments are not JSON"),
        ("9" * 20_000, "the arguments are not JSON"),
        ('{"text": "' + "x" * MAX_ARGUMENT_CHARACTERS + '"}', "are too large"),
    ],
)
def test_unreadable_arguments_are_a_problem(arguments: str, problem: str) -> None:
    (request,) = collected(CallPart(0, "a", "open", arguments))
    assert (request.name, request.args) == ("open", {})
    assert problem in request.problem


def test_a_call_without_a_name_is_a_problem() -> None:
    (request,) = collected(CallPart(0, arguments="{}"))
    assert request.problem == "the call does not name a tool"


def test_the_number_of_calls_is_bounded() -> None:
    assert len(collected(*(CallPart(i, f"{i}", "open") for i in range(1_000)))) == MAX_CALLS


PLAIN = st.dictionaries(st.text(max_size=8), st.integers() | st.text(max_size=20), max_size=4)


@given(args=PLAIN, data=st.data())
def test_a_call_does_not_depend_on_its_pieces(args: dict[str, Any], data: st.DataObject) -> None:
    request = ToolRequest("open", args, "a")
    length = len(json.dumps(args))
    cuts = data.draw(st.lists(st.integers(0, length), max_size=6))
    assert collected(*pieces(0, request, *cuts)) == (request,)


@given(
    st.lists(
        st.builds(
            CallPart,
            index=st.none() | st.integers(-2, 20),
            id=st.sampled_from(["", "a", "b"]),
            name=st.sampled_from(["", "open", "take"]),
            arguments=st.text('{}[]":, ab1', max_size=12),
        )
    )
)
def test_any_pieces_become_requests(parts: list[CallPart]) -> None:
    for request in collected(*parts):
        assert isinstance(request.args, dict)
        assert request.problem or request.name
