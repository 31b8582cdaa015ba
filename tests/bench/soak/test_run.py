"""The suite against real servers, briefly: what is left of players who were stopped, vanished or talked."""

from __future__ import annotations

import pytest

from frametalk.bench.options import Options
from frametalk.bench.soak.report import table
from frametalk.bench.soak.run import is_measured, soak

pytestmark = pytest.mark.real


async def test_a_quick_run_measures_every_part() -> None:
    report = await soak(Options(quick=True))
    stop, cycles, talk = report.stop, report.cycles, report.talk
    assert stop is not None
    assert stop.in_replies + stop.in_speech > 0
    assert stop.turns_cut == 0
    assert (stop.exit_status, stop.orphans, stop.orphans_of_killed) == (0, 0, 0)
    assert stop.goaways == stop.sessions > 1
    assert stop.not_ready_ms is not None
    assert cycles is not None
    assert (cycles.done, cycles.failed) == (cycles.count, {})
    assert max(cycles.descriptors_growth, cycles.threads_growth, cycles.tasks_growth) <= 0
    assert talk is not None
    assert talk.players.turns > talk.sessions
    assert (talk.players.unanswered, talk.players.failed) == (0, 0)
    assert talk.start.sessions > 0
    growth = (talk.descriptors_growth, talk.threads_growth, talk.tasks_growth)
    assert all(count is not None and count <= 0 for count in growth)
    assert table(report).row_count
    assert not is_measured("talk.rss_mb_per_hour", report)
    assert is_measured("cycles.tasks_growth", report)


async def test_parts_can_be_left_out() -> None:
    report = await soak(Options(only=("stop",), sessions=2))
    assert report.stop is not None
    assert (report.stop.sessions, report.cycles, report.talk) == (2, None, None)
