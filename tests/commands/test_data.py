"""`frametalk data`: what is stored is shown, swept, and deleted by player."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from frametalk import cli
from frametalk.handover.store import Row, Store
from frametalk.records import Records


def test_a_players_records_are_deleted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    records = Records(tmp_path)
    records.of("anna", "s-1", store=True, record=False).words("player", "Hello.")
    records.flush()
    flags = ["--set", f"privacy.folder={tmp_path}"]
    assert cli.main(["data", "list", *flags]) == 0
    assert cli.main(["data", "delete", "anna", *flags]) == 0
    assert cli.main(["data", *flags]) == 0
    first, deleted, last = capsys.readouterr().out.splitlines()
    assert first.startswith("1 players, 1 files, ")
    assert deleted.endswith(" bytes deleted")
    assert last == "0 players, 0 files, 0 bytes"
    assert list(tmp_path.iterdir()) == []


def test_a_players_sessions_that_wait_for_a_server_are_deleted_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "handover.db"
    store = Store(file)
    for number, subject in enumerate(("anna", "ben")):
        fields = [f"s-{number}", {}, {}, [], [], None, [f"kanarie {subject}"], None, subject]
        session = msgspec.msgpack.encode(fields)
        row = Row(f"s-{number}", (bytes([number]),), session, b"kanarie world")
        store.write([row], {f"s-{number}": 2e9}, now_s=1e9)
    store.close()
    flags = ["--set", f"privacy.folder={tmp_path}", "--set", f"server.handover_file={file}"]
    assert cli.main(["data", "delete", "anna", *flags]) == 0
    assert capsys.readouterr().out.split()[0] != "0"
    left = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"kanarie anna" not in left
    assert b"kanarie ben" in left
    assert cli.main(["data", "delete", "s-1", *flags]) == 0
    assert b"kanarie" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_old_records_are_swept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    records = Records(tmp_path, lambda: 1_000.0)
    records.of("anna", "s-1", store=True, record=False).words("player", "Hello.")
    records.flush()
    assert cli.main(["data", "sweep", "--set", f"privacy.folder={tmp_path}"]) == 0
    assert capsys.readouterr().out == "1 files deleted\n"
    assert list(tmp_path.iterdir()) == []
