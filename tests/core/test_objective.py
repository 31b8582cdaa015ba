"""A latency objective: measures in their order when it is missed, given up when there is room."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from frametalk.core.objective import Change, LatencyObjective

MEASURES = ("short_clause", "filler", "no_drafts")


def objective(ms: float = 700) -> LatencyObjective:
    return LatencyObjective(ms, MEASURES)


def after(session: LatencyObjective, *turns_ms: float) -> list[Change]:
    changes = [session.answered(ms) for ms in turns_ms]
    return [change for change in changes if change is not None]


def test_one_slow_turn_of_twenty_is_within_the_objective() -> None:
    session = objective()
    assert after(session, 900, *[600] * 19, 900, *[600] * 19) == []
    assert session.taken == ()


def test_two_slow_turns_of_twenty_miss_it() -> None:
    session = objective()
    assert after(session, 900, *[600] * 18, 900) == [Change("short_clause", taken=True)]


def test_measures_are_taken_in_their_order_each_after_two_more_slow_turns() -> None:
    session = objective()
    assert [change.measure for change in after(session, *[900] * 6)] == list(MEASURES)
    assert session.takes("no_drafts")
    assert after(session, *[900] * 50) == [], "there is no further measure"


def test_the_newest_measure_is_given_up_first_when_there_is_room() -> None:
    session = objective()
    after(session, *[900] * 4)
    assert after(session, *[500] * 9) == []
    assert after(session, 500) == [Change("filler", taken=False)]
    assert session.taken == ("short_clause",)
    assert after(session, *[500] * 10) == [Change("short_clause", taken=False)]


def test_turns_within_the_objective_but_without_room_change_nothing() -> None:
    session = objective()
    after(session, 900, 900)
    assert after(session, *[650] * 200) == []


def test_a_measure_that_was_needed_again_stays_longer() -> None:
    session = objective()
    after(session, 900, 900, *[500] * 10, 900, 900)
    assert after(session, *[500] * 19) == []
    assert after(session, 500) == [Change("short_clause", taken=False)]


def test_without_an_objective_nothing_is_done() -> None:
    session = objective(0)
    assert after(session, *[10_000] * 50) == []


@given(st.lists(st.floats(1, 5_000), max_size=200))
def test_changes_and_taken_measures_agree(turns_ms: list[float]) -> None:
    session = objective()
    taken: list[str] = []
    for ms in turns_ms:
        change = session.answered(ms)
        if change is not None and change.taken:
            taken.append(change.measure)
        elif change is not None:
            assert taken.pop() == change.measure
        assert tuple(taken) == session.taken == MEASURES[: len(taken)]
