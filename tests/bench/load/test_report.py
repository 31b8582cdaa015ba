"""What the levels of a load measurement say together."""

from __future__ import annotations

import io

import msgspec
import pytest
from rich.console import Console

from frametalk.bench.load.report import (
    LoadReport,
    Objective,
    cost_ratio,
    limited_by,
    sessions_at,
    table,
)
from frametalk.bench.report import this_machine
from load_levels import level


def test_sessions_at_a_share_lie_on_a_line_between_levels() -> None:
    levels = [level(10, 0.2), level(50, 0.5), level(100, 0.9)]
    assert sessions_at(0.6, levels) == 62.5
    assert sessions_at(0.1, levels) == 5
    assert sessions_at(0.95, levels) == 100  # the most that was measured


@pytest.mark.parametrize(("last", "ratio"), [(1.2, 1.2), (0.8, 0.8)])
def test_the_cost_ratio_compares_a_session_at_the_last_level_with_the_first(
    last: float, ratio: float
) -> None:
    assert cost_ratio([level(1, 0.01), level(10, 0.09), level(100, last)]) == ratio
    assert cost_ratio([level(1, 0.01)]) is None


def test_what_limits_is_named_with_what_uses_most_time() -> None:
    levels = [level(1, 0.1), level(4, 0.4, ("loop lag p99",))]
    text = "loop lag p99 at 4 sessions; of a core: espeak 40%, voice activity 20%, sockets 10%"
    assert limited_by(levels) == text
    assert limited_by(levels[:1]) == ""


def test_the_table_has_a_column_for_each_level() -> None:
    levels = [level(1, 0.01), level(100, 0.6, ("late frames",))]
    report = LoadReport(
        engines="scripted",
        sessions=100,
        levels=levels,
        sessions_at_60_percent=100,
        carried=1,
        limited_by=limited_by(levels),
        cost_ratio=0.6,
        calibration_us=[0.4, 0.4],
        objective=Objective(),
        settings=[],
        machine=this_machine(),
        versions={},
    )
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(table(report))
    text = console.export_text()
    assert "100 sessions at 60 %" in text
    assert "60.0%" in text
    assert msgspec.json.decode(msgspec.json.encode(report), type=LoadReport) == report
