"""The file in which sessions lie while no server has them: SQLite, bounded, for one server at a time."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from frametalk.errors import Fault, FrametalkError, Stage

APPLICATION_ID = 0x66746B31  # "ftk1", in the file's header
VERSION = 1
MAX_FILE_BYTES = 256 * 1024 * 1024
MAX_SESSION_BYTES = 32 * 1024 * 1024
PAGE_BYTES = 4_096
BUSY_MS = 2_000  # how long the server before may still have the file

_TABLES = """
CREATE TABLE sessions (id TEXT PRIMARY KEY, session BLOB, world BLOB, ends_s REAL) WITHOUT ROWID;
CREATE TABLE tokens (digest BLOB PRIMARY KEY, id TEXT) WITHOUT ROWID;
"""


class Row(NamedTuple):
    """One session. `world` None: as it was written before."""

    id: str
    digests: tuple[bytes, ...]
    session: bytes
    world: bytes | None

    @property
    def fits(self) -> bool:
        """Whether the file takes it."""
        return len(self.session) + len(self.world or b"") <= MAX_SESSION_BYTES


class FileInUseError(FrametalkError):
    """Another server has the file."""


class Store:
    """Sessions by the digests of their tokens. Not safe for threads: one at a time.

    Raises FrametalkError `handover_file` for a file that is not ours or is damaged (FileInUseError: that
    another server has), and for a write that fails, which changes nothing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            # Private before anything is in it; SQLite gives its other files the same mode.
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            path.chmod(0o600)
            self._file = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            raise self._error(str(error)) from None
        try:
            self._open()
        except sqlite3.Error as error:
            self._file.close()
            in_use = getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
            raise self._error(str(error), FileInUseError if in_use else FrametalkError) from None
        except FrametalkError:
            self._file.close()
            raise

    def _open(self) -> None:
        run = self._file.execute
        run(f"PRAGMA busy_timeout = {BUSY_MS}")
        run("PRAGMA locking_mode = EXCLUSIVE")
        tables = run("SELECT count(*) FROM sqlite_master").fetchone()[0]
        marks = (
            run("PRAGMA application_id").fetchone()[0],
            run("PRAGMA user_version").fetchone()[0],
        )
        if tables and marks != (APPLICATION_ID, VERSION):
            raise self._error("it was not written by this version of frametalk")
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = OFF")  # it must outlive the process, not the machine
        run("PRAGMA secure_delete = ON")
        run(f"PRAGMA max_page_count = {MAX_FILE_BYTES // PAGE_BYTES}")
        if not tables:
            run("BEGIN IMMEDIATE")
            run(f"PRAGMA application_id = {APPLICATION_ID}")
            run(f"PRAGMA user_version = {VERSION}")
            for table in filter(str.strip, _TABLES.split(";")):
                run(table)
            run("COMMIT")
        run(
            "BEGIN IMMEDIATE"
        )  # takes the lock for good, so that a second server learns of the first
        run("COMMIT")

    def write(
        self,
        rows: Iterable[Row] = (),
        ends_s: Mapping[str, float] = MappingProxyType({}),
        gone: Iterable[str] = (),
        now_s: float = 0,
    ) -> None:
        """Write these sessions. Remove those that are `gone`, and those that ended before `now_s`.

        `ends_s`: when each session ends, in seconds since 1970; it need not be among the `rows`.
        """
        run, many = self._file.execute, self._file.executemany
        try:
            run("BEGIN IMMEDIATE")
            for row in rows:
                if not row.fits:
                    continue
                if row.world is None:
                    run("UPDATE sessions SET session = ? WHERE id = ?", (row.session, row.id))
                else:
                    run(
                        "INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?)",
                        (row.id, row.session, row.world, now_s),
                    )
                run("DELETE FROM tokens WHERE id = ?", (row.id,))
                many("INSERT INTO tokens VALUES (?, ?)", [(each, row.id) for each in row.digests])
            ends = [(end_s, id_) for id_, end_s in ends_s.items()]
            many("UPDATE sessions SET ends_s = ? WHERE id = ?", ends)
            many("DELETE FROM sessions WHERE id = ?", [(id_,) for id_ in gone])
            run("DELETE FROM sessions WHERE ends_s < ?", (now_s,))
            run("DELETE FROM tokens WHERE id NOT IN (SELECT id FROM sessions)")
            run("COMMIT")
        except sqlite3.Error as error:
            if self._file.in_transaction:
                run("ROLLBACK")
            raise self._error(str(error)) from None

    def find(self, digest: bytes, now_s: float) -> tuple[bytes, bytes] | None:
        """(session, world) of a token; None if it is not known or ended before `now_s`."""
        try:
            found: tuple[bytes, bytes] | None = self._file.execute(
                "SELECT session, world FROM sessions JOIN tokens USING (id) "
                "WHERE digest = ? AND ends_s >= ?",
                (digest, now_s),
            ).fetchone()
        except sqlite3.Error as error:
            raise self._error(str(error)) from None
        return found

    def delete(self, belongs: Callable[[bytes], bool]) -> int:
        """Delete the sessions that `belongs` says yes to, for good; how many bytes they had."""
        run = self._file.execute
        try:
            found = [
                (id_, len(session) + len(world or b""))
                for id_, session, world in run("SELECT id, session, world FROM sessions").fetchall()
                if belongs(session)
            ]
            run("BEGIN IMMEDIATE")
            for id_, _size in found:
                run("DELETE FROM tokens WHERE id = ?", (id_,))
                run("DELETE FROM sessions WHERE id = ?", (id_,))
            run("COMMIT")
            run("PRAGMA wal_checkpoint(TRUNCATE)")
            run("VACUUM")
            run("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            if self._file.in_transaction:
                run("ROLLBACK")
            raise self._error(str(error)) from None
        return sum(size for _id, size in found)

    def __len__(self) -> int:
        count: int = self._file.execute("SELECT count(*) FROM sessions").fetchone()[0]
        return count

    def close(self) -> None:
        """Close the file; what is in it stays."""
        self._file.close()

    def _error(self, text: str, kind: type[FrametalkError] = FrametalkError) -> FrametalkError:
        return kind(
            "handover_file",
            f"server.handover_file: {self._path}: {text}",
            stage=Stage.CONFIG,
            fault=Fault.USER,
            remedy="name another file, or remove this one; one server at a time can use it",
        )
