"""What is known of a talk, at its end and before."""

from __future__ import annotations

import msgspec
import pytest

from conftest import ROOT
from frametalk.bench.budgets import judge, read_budgets
from frametalk.bench.soak.players import Tally
from frametalk.bench.soak.state import State
from frametalk.bench.soak.talk import Talk

FLAT = State(
    at_s=0, rss_mb=80, workers_rss_mb=0, descriptors=9, threads=3, processes=1, tasks=5, sessions=0
)


def talked(minutes: int, planned_minutes: int = 60) -> Talk:
    """A talk of which so much is over, in which a server grows by 6 MB an hour."""
    talk = Talk((), 4, planned_minutes * 60)
    talk._empty = FLAT
    talk.states += [
        msgspec.structs.replace(FLAT, at_s=60.0 * minute, rss_mb=80 + 0.1 * minute, sessions=4)
        for minute in range(minutes)
    ]
    return talk


def test_before_anything_is_measured_there_is_no_result() -> None:
    assert Talk((), 4, 60).result() is None


def test_a_talk_that_was_stopped_has_what_was_measured() -> None:
    result = talked(30).result()
    assert result is not None
    assert (result.sessions, result.minutes) == (4, 60)
    assert result.rss_mb_per_hour == pytest.approx(6)
    assert (result.start.at_s, result.end.at_s) == (600, 29 * 60)
    assert (result.left, result.tasks_growth) == (None, None)


def test_a_whole_talk_says_what_is_left() -> None:
    talk = talked(60)
    talk._left = msgspec.structs.replace(FLAT, descriptors=11, tasks=5)
    result = talk.result()
    assert result is not None
    assert (result.descriptors_growth, result.threads_growth, result.tasks_growth) == (2, 0, 0)


def test_a_few_minutes_have_no_slope() -> None:
    result = talked(12).result()
    assert result is not None
    assert result.rss_mb_per_hour is None


def missed(talk: Talk) -> list[str]:
    """What the committed budgets say of a talk."""
    budgets = read_budgets(ROOT / "latency_tests" / "budgets.toml", "soak")
    limits = [budget for budget in budgets if budget.value.startswith("talk.")]
    report = {"sessions": 1, "talk": msgspec.to_builtins(talk.result())}
    return [str(verdict) for verdict in judge(report, limits) if not verdict.kept]


def test_a_talk_that_leaves_nothing_keeps_its_budgets() -> None:
    talk = talked(60)
    talk.states = [msgspec.structs.replace(state, rss_mb=80) for state in talk.states]
    talk._left = FLAT
    assert missed(talk) == []


def test_what_a_talk_leaves_and_does_not_answer_misses_its_budget() -> None:
    talk = talked(60)
    talk._left = msgspec.structs.replace(FLAT, descriptors=10, tasks=7, threads=6)
    talk._tally = Tally(turns=9, unanswered=4, failed=5)
    assert missed(talk) == [
        "MISSED: talk.descriptors_growth 1, at most 0",
        "MISSED: talk.tasks_growth 2, at most 0",
        "MISSED: talk.threads_growth 3, at most 0",
        "MISSED: talk.players.unanswered 4, at most 0",
        "MISSED: talk.players.failed 5, at most 0",
        "MISSED: talk.rss_mb_per_hour 6, at most 1",
    ]
