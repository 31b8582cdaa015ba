"""The audit log: lines of JSON without words, bounded and rotated."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from frametalk.audit import AuditLog
from frametalk.config import AuditSettings


def test_without_a_file_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    AuditLog(AuditSettings()).of("s").write("tool", tool="open")
    AuditLog().of("s").write("tool", tool="open")
    assert list(tmp_path.iterdir()) == []


def test_a_line_says_what_when_and_in_which_session(tmp_path: Path) -> None:
    file = tmp_path / "logs" / "audit.jsonl"
    session = AuditLog(AuditSettings(file=str(file))).of("s-1")
    session.write("tool", turn=2, tool="open", state="done")
    (entry,) = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    assert entry.pop("time") > 0
    assert entry == {"session": "s-1", "kind": "tool", "turn": 2, "tool": "open", "state": "done"}


def test_it_takes_no_more_than_its_share_of_the_disk(tmp_path: Path) -> None:
    file = tmp_path / "audit.jsonl"
    session = AuditLog(AuditSettings(file=str(file), max_mb=0.001, kept=2)).of("s")
    for turn in range(200):
        session.write("guard", turn=turn, where="player", topic="politics")
    found = sorted(path.name for path in tmp_path.iterdir())
    assert found == ["audit.jsonl", "audit.jsonl.1", "audit.jsonl.2"]
    assert all(path.stat().st_size <= 1_000 for path in tmp_path.iterdir())
    newest = json.loads(file.read_text(encoding="utf-8").splitlines()[-1])
    assert newest["turn"] == 199


def test_kept_0_starts_again(tmp_path: Path) -> None:
    file = tmp_path / "audit.jsonl"
    session = AuditLog(AuditSettings(file=str(file), max_mb=0.001, kept=0)).of("s")
    for turn in range(50):
        session.write("guard", turn=turn)
    assert [path.name for path in tmp_path.iterdir()] == ["audit.jsonl"]


def test_a_file_that_cannot_be_written_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR, "frametalk")
    (tmp_path / "file").touch()
    session = AuditLog(AuditSettings(file=str(tmp_path / "file" / "audit.jsonl"))).of("s")
    session.write("tool")
    session.write("tool")
    assert len(caplog.messages) == 1
