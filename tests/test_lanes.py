"""The lanes of parallel test runs name files that exist, and every process gets work."""

from __future__ import annotations

import pytest

import lanes
from conftest import ROOT


def test_every_file_of_the_lanes_exists() -> None:
    named = [*(file for lane in lanes.LANES for file in lane), *lanes.LONGEST, *lanes.APART]
    assert [file for file in named if not (ROOT / file).exists()] == []


@pytest.mark.parametrize(
    ("workers", "owners"), [(1, [0, 0]), (2, [0, 1]), (3, [0, 1]), (5, [0, 1])]
)
def test_of_three_processes_one_has_no_lane(workers: int, owners: list[int]) -> None:
    assert [lanes.worker_of(lane, workers) for lane in range(len(lanes.LANES))] == owners


def test_a_process_runs_its_lanes_first_and_then_the_longest() -> None:
    scopes = [
        "tests/core/test_turn.py",
        "tests/test_session.py",
        "tests/test_spoken_loop.py",
        "tests/test_session_fuzz.py::test_one",
    ]
    ordered = sorted(scopes, key=lambda scope: lanes.place(scope, [1]))
    assert ordered == [scopes[2], scopes[3], scopes[1], scopes[0]]
