"""The overhead suite's result as a table, and what its budgets name."""

from __future__ import annotations

import msgspec
from rich.console import Console

from conftest import ROOT
from frametalk.bench.budgets import judge, read_budgets
from frametalk.bench.options import Options
from frametalk.bench.overhead import run
from frametalk.bench.overhead.report import Footprint, OverheadReport, table
from frametalk.bench.report import this_machine, versions
from frametalk.bench.samples import Distribution
from frametalk.bench.waterfalls import Waterfalls

BUDGETS = ROOT / "latency_tests" / "budgets.toml"


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
        "traced": Waterfalls(),
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


def test_the_table_counts_turns_that_the_server_did_not_measure():
    traced = Waterfalls(measured=28, unmeasured={"barge_in": 2}, worst_sum_error_ms=0.004)
    assert "28 measured, 2 not (2 barge_in); sums within 0.00 ms" in shown(a_report(traced=traced))


def test_the_committed_budgets_name_values_of_a_report():
    budgets = read_budgets(BUDGETS, "overhead")
    stages = dict.fromkeys(
        (budget.stage for budget in budgets if budget.stage), Distribution.of([1.0])
    )
    for sessions in {budget.sessions for budget in budgets}:
        traced = Waterfalls(worst_difference_ms=20.0, stages_ms=stages)
        report = a_report(sessions=sessions or 1, traced=traced, embedded_traced=traced)
        calibration = {"calibration": {"step_ms": {"p50": 1.0}}}
        verdicts = judge(msgspec.to_builtins(report) | calibration, budgets)
        assert all(verdict.measured is not None for verdict in verdicts)
        assert all(verdict.unit is not None for verdict in verdicts)
    assert {budget.value for budget in budgets} >= {"overhead_ms.p95", "late_frames"}


def test_stages_have_above_what_the_scripted_engines_are_set_to_take():
    budgets = [each for each in read_budgets(BUDGETS, "overhead") if each.engines == "scripted"]
    bases = {budget.stage: budget.base for budget in budgets}
    assert bases["recognition"] == run.RECOGNISER_MS
    assert bases["mind_first_token"] == run.FIRST_TOKEN_MS
    assert bases["voice_first_sound"] == run.FIRST_CHUNK_MS
    assert run.ENDPOINT_DELAY_MS <= bases["endpoint_wait"] < run.ENDPOINT_DELAY_MS + 10


def test_the_embedded_engines_have_a_budget_for_each_stage_that_the_scripted_ones_have():
    budgets = read_budgets(BUDGETS, "overhead")
    scripted, embedded = (
        [budget.stage for budget in budgets if budget.engines == engines]
        for engines in ("scripted", "embedded")
    )
    assert embedded == scripted
    values = [budget.value for budget in budgets if budget.engines == "embedded"]
    assert all(value.startswith("embedded_traced.stages_ms.") for value in values)
    assert [run.is_measured(value, Options(embedded=False), None) for value in values] == [
        False
    ] * len(values)
