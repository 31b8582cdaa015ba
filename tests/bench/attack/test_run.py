"""The suite against a real server, briefly: each input has the outcome of the page, no player is harmed."""

from __future__ import annotations

import pytest

from frametalk.bench.attack.report import table
from frametalk.bench.attack.run import Stalls, attack
from frametalk.bench.options import Options

# On a busy machine, and before what ended sessions leave is collected; latency_tests/budgets.toml has what
# a quiet one must keep.
MUCH_MEMORY_MB = 40


def test_the_longest_stall_begins_anew_when_it_is_taken() -> None:
    stalls = Stalls()
    for ms in (3.0, 9.0, 1.0):
        stalls.add(ms)
    assert (stalls.take(), stalls.take()) == (9.0, 0.0)


@pytest.mark.real
async def test_no_input_has_another_outcome_than_the_page_says() -> None:
    report = await attack(Options(quick=True))
    assert report.wrong_inputs == []
    assert report.inputs >= 120
    assert (report.crashes, report.neighbour_lost) == (0, 0)
    assert {flood.name for flood in report.floods} >= {"small messages", "patches", "tools"}
    assert report.neighbour_p95_ratio is not None
    assert report.neighbour_p95_ratio > 0
    assert 0 < report.input_stall_ms <= report.longest_stall_ms
    assert abs(report.rss_growth_mb) < MUCH_MEMORY_MB
    assert table(report).row_count > len(report.floods)
