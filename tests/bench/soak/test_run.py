"""The suite against real servers, briefly: what is left of players who were stopped, vanished or talked."""

from __future__ import annotations

import pytest

from frametalk.bench.options import Options
from frametalk.bench.soak.report import table
from frametalk.bench.soak.run import is_measured, soak
from frametalk.errors import ConfigError

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


async def test_scripted_engines_answer_more_players_than_a_recogniser_can_follow() -> None:
    report = await soak(Options(only=("stop",), sessions=12, engines="scripted"))
    assert report.stop is not None
    assert (report.stop.sessions, report.cycles, report.talk) == (12, None, None)
    assert (report.stop.turns_cut, report.stop.goaways, report.stop.exit_status) == (0, 12, 0)


async def test_other_engines_are_refused() -> None:
    with pytest.raises(ConfigError, match="the suite soak has no engines 'real'"):
        await soak(Options(engines="real"))
