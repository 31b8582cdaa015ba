"""Paths into a report: maps, one element of a list, and what is no path."""

from __future__ import annotations

from typing import Any

import pytest

from frametalk.bench.value_paths import find, parent

REPORT: dict[str, Any] = {
    "late_frames": 3,
    "profiles": {"bad-wifi": {"words_lost": 1}},
    "levels": [
        {"sessions": 1, "lag_ms": {"p99": 2.0}, "parts": [{"name": "a", "share": 0.5}]},
        {"sessions": 100, "lag_ms": {"p99": 7.0}, "parts": [{"name": "b", "share": 0.25}]},
        {"sessions": 100, "lag_ms": {"p99": 9.0}},
        "text",
    ],
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("late_frames", 3),
        ("profiles.bad-wifi.words_lost", 1),
        ("levels[sessions=1].lag_ms.p99", 2.0),
        ("levels[sessions=100].lag_ms.p99", 7.0),
        ("levels[sessions=100].parts[name=b].share", 0.25),
        ("levels[sessions=10].lag_ms.p99", None),
        ("levels[players=1].lag_ms", None),
        ("levels.sessions", None),
        ("late_frames[sessions=1]", None),
        ("gone[sessions=1].lag_ms", None),
    ],
)
def test_a_path_leads_through_maps_and_to_the_element_with_that_value(path, found):
    assert find(REPORT, path) == found


def test_the_parent_is_the_map_around_the_last_name():
    assert parent(REPORT, "levels[sessions=100].lag_ms.p99") == {"p99": 7.0}
    assert parent(REPORT, "late_frames") is REPORT
    assert parent(REPORT, "levels[sessions=7].lag_ms.p99") is None


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".",
        "a.",
        ".a",
        "a..b",
        "levels[1].x",
        "levels[sessions].x",
        "levels[sessions=1",
        "a[b=c]d",
    ],
)
def test_what_is_no_path_is_refused_with_the_syntax(path):
    with pytest.raises(ValueError, match=r"levels\[sessions=100\]\.rss_mb"):
        find(REPORT, path)
