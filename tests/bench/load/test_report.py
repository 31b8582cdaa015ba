"""What the levels of a load measurement say together."""

from __future__ import annotations

import io
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from conftest import ROOT
from frametalk.bench.budgets import judge, read_budgets
from frametalk.bench.load.report import (
    Level,
    LoadReport,
    Objective,
    cost_ratio,
    limited_by,
    sessions_at,
    table,
)
from frametalk.bench.options import Options
from frametalk.bench.report import this_machine
from frametalk.bench.samples import Distribution
from frametalk.bench.suites import SUITES, bench
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


def a_report(*levels: Level) -> LoadReport:
    return LoadReport(
        engines="scripted",
        sessions=levels[-1].sessions,
        levels=list(levels),
        sessions_at_60_percent=levels[-1].sessions,
        carried=1,
        limited_by=limited_by(levels),
        cost_ratio=0.6,
        calibration_us=[0.4, 0.4],
        objective=Objective(),
        settings=[],
        machine=this_machine(),
        versions={},
    )


def test_the_table_has_a_column_for_each_level() -> None:
    report = a_report(level(1, 0.01), level(100, 0.6, ("late frames",)))
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(table(report))
    text = console.export_text()
    assert "100 sessions at 60 %" in text
    assert "60.0%" in text
    assert msgspec.json.decode(msgspec.json.encode(report), type=LoadReport) == report


def test_the_table_says_where_the_median_is_judged() -> None:
    few, enough = level(1, 0.01), many(20)
    said = "sessions 1: fewer than 20 turns, so the median is judged"
    assert said in str(table(a_report(few, enough)).caption)
    assert "median" not in str(table(a_report(enough)).caption)


def many(sessions: int) -> Level:
    """A level with enough turns for a p95."""
    overhead_ms = Distribution.of([5.0] * 20)
    return msgspec.structs.replace(level(sessions, 0.3), overhead_ms=overhead_ms)


def test_the_committed_budgets_name_values_of_a_report() -> None:
    budgets = read_budgets(ROOT / "latency_tests" / "budgets.toml", "load")
    report = msgspec.to_builtins(a_report(many(1), many(50), many(100)))
    verdicts = judge(report, budgets)
    assert [str(verdict) for verdict in verdicts if not verdict.kept] == []
    assert {verdict.budget.value.partition(".")[2] for verdict in verdicts} == {
        "overhead_ms.p95",
        "cpu_core_share",
        "loop_lag_ms.p99",
        "late_frames",
        "rss_per_session_mb",
        "",
    }
    assert judge(report | {"engines": "embedded"}, budgets) == []


def test_a_run_that_breaks_a_budget_fails_and_says_what_it_did_not_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def measured(_options: Options) -> LoadReport:
        return a_report(many(1), level(50, 0.7, ("late frames",)))

    limits = tmp_path / "load.toml"
    limits.write_text(
        "".join(
            f"[[load]]\nvalue = 'levels[sessions={n}].cpu_core_share'\nmax = 0.6\nwhy = ''\n"
            for n in (1, 50, 100)
        )
    )
    monkeypatch.setitem(SUITES, "load", SUITES["load"]._replace(measure=measured))
    assert bench("load", Options(), budgets=limits) == 1
    out = capsys.readouterr().out
    assert [line for line in out.splitlines() if line.startswith("MISSED")] == [
        "MISSED: levels[sessions=50].cpu_core_share 0.7, at most 0.6",
        "MISSED: levels[sessions=100].cpu_core_share not measured, at most 0.6",
    ]
    assert out.count("levels[sessions=") == 5  # three of them in the table
    assert bench("load", Options(quick=True), budgets=limits) == 1
    assert "sessions=100" not in capsys.readouterr().out
