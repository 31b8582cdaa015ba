"""The suite against real servers, briefly: what is left of players who vanished, talked or were stopped."""

from __future__ import annotations

import pytest

from frametalk.bench.options import Options
from frametalk.bench.soak.report import table
from frametalk.bench.soak.run import soak

pytestmark = pytest.mark.real


async def test_clients_that_vanish_leave_nothing() -> None:
    report = await soak(Options(only=("cycles",), quick=True))
    cycles = report.cycles
    assert cycles is not None
    assert (cycles.done, cycles.failed) == (cycles.count, {})
    growth = (cycles.descriptors_growth, cycles.threads_growth, cycles.tasks_growth)
    assert max(growth) <= 0
    assert report.talk is None
    assert table(report).row_count


async def test_players_who_talk_leave_nothing() -> None:
    report = await soak(Options(only=("talk",), sessions=4, minutes=0.4))
    talk = report.talk
    assert talk is not None
    assert talk.players.turns > 4
    assert (talk.players.unanswered, talk.players.failed) == (0, 0)
    assert talk.start.sessions > 0
    assert max(talk.descriptors_growth, talk.threads_growth, talk.tasks_growth) <= 0
    assert table(report).row_count


async def test_a_stop_cuts_no_turn_and_leaves_no_process() -> None:
    report = await soak(Options(only=("stop",), sessions=6))
    stop = report.stop
    assert stop is not None
    assert stop.in_replies + stop.in_speech > 0
    assert stop.turns_cut == 0
    assert (stop.exit_status, stop.orphans, stop.orphans_of_killed) == (0, 0, 0)
    assert stop.goaways == 6
    assert stop.not_ready_ms is not None
    assert table(report).row_count
