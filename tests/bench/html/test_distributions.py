"""Distributions: every value is counted once, and the curve has the extremes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import to_builtins

import bench_results
from frametalk.bench.html.distributions import curves, drawn, unit_of
from frametalk.bench.samples import Distribution


def a_result(values: list[float]) -> dict[str, object]:
    return {"wait_ms": to_builtins(Distribution.of(values))}


@given(
    st.lists(st.floats(0, 1e6), min_size=6, max_size=300).filter(lambda each: len(set(each)) > 1)
)
def test_bars_and_the_rest_are_all_values(values: list[float]) -> None:
    shown = "".join(drawn(a_result(values)))
    if not shown:  # equal after rounding
        return
    counted = sum(map(int, re.findall(r"<title>(\d+) from ", shown)))
    rest = re.search(r"(\d+) larger, up to", shown)
    assert counted + (int(rest[1]) if rest else 0) == len(values)


def test_a_value_far_away_is_named_and_does_not_squeeze_the_others():
    (shown,) = drawn(a_result([*range(100), 10_000]))
    assert "1 larger, up to 10000" in shown
    assert len(re.findall(r"<title>\d+ from ", shown)) > 5


def test_bars_go_from_the_least_to_the_highest_value():
    (shown,) = drawn(a_result([float(n) for n in range(100)]))
    bars = re.findall(r"<title>\d+ from ([\d.]+) to ([\d.]+)</title>", shown)
    assert (bars[0][0], bars[-1][1]) == ("0", "99")


def test_percentiles_stand_in_the_title_and_in_the_histogram():
    (shown,) = drawn(a_result([float(n) for n in range(1, 201)]))
    assert "wait_ms: p50 100, p95 190, p99 198 (n = 200)" in shown
    assert re.findall(r">(p\d\d)</text>", shown) == ["p50", "p95", "p99"]


def test_the_same_values_are_drawn_once_and_parts_on_request():
    shown = drawn(bench_results.overhead())
    assert re.findall(r"<figcaption>(\w+):", "".join(shown)) == [
        "overhead_ms",
        "barge_in_ms",
        "barge_in_onset_ms",
        "mouth_to_ear_ms",
    ]
    assert "parts_ms.overhead" not in "".join(shown)  # overhead_ms, again


@pytest.mark.parametrize("values", [[1.0, 2.0], [3.0] * 50])
def test_too_few_or_equal_values_are_not_drawn(values: list[float]) -> None:
    assert drawn(a_result(values)) == []


@pytest.mark.parametrize("n", [1, 2, 20, 5000])
def test_a_curve_goes_from_the_least_to_the_highest_and_never_down(n: int) -> None:
    shown = curves([("", [float(value) for value in range(1, n + 1)])], "ms", "waits")
    (path,) = re.findall(r'<path d="M([^"]+)"', shown)
    heights = [float(point.split()[1]) for point in path.split("L")]
    assert heights == sorted(heights, reverse=True)
    assert len(heights) <= 250
    assert len(heights) >= min(n, 60)


def test_several_curves_have_a_legend():
    assert "<li>" in curves([("1 session", [1.0]), ("9 sessions", [2.0])], "ms", "waits")


def test_the_unit_is_in_the_name():
    names = ("overhead_ms", "traced.stages_ms.capture", "calibration.loop_us", "turns")
    assert [unit_of(name) for name in names] == ["ms", "ms", "us", ""]
