"""Load: lines over the number of sessions, with their objectives, and shares of the time."""

from __future__ import annotations

import re

import msgspec
import pytest

import bench_results
from frametalk.bench.html.load_curves import drawn


def titles(figures: list[str]) -> list[str]:
    return [re.findall(r"<figcaption>([^<]+)<", each)[0] for each in figures]


def said(drawing: str) -> list[str]:
    return re.findall(r"<title>([^<]+)</title>", drawing)


def test_processor_time_has_a_mark_for_each_level_and_the_line_of_60_percent():
    core = drawn(bench_results.load())[0]
    assert said(core) == [
        "1 sessions: processor time 2 % of a core",
        "20 sessions: processor time 30 % of a core",
        "50 sessions: processor time 70 % of a core",
    ]
    assert ">60% of a core<" in core


def test_objectives_are_drawn_where_they_are_known():
    data = bench_results.load()
    for level in data["levels"]:
        level["loop_lag_ms"] = {"n": 500, "p50": 1.0, "p95": 4.0, "p99": 9.0, "values": []}
        level["overhead_ms"] = {"n": 25, "p50": 10.0, "p95": 18.0, "values": [10.0, 18.0]}
    data["objective"]["loop_lag_p99_ms"] = 75
    shown = dict(zip(titles(drawn(data)), drawn(data), strict=True))
    assert ">objective, p95: 20 ms<" in shown["Overhead"]
    assert ">objective, p99: 75 ms<" in shown["Loop lag"]
    assert ">80</text>" in shown["Loop lag"]  # the scale reaches the objective
    assert said(shown["Loop lag"])[-1] == "50 sessions: p99 9 ms"
    assert "<li>" in shown["Percentiles of overhead"]


def test_levels_of_which_the_median_is_judged_are_named_at_their_curve():
    data = bench_results.load()
    data["levels"][-1]["overhead_ms"] = {"n": 25, "p50": 10.0, "p95": 18.0, "values": []}
    shown = dict(zip(titles(drawn(data)), drawn(data), strict=True))
    named = "sessions 1, 20: fewer than 20 turns, so the median is judged"
    assert [title for title, figure in shown.items() if named in figure] == ["Overhead"]


def test_bars_add_up_to_what_the_stages_and_workers_used():
    data = bench_results.load()
    data["levels"][-1]["stages"] = {f"stage {n}": 0.01 * n for n in range(1, 9)}
    data["levels"][-1]["workers"] = {"espeak": 0.2}
    spent = next(each for each in drawn(data) if "Where the processor time went" in each)
    last = [each for each in said(spent) if each.startswith("50 sessions")]
    assert last[0] == "50 sessions: espeak 20.0%"
    assert last[-1].startswith("50 sessions: others")
    total = sum(float(each.rpartition(" ")[2].rstrip("%")) for each in last)
    assert total == pytest.approx(56, abs=0.5)


def test_levels_with_nothing_but_shares_are_drawn_too():
    data = {"levels": [{"sessions": n, "cpu_core_share": n / 10} for n in (1, 2)]}
    assert titles(drawn(data)) == ["Processor time"]


def test_a_level_that_is_not_one_is_refused():
    with pytest.raises(msgspec.ValidationError):
        drawn({"levels": [{"sessions": "many"}]})


def test_other_results_have_no_levels():
    assert drawn(bench_results.client()) == []
