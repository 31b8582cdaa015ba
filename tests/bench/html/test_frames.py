"""Strips of frames: our share at each rate, and every frame in its order."""

from __future__ import annotations

import re

import pytest

import bench_results
from frametalk.bench.html.frames import COLUMNS, drawn

RECT = re.compile(r'<rect x="[\d.]+" y="[\d.]+" width="([\d.]+)"')


def test_our_share_is_to_the_scale_of_a_frame_at_each_rate():
    share = drawn(bench_results.client())[0]
    assert re.findall(r">(\d+ Hz, [\d.]+ ms)<", share) == [
        "72 Hz, 13.9 ms",
        "90 Hz, 11.1 ms",
        "120 Hz, 8.3 ms",
    ]
    assert "p99 1.2%, highest 12.0%" in share
    whole, highest = map(float, RECT.findall(share)[-4:-2])  # at 120 Hz
    assert abs(highest / whole - 0.12) < 0.005
    assert "1.000 ms, 12.0% of a frame at 120 Hz" in share


def test_every_frame_is_in_a_column_and_none_of_the_slow_ones_is_lost():
    strip = drawn(bench_results.client(4119))[1]
    columns = re.findall(r"<title>frames from (\d+): median ([\d.]+), highest ([\d.]+) ms", strip)
    assert len(columns) <= 2 * COLUMNS
    assert columns[0] == ("1", "0.100", "0.100")
    assert columns[-1][2] == "1.000"
    assert "11 frames a column" in strip
    heights = list(map(float, re.findall(r'height="([\d.]+)"', strip)))
    highest, median = heights[-2:]
    assert highest == pytest.approx(10 * median, rel=0.02)
    assert heights[0] == pytest.approx(median, abs=0.1)


def test_a_result_without_single_frames_has_the_shares_only():
    data = bench_results.client()
    data["frame_ms"]["values"] = []
    assert len(drawn(data)) == 1


def test_of_too_few_frames_for_a_p99_the_highest_is_shown():
    share = drawn(bench_results.client(60))[0]
    assert ">highest 12.0%<" in share
    assert "p99 " not in share


def test_other_results_have_no_frames():
    assert drawn(bench_results.load()) == []
