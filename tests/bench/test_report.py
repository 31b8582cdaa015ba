"""The report as JSON, as a table, and checked against budgets."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from frametalk.bench.report import (
    Budget,
    Footprint,
    OverheadReport,
    judge,
    read_budgets,
    save,
    table,
    this_machine,
    versions,
)
from frametalk.bench.samples import Distribution
from frametalk.errors import ConfigError

BUDGETS = Path(__file__).resolve().parents[2] / "latency_tests" / "budgets.toml"


def a_report(**changes: object) -> OverheadReport:
    values = Distribution.of(range(1, 31))
    fields = {
        "suite": "overhead",
        "sessions": 1,
        "turns": 30,
        "overhead_ms": values,
        "barge_in_ms": values,
        "barge_in_onset_ms": values,
        "mouth_to_ear_ms": values,
        "parts_ms": {"overhead": values, "framing": values},
        "late_frames": 0,
        "cpu_s_per_session_minute": 0.6,
        "rss_mb": 60.0,
        "ready_ms": 400.0,
        "idle_session_mb": 0.1,
        "embedded": Footprint(True, 900, 120.0, 0.5),
        "embedded_missing": "",
        "turns_lost": {},
        "errors": {},
        "traced": {},
        "client": {"mic_late_frames": 0},
        "settings": [],
        "machine": this_machine(),
        "versions": versions(),
    }
    return OverheadReport(**(fields | changes))  # type: ignore[arg-type]


def shown(report: OverheadReport) -> str:
    console = Console(width=120)
    with console.capture() as captured:
        console.print(table(report))
    return captured.get()


def test_the_json_has_percentiles_and_units_in_its_names(tmp_path):
    save(a_report(), tmp_path / "bench.json")
    data = json.loads((tmp_path / "bench.json").read_text())
    assert data["overhead_ms"] == {"n": 30, "p50": 15, "p95": 29, "p99": None}
    assert data["machine"]["cores"] >= 1
    assert data["versions"]["frametalk"]
    for name in ("barge_in_ms", "cpu_s_per_session_minute", "rss_mb", "sessions", "late_frames"):
        assert name in data


def test_the_table_shows_a_dash_for_a_percentile_of_too_few_values():
    row = next(line for line in shown(a_report()).splitlines() if "overhead ms" in line)
    assert [cell.strip() for cell in row.split("│")[1:-1]] == [
        "overhead ms",
        "30",
        "15.0",
        "29.0",
        "-",
    ]


def test_the_table_says_why_the_embedded_engines_were_not_measured():
    text = shown(a_report(embedded=None, embedded_missing="adapter_missing: no espeak"))
    assert "embedded engines: adapter_missing: no espeak" in text


def test_the_committed_budgets_name_values_of_a_report():
    budgets = read_budgets(BUDGETS, "overhead")
    for sessions in {budget.sessions for budget in budgets}:
        verdicts = judge(msgspec.to_builtins(a_report(sessions=sessions or 1)), budgets)
        assert all(verdict.measured is not None for verdict in verdicts)
    assert {budget.value for budget in budgets} >= {"overhead_ms.p95", "late_frames"}


@pytest.mark.parametrize(("most", "kept"), [(29, True), (28.9, False)])
def test_a_budget_is_kept_up_to_its_max(most, kept):
    (verdict,) = judge(msgspec.to_builtins(a_report()), [Budget("overhead_ms.p95", "", most)])
    assert verdict.kept is kept
    assert str(verdict).startswith("kept" if kept else "MISSED")


def test_a_value_that_was_not_measured_misses_its_budget():
    report = a_report(overhead_ms=Distribution.of([1.0]), embedded=None)
    budgets = [Budget("overhead_ms.p95", "", 15), Budget("embedded.rss_mb", "", 350)]
    verdicts = judge(msgspec.to_builtins(report), budgets)
    assert [verdict.kept for verdict in verdicts] == [False, False]
    assert "not measured" in str(verdicts[0])


def test_a_budget_for_many_sessions_does_not_apply_to_other_runs():
    budgets = [Budget("late_frames", "", 0, sessions=20)]
    late = a_report(late_frames=1)
    assert judge(msgspec.to_builtins(late), budgets) == []
    many = a_report(late_frames=1, sessions=20)
    assert [verdict.kept for verdict in judge(msgspec.to_builtins(many), budgets)] == [False]


@pytest.mark.parametrize(
    "text",
    [
        "[[overhead]]\nvalue = 3",
        "[[overhead]]\nvalue='x'\nmax=1\nwhy=''\nleast=2",
        "[[overhead]]\nvalue='x'\nwhy=''",
        "[[",
    ],
)
def test_invalid_budgets_are_refused(tmp_path, text):
    file = tmp_path / "budgets.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=r"budgets\.toml"):
        read_budgets(file, "overhead")


def test_a_missing_budget_file_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.toml"):
        read_budgets(tmp_path / "none.toml", "overhead")
