"""The file of kept sessions: what is in it, for how long, and files that are not ours."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest

from frametalk.errors import FrametalkError
from frametalk.handover import store as module
from frametalk.handover.store import FileInUseError, Row, Store

NOW_S = 1_000.0


def row(name: str, session: bytes = b"s", world: bytes | None = b"w") -> Row:
    return Row(name, (name.encode() * 32, name.encode() * 31), session, world)


def write(store: Store, *rows: Row, ends_s: float = NOW_S + 60) -> None:
    store.write(rows, {each.id: ends_s for each in rows}, (), NOW_S)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "sessions.db"


def test_a_session_is_found_by_each_of_its_tokens_also_by_another_process(file: Path) -> None:
    store = Store(file)
    write(store, row("a", b"first"), row("b", b"second"))
    store.close()
    store = Store(file)
    assert store.find(b"a" * 32, NOW_S) == (b"first", b"w")
    assert store.find(b"b" * 31, NOW_S) == (b"second", b"w")
    assert store.find(b"c" * 32, NOW_S) is None
    store.close()


def test_a_session_that_is_written_again_replaces_the_one_before(file: Path) -> None:
    store = Store(file)
    write(store, row("a"))
    store.write([Row("a", (b"new",), b"later", None)], {"a": NOW_S + 60})
    assert store.find(b"new", NOW_S) == (b"later", b"w")  # the scene is as it was
    assert store.find(b"a" * 32, NOW_S) is None
    assert len(store) == 1
    store.close()


def test_what_is_gone_or_has_ended_is_removed_and_leaves_no_trace(file: Path) -> None:
    store = Store(file)
    write(store, row("a", b"secret words"), row("b", b"other secret"))
    write(store, row("c", b"still here"))
    store.write((), {"b": NOW_S + 1}, ["a"], NOW_S)
    assert len(store) == 2
    assert store.find(b"b" * 32, NOW_S + 2) is None  # it has ended, and is not swept yet
    store.write((), {}, (), NOW_S + 2)
    assert len(store) == 1
    store.close()
    assert b"secret" not in file.read_bytes()
    assert b"still here" in file.read_bytes()


def test_nobody_else_may_read_it(file: Path) -> None:
    file.touch(0o644)
    store = Store(file)
    write(store, row("a"))
    modes = {stat.S_IMODE(each.stat().st_mode) for each in file.parent.iterdir()}
    store.close()
    assert modes == {0o600}


def test_its_size_is_bounded(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_FILE_BYTES", 100_000)
    store = Store(file)
    write(store, row("a", bytes(50_000)))
    with pytest.raises(FrametalkError, match="full"):
        write(store, row("b", bytes(80_000)))
    assert store.find(b"a" * 32, NOW_S) is not None
    assert store.find(b"b" * 32, NOW_S) is None
    write(store, row("c"))  # it goes on
    store.close()
    assert file.stat().st_size <= 100_000


def test_a_session_that_is_too_large_is_left_out(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_SESSION_BYTES", 1_000)
    store = Store(file)
    write(store, row("a", bytes(1_001)), row("b"))
    assert len(store) == 1
    store.close()


def damaged(file: Path) -> None:
    store = Store(file)
    write(store, row("a", bytes(20_000)))
    store.close()
    data = bytearray(file.read_bytes())
    data[100:4_000] = b"\xff" * 3_900
    file.write_bytes(data)


def another_program(file: Path) -> None:
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE recipes (name TEXT)")
    other.close()


def another_version(file: Path) -> None:
    Store(file).close()
    with sqlite3.connect(file) as other:
        other.execute("PRAGMA user_version = 7")
    other.close()


def no_database(file: Path) -> None:
    file.write_text("my shopping list\n" * 100)


def no_folder(file: Path) -> None:
    file.mkdir()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (damaged, "malformed"),
        (another_program, "not written by this version"),
        (another_version, "not written by this version"),
        (no_database, "not a database"),
        (no_folder, "directory"),
    ],
)
def test_a_file_that_is_not_ours_or_damaged_is_refused_and_left_alone(
    file: Path, spoil: object, reason: str
) -> None:
    spoil(file)  # type: ignore[operator]
    before = file.read_bytes() if file.is_file() else b""
    with pytest.raises(FrametalkError, match=reason) as refused:
        Store(file)
    assert refused.value.code == "handover_file"
    assert str(file) in refused.value.text
    assert (file.read_bytes() if file.is_file() else b"") == before


def test_a_second_server_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BUSY_MS", 10)
    store = Store(file)
    with pytest.raises(FileInUseError, match="locked"):
        Store(file)
    store.close()
    Store(file).close()
