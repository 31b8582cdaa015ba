"""Tool calls: each ends exactly once, in any order of events."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
)

from frametalk.core.calls import (
    ENDS,
    MAX_ENDED_CALLS,
    MAX_OPEN_CALLS,
    TABLE,
    CallState,
    ToolBook,
    ToolCallRecord,
)
from frametalk.core.scene import Entity
from frametalk.core.tools import MAX_SESSION_VERBS, ToolOutcome, ToolSpec
from frametalk.errors import FrametalkError
from frametalk.schemas import compile_schema

SCENE = {"door": Entity("door", "red door")}
PARAMETERS = {
    "properties": {"target": {"type": "string", "x-entity": True}},
    "required": ["target"],
}
OPEN = ToolSpec("open", parameters=PARAMETERS, deadline_ms=500)


def new_book() -> ToolBook:
    book = ToolBook(compile_schema)
    assert book.declare([OPEN, ToolSpec("look", deadline_ms=100)], 8) == []
    return book


@pytest.fixture
def book() -> ToolBook:
    return new_book()


def test_tools_are_freed_when_the_session_ends(book: ToolBook) -> None:
    call = sent(book)
    book.end()
    assert book.specs == ()
    assert book.propose("look", {}, SCENE).reason == "there is no tool 'look'"  # type: ignore[union-attr]
    assert book.cancel(call).name == "open"  # type: ignore[union-attr]


def proposed(book: ToolBook) -> int:
    record = book.propose("open", {"target": "door"}, SCENE, scene_rev=7, turn=3)
    assert isinstance(record, ToolCallRecord)
    return record.call


def sent(book: ToolBook, due_ms: float = 1000) -> int:
    call = proposed(book)
    record = book.send(call, due_ms)
    assert record is not None
    assert (record.turn, record.scene_rev) == (3, 7)
    return call


def refused(code: str, *answer: Any) -> None:
    answer_with, *args = answer
    with pytest.raises(FrametalkError) as caught:
        answer_with(*args)
    assert caught.value.code == code


def test_the_first_verbs_of_a_session_count() -> None:
    book = ToolBook(compile_schema)
    tools = [ToolSpec(f"t{n}", verbs=tuple(f"verb {n} {m}" for m in range(30))) for n in range(10)]
    assert book.declare(tools, 10) == []
    counts = [len(spec.verbs) for spec in book.specs]
    assert counts == [30] * 8 + [MAX_SESSION_VERBS - 240, 0]


def test_a_tool_whose_scope_is_not_granted_is_neither_offered_nor_called() -> None:
    book = ToolBook(compile_schema, ["money", "music"])
    tools = [OPEN, ToolSpec("pay", scope="money"), ToolSpec("cheat", scope="debug")]
    assert book.declare(tools, 8) == []
    assert [spec.name for spec in book.specs] == ["open", "pay"]
    assert isinstance(book.propose("pay", {}, SCENE), ToolCallRecord)
    outcome = book.propose("cheat", {"anything": 1}, SCENE)
    assert isinstance(outcome, ToolOutcome)
    assert (outcome.state, outcome.reason) == ("invalid", "cheat is not permitted here")


def test_a_call_is_accepted_and_done(book: ToolBook) -> None:
    call = sent(book)
    assert book.ack(call) is None
    assert book.result(call, True, {"open": True}) == ToolOutcome(
        call, "open", {"target": "door"}, "done", {"open": True}
    )
    assert book.open_calls == ()


def test_a_result_may_come_without_an_ack(book: ToolBook) -> None:
    outcome = book.result(sent(book), False, reason="it is stuck")
    assert outcome is not None
    assert (outcome.state, outcome.reason) == ("failed", "it is stuck")


def test_a_refusal_ends_a_call_only_as_the_first_answer(book: ToolBook) -> None:
    outcome = book.ack(sent(book), False, "the chest is locked")
    assert outcome is not None
    assert (outcome.state, outcome.reason) == ("refused", "the chest is locked")
    call = sent(book)
    book.ack(call)
    assert book.ack(call, False, "no") is None
    assert book.result(call, True) is not None


def test_an_answer_to_an_ended_call_is_refused_or_ignored(book: ToolBook) -> None:
    done, late, cancelled = sent(book), sent(book), sent(book)
    book.result(done, True)
    assert book.expire(late) is not None
    assert book.cancel(cancelled) is not None
    refused("tool_twice", book.result, done, True)
    refused("tool_twice", book.ack, done)
    refused("tool_late_result", book.result, late, True)
    assert book.result(cancelled, True) is None
    assert book.ack(cancelled) is None


def test_an_answer_to_an_unknown_or_unsent_call_is_refused(book: ToolBook) -> None:
    refused("tool_unknown_call", book.result, 99, True)
    refused("tool_unknown_call", book.ack, proposed(book))
    invalid = book.propose("open", {}, SCENE)
    refused("tool_unknown_call", book.result, invalid.call, True)


def test_a_call_is_sent_only_once(book: ToolBook) -> None:
    call = sent(book)
    assert book.send(call, 2000) is None
    book.cancel(call)
    assert book.send(call, 2000) is None
    cancelled = proposed(book)
    book.cancel(cancelled)
    assert book.send(cancelled, 2000) is None


def test_the_deadline_runs_from_when_the_call_is_due(book: ToolBook) -> None:
    assert book.next_deadline_ms() is None
    first, second = sent(book, 1000), sent(book, 1100)
    assert book.next_deadline_ms() == 1500
    assert book.due(1499) == ()
    assert book.due(1500) == (first,)
    book.begin(first, 1200)
    assert book.due(1650) == (second,)
    book.begin(proposed(book), 0)
    assert book.next_deadline_ms() == 1600


@pytest.mark.parametrize(
    ("name", "args", "problem"),
    [
        ("fly", {}, "no tool 'fly'"),
        ("open", {}, "required"),
        ("open", {"target": "dragon"}, "dragon"),
    ],
)
def test_a_call_that_is_not_allowed_is_invalid(
    book: ToolBook, name: str, args: dict[str, Any], problem: str
) -> None:
    outcome = book.propose(name, args, SCENE)
    assert isinstance(outcome, ToolOutcome)
    assert (outcome.state, outcome.name) == ("invalid", name)
    assert problem in outcome.reason
    assert book.open_calls == ()


def test_the_number_of_open_calls_is_limited(book: ToolBook) -> None:
    calls = [proposed(book) for _ in range(MAX_OPEN_CALLS)]
    assert isinstance(book.propose("look", {}, SCENE), ToolOutcome)
    book.cancel(calls[0])
    assert isinstance(book.propose("look", {}, SCENE), ToolCallRecord)


def test_an_invalid_declaration_is_reported_and_left_out() -> None:
    book = ToolBook(compile_schema)
    problems = book.declare(
        [OPEN, OPEN, ToolSpec("a b"), ToolSpec("look"), ToolSpec("sing"), ToolSpec("x")], 2
    )
    assert [problem.code for problem in problems] == ["tool_schema"] * 3
    assert [spec.name for spec in book.specs] == ["open", "look"]


def test_the_oldest_ended_calls_are_dropped_at_the_limit(book: ToolBook) -> None:
    first = sent(book)
    book.result(first, True)
    for _ in range(MAX_ENDED_CALLS):
        book.cancel(proposed(book))
    refused("tool_unknown_call", book.result, first, True)


def test_no_row_of_the_table_leads_out_of_a_final_state() -> None:
    assert not {state for state, _event in TABLE} & ENDS
    assert set(CallState) - ENDS == {state for state, _event in TABLE}


class Calls(RuleBasedStateMachine):
    """Any order of events. The model: open calls, those of them that were sent, and all outcomes."""

    calls = Bundle("calls")

    @initialize()
    def start(self) -> None:
        self.book = new_book()
        self.outcomes: dict[int, ToolOutcome] = {}
        self.open: set[int] = set()
        self.sent: set[int] = set()
        self.now_ms = 0.0

    def ended(self, outcome: ToolOutcome | None) -> None:
        if outcome is None:
            return
        assert outcome.call not in self.outcomes
        assert outcome.state in ENDS
        assert bool(outcome.reason) == (outcome.state not in {"done", "failed", "refused"})
        self.outcomes[outcome.call] = outcome
        self.open.discard(outcome.call)
        self.sent.discard(outcome.call)

    @rule(target=calls, name=st.sampled_from(["open", "look", "fly"]))
    def propose(self, name: str) -> int:
        args = {"target": "door"} if name == "open" else {}
        proposal = self.book.propose(name, args, SCENE)
        if isinstance(proposal, ToolOutcome):
            self.ended(proposal)
        else:
            self.open.add(proposal.call)
        return proposal.call

    @rule(call=calls)
    def send(self, call: int) -> None:
        record = self.book.send(call, self.now_ms)
        assert (record is not None) == (call in self.open and call not in self.sent)
        if record is not None:
            self.sent.add(call)

    @rule(call=calls, accepted=st.booleans(), with_result=st.booleans())
    def answer(self, call: int, accepted: bool, with_result: bool) -> None:
        was_sent, code = call in self.sent, ""
        try:
            answer = self.book.result if with_result else self.book.ack
            self.ended(answer(call, accepted))
        except FrametalkError as error:
            code = error.code
        if was_sent:
            assert code == ""
            return
        state = self.outcomes[call].state if call in self.outcomes else "proposed"
        expected = {"timed_out": "tool_late_result", "cancelled": ""}.get(state, "tool_twice")
        assert code == ("tool_unknown_call" if state in {"proposed", "invalid"} else expected)

    @rule(call=calls)
    def cancel(self, call: int) -> None:
        was_open = call in self.open
        outcome = self.book.cancel(call)
        assert (outcome is not None) == was_open
        self.ended(outcome)

    @rule(call=consumes(calls))
    def cancel_for_the_last_time(self, call: int) -> None:
        self.ended(self.book.cancel(call))

    @rule(passed_ms=st.sampled_from([10.0, 100.0, 500.0]))
    def wait(self, passed_ms: float) -> None:
        self.now_ms += passed_ms
        for call in self.book.due(self.now_ms):
            assert call in self.sent
            self.ended(self.book.expire(call))

    @invariant()
    def the_book_has_the_open_calls(self) -> None:
        assert {record.call for record in self.book.open_calls} == self.open
        next_ms = self.book.next_deadline_ms()
        assert (next_ms is not None) == bool(self.sent)
        assert next_ms is None or next_ms > self.now_ms


Calls.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestCalls = Calls.TestCase


def test_a_rejected_call_is_invalid_and_takes_a_number() -> None:
    book = new_book()
    outcome = book.reject("open", {}, "the arguments are not JSON")
    assert (outcome.call, outcome.state) == (1, CallState.INVALID)
    assert outcome.reason == "the arguments are not JSON"
    refused("tool_unknown_call", book.ack, outcome.call)
    assert proposed(book) == 2
