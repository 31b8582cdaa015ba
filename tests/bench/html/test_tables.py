"""Tables: every value of a result is in one of them."""

from __future__ import annotations

import re

import bench_results
from frametalk.bench.budgets import Budget, judge
from frametalk.bench.html import tables


def plain(shown: str | None) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", shown or ""))


def test_the_machine_the_versions_and_its_speed_are_shown():
    shown = plain(tables.facts(bench_results.overhead()))
    assert "cores 2" in shown
    assert "frametalk (version) 1.2.3" in shown
    assert "calibration: loop 900 us, p95 1000" in shown
    assert "calibration: after a sleep 1.50 times as long (900 us) as awake (600 us)" in shown
    assert "1 settings of the server log.level=WARNING" in shown


def test_percentiles_have_intervals_and_a_question_mark_for_a_bound_without_values():
    shown = plain(tables.percentiles(bench_results.overhead()))
    assert re.search(r"overhead_ms 30 19 \[\d+, \d+\] 33 \[\d+, \?\] – 5 34", shown)


def test_distributions_in_lists_are_named_by_their_item():
    shown = plain(tables.percentiles(bench_results.attack()))
    assert "floods[small messages].neighbour_ms" in shown
    assert "levels[sessions 50].loop_lag_ms" in plain(tables.percentiles(levels()))


def levels() -> dict[str, object]:
    data = bench_results.load()
    data["levels"][-1]["loop_lag_ms"] |= {"n": 1, "p50": 1.0, "values": [1.0]}
    return data


def test_single_values_are_shown_without_the_facts():
    shown = plain(tables.others(bench_results.overhead()))
    assert "embedded.rss_mb 120" in shown
    assert "late_frames 0" in shown
    assert "stopped no" in shown
    assert "machine" not in shown


def test_a_list_has_a_column_for_each_plain_value():
    (shown,) = tables.lists(bench_results.attack())
    assert re.findall(r'scope="col">(\w+)<', shown) == ["name", "lost", "said"]
    assert "pings 1 goodbye" in plain(shown)


def test_missed_budgets_come_first_and_unmeasured_ones_are_not_missed():
    data = {"sessions": 1, "late": 2, "calls": 1}
    budgets = [
        Budget("calls", "few", max=3),
        Budget("absent", "unknown", max=3),
        Budget("late", "none, with 30 ms < a frame", max=0, stage="sending", engines="scripted"),
    ]
    rows = [plain(row) for row in (tables.budgets(judge(data, budgets)) or "").split("<tr>")[2:]]
    assert [row.strip().rpartition(" ")[2] for row in rows] == ["missed", "measured", "kept"]
    assert "late none, with 30 ms &lt; a frame sending scripted 2 at most 0 missed" in rows[0]


def test_nothing_to_show_is_no_table():
    assert tables.budgets([]) is None
    assert tables.percentiles({"suite": "x"}) is None
    assert tables.others({"suite": "x"}) is None
