"""The cores that a process may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from frametalk.workers import cores


@pytest.fixture
def limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in place of the container's, without limits yet."""
    monkeypatch.setattr(cores, "CGROUP_LIMITS", (tmp_path / "cpu.max", tmp_path / "quota"))
    monkeypatch.setattr(cores, "OLD_PERIOD_US", tmp_path / "period")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(8)), raising=False)
    return tmp_path


def test_without_a_limit_all_cores_of_the_affinity_count(limits: Path) -> None:
    assert cores.usable_cores() == 8
    (limits / "cpu.max").write_text("max 100000\n")
    assert cores.usable_cores() == 8


@pytest.mark.parametrize(
    ("limit", "usable"),
    [("200000 100000\n", 2), ("150000 100000", 2), ("50000 100000", 1), ("9900000 100000", 8)],
)
def test_a_container_limits_them(limits: Path, limit: str, usable: int) -> None:
    (limits / "cpu.max").write_text(limit)
    assert cores.usable_cores() == usable


def test_the_older_form_of_the_limit_counts(limits: Path) -> None:
    (limits / "quota").write_text("300000\n")
    (limits / "period").write_text("100000\n")
    assert cores.usable_cores() == 3
    (limits / "quota").write_text("-1\n")
    assert cores.usable_cores() == 8


def test_a_system_without_affinity_counts_its_cores(
    limits: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert cores.usable_cores() == 6
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert cores.usable_cores() == 1
    assert not (limits / "cpu.max").exists()
