"""What the importer of https://ui.perfetto.dev needs of a file in Chrome's Trace Event Format."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

NAMED = {"process_name", "thread_name"}


def imported(text: str | bytes) -> list[dict[str, Any]]:
    """The events of a trace file, if Perfetto would show all of them where they belong."""
    file = json.loads(text)
    events: list[dict[str, Any]] = file["traceEvents"]
    names: set[tuple[str, int, int]] = set()
    slices: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for event in events:
        assert isinstance(event["name"], str)
        assert event["name"]
        assert type(event["pid"]) is type(event["tid"]) is int
        track = (event["pid"], event["tid"])
        if event["ph"] == "M":
            assert event["name"] in NAMED
            assert event["args"]["name"]
            assert (event["name"], *track) not in names, "a name is given once"
            names.add((event["name"], *track))
            continue
        assert event["ts"] >= 0
        assert ("thread_name", *track) in names, "a track has its name before its first event"
        assert ("process_name", event["pid"], 0) in names
        if event["ph"] == "X":
            assert event["dur"] >= 0
            slices.setdefault(track, []).append((event["ts"], event["ts"] + event["dur"]))
        else:
            assert (event["ph"], event["s"]) == ("i", "t"), "an instant says that it is its track's"
    for placed in slices.values():
        _check_row(sorted(placed))
    return events


def _check_row(placed: list[tuple[float, float]]) -> None:
    """Slices on one track must not overlap: one that begins within another is nested, or lost."""
    for (_begin, end_us), (begin_us, _end) in pairwise(placed):
        assert begin_us >= end_us - 0.01, "slices overlap on one track"
