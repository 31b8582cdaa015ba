"""Waterfalls: which turns are drawn, in which order and colours, and how long their bars are."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

import bench_results
from frametalk.bench.html.stages import COLOURS, MOST, OTHER, stage_colour, waterfalls
from frametalk.bench.samples import TurnSample
from frametalk.trace import STAGES, TRANSPORT

BAR = re.compile(r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)" height="13" fill="(#\w+)">')


def labels(drawing: str) -> list[str]:
    """The names of the turns, from the top."""
    return re.findall(r'class="tick end">([^<]+)<', drawing)


def test_stages_have_the_colours_of_the_live_view():
    script = (files("frametalk") / "data" / "debug" / "debug.js").read_text(encoding="utf-8")
    table = script[script.index("COLOURS = {") : script.index("};")]
    assert dict(re.findall(r'(\w+): "(#\w+)"', table)) == COLOURS
    assert {*STAGES, TRANSPORT} <= COLOURS.keys()


def test_every_part_that_the_overhead_suite_knows_has_a_colour():
    parts = TurnSample(0, 0, 0, 0, 0, 0, 0, 0).parts_ms
    assert OTHER not in {stage_colour(part) for part in parts}


def test_turns_of_the_overhead_suite_are_drawn_by_both_clocks_the_slowest_first():
    by_bench, by_server = waterfalls(bench_results.overhead(4))
    assert labels(by_bench) == ["0.3", "0.2", "0.1", "0.0"]
    assert "by the bench&#x27;s own clock" in by_bench
    assert "4 measured; 1 not: no speech: the turn was typed; sums within 0 ms" in by_server
    bars = BAR.findall(by_bench)
    assert len(bars) == 8
    (engines_x, engines_px, _), (overhead_x, overhead_px, colour) = bars[:2]
    assert float(engines_px) / float(overhead_px) == pytest.approx(200 / 8, rel=0.02)
    assert float(overhead_x) == pytest.approx(float(engines_x) + float(engines_px), abs=0.1)
    assert colour == stage_colour("overhead")


def test_turns_of_the_turns_suite_have_their_own_names_and_stages():
    ours, fixed = waterfalls(bench_results.turns())
    assert sorted(labels(ours)) == [f"command-{n}" for n in range(4)]
    assert labels(ours)[0] == "command-1"  # with a tool call, which the others do not have
    assert ours.count('fill="#d679b8"') == 1
    assert labels(fixed) == ["command-0"]


def test_values_that_belong_to_no_single_turn_are_shown_as_medians():
    data = bench_results.turns()
    del data["ours"]["turns"], data["fixed_timeout"]
    (shown,) = waterfalls(data)
    assert labels(shown) == ["median of each"]


def test_of_many_turns_some_are_drawn_from_the_slowest_to_the_fastest():
    shown = waterfalls(bench_results.overhead(100))[0]
    assert len(labels(shown)) == MOST
    assert labels(shown)[0] == "0.99"
    assert labels(shown)[-1] == "0.0"
    assert f"{MOST} of 100 turns, evenly" in shown


def test_a_result_without_turns_has_no_waterfalls():
    assert waterfalls(bench_results.load()) == []
