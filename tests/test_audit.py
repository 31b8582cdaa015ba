"""The audit log: lines of JSON without words, bounded and rotated."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from frametalk.audit import MAX_WAITING, AuditLog
from frametalk.config import AuditSettings


def test_without_a_file_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for audit in (AuditLog(AuditSettings()), AuditLog()):
        audit.of("s").write("tool", tool="open")
        audit.flush()
    assert list(tmp_path.iterdir()) == []


def test_a_line_says_what_when_and_in_which_session(tmp_path: Path) -> None:
    file = tmp_path / "logs" / "audit.jsonl"
    audit = AuditLog(AuditSettings(file=str(file)))
    audit.of("s-1").write("tool", turn=2, tool="open", state="done")
    audit.flush()
    (entry,) = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    assert entry.pop("time") > 0
    assert entry == {"session": "s-1", "kind": "tool", "turn": 2, "tool": "open", "state": "done"}


def test_it_takes_no_more_than_its_share_of_the_disk(tmp_path: Path) -> None:
    file = tmp_path / "audit.jsonl"
    audit = AuditLog(AuditSettings(file=str(file), max_mb=0.001, kept=2))
    for turn in range(200):
        audit.of("s").write("guard", turn=turn, where="player", topic="politics")
    audit.flush()
    found = sorted(path.name for path in tmp_path.iterdir())
    assert found == ["audit.jsonl", "audit.jsonl.1", "audit.jsonl.2"]
    assert all(path.stat().st_size <= 1_000 for path in tmp_path.iterdir())
    newest = json.loads(file.read_text(encoding="utf-8").splitlines()[-1])
    assert newest["turn"] == 199


def test_kept_0_starts_again(tmp_path: Path) -> None:
    file = tmp_path / "audit.jsonl"
    audit = AuditLog(AuditSettings(file=str(file), max_mb=0.001, kept=0))
    for turn in range(50):
        audit.of("s").write("guard", turn=turn)
    audit.flush()
    assert [path.name for path in tmp_path.iterdir()] == ["audit.jsonl"]


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_lines_that_cannot_be_written_are_said_once_counted_and_noted_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lost: list[str] = []
    (tmp_path / "logs").touch()
    file = tmp_path / "logs" / "audit.jsonl"
    audit = AuditLog(AuditSettings(file=str(file)), lambda: lost.append("a line"), lambda: 7.0)
    for turn in (1, 2):
        audit.of("s").write("tool", turn=turn)
    audit.flush()
    assert caplog.messages == ["the audit log cannot be written: File exists"]
    assert lost == ["a line"] * 2
    (tmp_path / "logs").unlink()
    for turn in (3, 4):
        audit.of("s").write("tool", turn=turn)
    audit.flush()
    first, *others = lines(file)
    assert first == {"time": 7.0, "kind": "lost", "lines": 2}
    assert [entry["turn"] for entry in others] == [3, 4]
    (tmp_path / "logs").rename(tmp_path / "moved")
    (tmp_path / "logs").touch()
    audit.of("s").write("tool", turn=5)
    audit.flush()
    assert len(caplog.messages) == 2


def test_a_late_disk_keeps_nobody_waiting_and_what_waits_is_bounded(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lost: list[str] = []
    file = tmp_path / "audit.jsonl"
    audit = AuditLog(AuditSettings(file=str(file)), lambda: lost.append("a line"))
    disk, begun = threading.Event(), threading.Event()

    def wait() -> None:
        begun.set()
        disk.wait()

    audit._writer.do(wait)
    begun.wait()
    for turn in range(MAX_WAITING + 3):
        audit.of("s").write("tool", turn=turn)
    assert not file.exists()
    assert caplog.messages == ["the audit log cannot be written: the disk is late"]
    assert lost == ["a line"] * 3
    disk.set()
    audit.flush()
    first, *others = lines(file)
    assert (first["kind"], first["lines"]) == ("lost", 3)
    assert [entry["turn"] for entry in others] == list(range(MAX_WAITING))
