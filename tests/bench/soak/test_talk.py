"""What is known of a talk, at its end and before."""

from __future__ import annotations

import msgspec
import pytest

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
