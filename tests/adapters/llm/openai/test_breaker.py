"""The breaker opens on failures, and after a while allows one trial request at a time."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from frametalk.adapters.llm.openai.breaker import MAX_RETRY_AFTER_S, Breaker, BreakerState


def test_two_failures_in_a_row_open_it() -> None:
    breaker = Breaker(failures=2, open_s=5)
    assert breaker.allows(0.0)
    breaker.failed(0.0)
    assert breaker.allows(0.1)
    breaker.failed(0.2)
    assert not breaker.allows(0.3)
    assert breaker.state(5.1) is BreakerState.OPEN
    assert breaker.state(5.2) is BreakerState.HALF_OPEN


def test_a_failure_that_is_sure_to_repeat_opens_it_at_once() -> None:
    breaker = Breaker(failures=2, open_s=5)
    breaker.failed(0.0, sure=True)
    assert breaker.state(0.0) is BreakerState.OPEN


def test_a_success_resets_the_count_of_failures() -> None:
    breaker = Breaker(failures=2)
    for now in range(10):
        breaker.failed(now)
        breaker.succeeded()
    assert breaker.state(10) is BreakerState.CLOSED


def test_the_open_time_doubles_up_to_a_limit() -> None:
    breaker, now, waits = Breaker(open_s=5, longest_s=30), 0.0, []
    for _ in range(5):
        breaker.failed(now, sure=True)
        waits.append(breaker.opens_in_s(now))
        now += waits[-1]
        assert breaker.allows(now)
    assert waits == [5, 10, 20, 30, 30]
    breaker.succeeded()
    breaker.failed(now, sure=True)
    assert breaker.opens_in_s(now) == 5


def test_half_open_allows_one_trial_and_another_when_that_is_cancelled() -> None:
    breaker = Breaker(open_s=5)
    breaker.failed(0.0, sure=True)
    assert [breaker.allows(5.0), breaker.allows(5.0)] == [True, False]
    breaker.cancelled()
    assert breaker.allows(5.0)
    breaker.succeeded()
    assert [breaker.allows(5.0), breaker.allows(5.0)] == [True, True]


def test_it_stays_open_for_retry_after_up_to_a_limit() -> None:
    breaker = Breaker(open_s=5, longest_s=60)
    breaker.failed(0.0, for_s=120.0)
    assert breaker.opens_in_s(0.0) == 120
    absurd = Breaker()
    absurd.failed(0.0, for_s=1e9)
    assert absurd.opens_in_s(0.0) == MAX_RETRY_AFTER_S


def test_requests_from_before_it_opened_do_not_prolong_it() -> None:
    breaker = Breaker(open_s=5)
    for now in (0.0, 0.1, 0.2, 0.3):
        breaker.failed(now, sure=True)
    assert breaker.opens_in_s(0.3) == 4.7


class BreakerMachine(RuleBasedStateMachine):
    """Requests and their results in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.breaker = Breaker(failures=2, open_s=5, longest_s=60)
        self.now = 0.0
        self.under_way = 0

    @rule(passed_s=st.floats(0, 100))
    def wait(self, passed_s: float) -> None:
        self.now += passed_s

    @rule()
    def request(self) -> None:
        state = self.breaker.state(self.now)
        allowed = self.breaker.allows(self.now)
        assert allowed or state is not BreakerState.CLOSED
        assert not (allowed and state is BreakerState.OPEN)
        self.under_way += allowed

    @rule()
    def request_twice(self) -> None:
        if self.breaker.state(self.now) is BreakerState.HALF_OPEN:
            allowed = self.breaker.allows(self.now) + self.breaker.allows(self.now)
            assert allowed <= 1
            self.under_way += allowed

    @precondition(lambda self: self.under_way)
    @rule()
    def succeed(self) -> None:
        self.under_way -= 1
        self.breaker.succeeded()
        assert self.breaker.state(self.now) is BreakerState.CLOSED

    @precondition(lambda self: self.under_way)
    @rule(sure=st.booleans(), for_s=st.none() | st.floats(0, 1e6))
    def fail(self, sure: bool, for_s: float | None) -> None:
        self.under_way -= 1
        self.breaker.failed(self.now, sure=sure, for_s=for_s)
        if sure or for_s is not None:
            assert self.breaker.state(self.now) is not BreakerState.CLOSED
            assert self.breaker.opens_in_s(self.now) >= min(for_s or 0, MAX_RETRY_AFTER_S) * 0.999

    @precondition(lambda self: self.under_way)
    @rule()
    def cancel(self) -> None:
        self.under_way -= 1
        self.breaker.cancelled()

    @invariant()
    def it_does_not_stay_open_for_ever(self) -> None:
        assert self.breaker.state(self.now + MAX_RETRY_AFTER_S + 1) is not BreakerState.OPEN


TestBreaker = BreakerMachine.TestCase
