"""Budgets: which apply, what keeps them, and what a missed one says."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from rich.console import Console

from frametalk.bench.budgets import Budget, judge, lacks_values, read_budgets, table
from frametalk.bench.samples import Distribution
from frametalk.errors import ConfigError


def a_report(**values: Any) -> dict[str, Any]:
    return {
        "sessions": 1,
        "late_frames": 0,
        "overhead_ms": msgspec.to_builtins(Distribution.of(range(1, 31))),
        "stages_ms": {"recognition": {"p50": 66.0, "values": [66.0]}},
        "calibration": {"step_ms": {"p50": 2.0}},
    } | values


@pytest.mark.parametrize(("most", "kept"), [(29, True), (28.9, False)])
def test_a_budget_is_kept_up_to_its_max(most, kept):
    (verdict,) = judge(a_report(), [Budget("overhead_ms.p95", "", most)])
    assert verdict.kept is kept
    assert str(verdict).startswith("kept" if kept else "MISSED")


def test_a_value_that_was_not_measured_misses_its_budget():
    report = a_report(overhead_ms=msgspec.to_builtins(Distribution.of([1.0])))
    budgets = [Budget("overhead_ms.p95", "", 15), Budget("embedded.rss_mb", "", 350)]
    verdicts = judge(report, budgets)
    assert [verdict.kept for verdict in verdicts] == [False, False]
    assert "not measured" in str(verdicts[0])


def a_load(**values: Any) -> dict[str, Any]:
    """Two levels, of which the second takes most of a core; its lag is known without the values."""
    lag_ms = {"n": 600, "p99": 12.0, "values": []}
    levels = [
        {"sessions": 1, "cpu_core_share": 0.02},
        {"sessions": 100, "cpu_core_share": 0.7, "loop_lag_ms": lag_ms},
    ]
    return a_report(sessions=100, engines="scripted", levels=levels) | values


def test_a_budget_names_an_element_of_a_list_by_one_of_its_fields():
    budgets = [Budget(f"levels[sessions={n}].cpu_core_share", "", 0.6) for n in (1, 100)]
    verdicts = judge(a_load(), budgets)
    assert [verdict.kept for verdict in verdicts] == [True, False]
    assert str(verdicts[1]) == "MISSED: levels[sessions=100].cpu_core_share 0.7, at most 0.6"


def test_an_element_that_was_not_measured_misses_its_budget():
    (verdict,) = judge(a_load(), [Budget("levels[sessions=50].cpu_core_share", "", 0.6)])
    assert str(verdict) == ("MISSED: levels[sessions=50].cpu_core_share not measured, at most 0.6")


def test_a_percentile_without_its_values_must_keep_its_budget_in_each_run():
    budget = [Budget("levels[sessions=100].loop_lag_ms.p99", "", 10)]
    (verdict,) = judge(a_load(levels=[]), budget, [a_load(), a_load()])
    assert (verdict.kept, verdict.measured) == (False, 12)


def test_a_budget_of_some_engines_is_for_results_of_these():
    budgets = [
        Budget("late_frames", "", 0, engines=engines) for engines in ("scripted", "embedded", "")
    ]
    assert [each.budget.engines for each in judge(a_load(), budgets)] == ["scripted", ""]
    assert len(judge(a_report(), budgets)) == 3  # a result that does not name its engines


def test_a_budget_for_many_sessions_does_not_apply_to_other_runs():
    budgets = [Budget("late_frames", "", 0, sessions=20)]
    assert judge(a_report(late_frames=1), budgets) == []
    many = a_report(late_frames=1, sessions=20)
    assert [verdict.kept for verdict in judge(many, budgets)] == [False]


RECOGNITION = Budget(
    "stages_ms.recognition.p50",
    "",
    max=4,
    base=60,
    per="calibration.step_ms.p50",
    stage="recognition",
    engines="scripted",
)


@pytest.mark.parametrize(("step_ms", "kept"), [(2.0, True), (1.0, False), (None, False)])
def test_a_slow_machine_has_a_higher_limit(step_ms, kept):
    report = a_report(calibration={"step_ms": {"p50": step_ms}})
    (verdict,) = judge(report, [RECOGNITION])
    assert verdict.kept is kept


def test_a_missed_budget_names_the_stage_and_its_engines():
    report = a_report(stages_ms={"recognition": {"p50": 96.0, "values": []}})
    verdicts = judge(report, [Budget("late_frames", "", 0), RECOGNITION])
    assert str(verdicts[1]) == (
        "MISSED: stage recognition of the scripted engines: "
        "stages_ms.recognition.p50 96, at most 68"
    )
    console = Console(width=140)
    with console.capture() as captured:
        console.print(table(verdicts))
    rows = [
        [cell.strip() for cell in line.split("│")[1:-1]]
        for line in captured.get().splitlines()
        if line.startswith("│")
    ]
    assert rows[0] == [
        "stages_ms.recognition.p50",
        "recognition",
        "scripted",
        "96",
        "at most 68",
        "MISSED",
    ]
    assert rows[1][-1] == "kept"


def test_a_count_must_keep_its_budget_in_each_of_several_runs():
    budget = [Budget("late_frames", "", 0)]
    runs = [a_report(), a_report(late_frames=3), a_report()]
    (verdict,) = judge(a_report(), budget, runs)
    assert (verdict.kept, verdict.measured) == (False, 3)


def test_a_percentile_is_judged_over_the_values_of_all_runs():
    late = a_report(overhead_ms=msgspec.to_builtins(Distribution.of([99.0] * 20)))
    (verdict,) = judge(a_report(), [Budget("overhead_ms.p95", "", 29)], [a_report(), late])
    assert verdict.kept


def test_a_percentile_of_too_few_values_is_told_from_one_that_was_not_measured():
    few, none = Distribution.of([1.0]), Distribution.of([])
    report = a_report(few_ms=msgspec.to_builtins(few), none_ms=msgspec.to_builtins(none))
    lacking = [
        lacks_values(report, Budget(f"{name}.p95", "", 15))
        for name in ("few_ms", "none_ms", "gone_ms", "overhead_ms")
    ]
    assert lacking == [True, False, False, False]


@pytest.mark.parametrize(
    "text",
    [
        "[[overhead]]\nvalue = 3",
        "[[overhead]]\nvalue='x'\nmax=1\nwhy=''\nleast=2",
        "[[overhead]]\nvalue='x'\nwhy=''",
        "[[overhead]]\nvalue='levels[0].x'\nmax=1\nwhy=''",
        "[[overhead]]\nvalue='x'\nper='levels[sessions]'\nmax=1\nwhy=''",
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
