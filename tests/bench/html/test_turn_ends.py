"""False cuts against the gap: a line and marks for each rule."""

from __future__ import annotations

import re

import msgspec
import pytest

import bench_results
from frametalk.bench.html.turn_ends import drawn


def test_each_rule_has_both_lines_and_a_mark_for_each_setting():
    by_gap, by_pause, _beside = drawn(bench_results.turns())
    assert by_gap.count('stroke-dasharray="5 4"') == 2
    assert re.findall(r"<title>([^<]+)</title>", by_gap) == [
        "fixed timeout 200 ms: gap 250 ms, false cuts 30.0 %",
        "fixed timeout 400 ms: gap 450 ms, false cuts 15.0 %",
        "words 200 ms: gap 250 ms, false cuts 30.0 %",
        "words 400 ms: gap 450 ms, false cuts 15.0 %",
    ]
    assert re.findall(r"<title>([^<]+)</title>", by_pause) == ["12 pauses", "9 pauses"]


def test_false_cuts_are_solid_and_split_turns_dashed():
    by_gap = drawn(bench_results.turns())[0]
    dashed, solid = re.findall(r'<path d="M[\d.]+ ([\d.]+)L[^"]+" class="line"', by_gap)[:2]
    bottom = float(re.findall(r'y1="([\d.]+)"', by_gap)[0])
    assert bottom - float(solid) == pytest.approx(2 * (bottom - float(dashed)), abs=0.3)


def test_the_first_and_the_last_setting_of_a_rule_are_written_beside_it():
    by_gap = drawn(bench_results.turns())[0]
    assert re.findall(r'class="small">(\d+)<', by_gap) == ["200", "400", "200", "400"]


def test_a_single_pause_is_no_line():
    data = bench_results.turns()
    assert len(drawn(data | {"by_pause": data["by_pause"][:1]})) == len(drawn(data)) - 1


def test_mouth_to_ear_of_both_servers_is_one_drawing():
    beside = drawn(bench_results.turns())[-1]
    assert beside.count('class="line"') == 2
    assert re.findall(r"</b>([^<]+)</li>", beside) == ["frametalk", "fixed timeout"]
    data = bench_results.turns()
    del data["ours"], data["fixed_timeout"]
    assert len(drawn(data)) == 2


def test_other_results_have_no_such_chart():
    assert drawn(bench_results.overhead()) == []


def test_a_curve_that_is_not_one_is_refused():
    with pytest.raises(msgspec.ValidationError):
        drawn({"curve": [{"rule": "words"}]})
