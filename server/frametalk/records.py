"""What is stored of players who agreed to it: words and sound, in files that can be deleted by player.

A player's files lie in a folder of their own, whose name is a digest of the name in the token. A player
without one is known by the session's id. Files begin with the time of their session, so that old ones are
found without opening them.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from frametalk.disk_writer import DiskWriter
from frametalk.places import user_data
from frametalk.session_record import SessionRecord

MAX_WAITING = 1_024  # pieces of all sessions, of about half a second of sound each at most: 16 MB
DAY_S = 86_400
DIGEST_CHARACTERS = 32
_NAME = re.compile(r"(\d+)-([\w-]+)\.(?:jsonl|wav|recording)")


def default_folder() -> Path:
    """Where records lie if the settings name no folder."""
    return user_data() / "records"


class Records:
    """All records in a folder. `now_s` returns seconds since 1970.

    `lost` is called for each session whose record ends because the disk failed or was late.
    """

    def __init__(
        self,
        folder: Path,
        now_s: Callable[[], float] = time.time,
        lost: Callable[[], None] = lambda: None,
    ) -> None:
        self._folder = folder
        self._lost = lost
        self._writer = DiskWriter("records", MAX_WAITING)
        self.now_s = now_s

    def of(self, subject: str, session: str, *, store: bool, record: bool) -> SessionRecord:
        """The record of one session, with words (`store`), sound (`record`), both or neither."""
        return SessionRecord(
            self._of_player(subject or session),
            session,
            self._writer,
            self.now_s,
            self._lost,
            store=store,
            record=record,
        )

    def flush(self, limit_s: float | None = None) -> bool:
        """Wait until all is written, or for so long; whether it is."""
        return self._writer.flush(limit_s)

    def has(self, subject: str, session: str) -> bool:
        """Whether there is anything of this session."""
        return any(self._of_player(subject or session).glob(f"*-{session}.*"))

    def path(self, subject: str, session: str, suffix: str) -> Path:
        """A file of a session that begins now, for who writes it; the folder may not exist yet."""
        return self._of_player(subject or session) / f"{int(self.now_s())}-{session}.{suffix}"

    def delete(self, subject: str) -> int:
        """Delete everything of a player, or of a session by its id; how many bytes were removed."""
        self.flush()
        folder = self._of_player(subject)
        files = [*(folder.iterdir() if folder.is_dir() else ()), *self._of_session(subject)]
        size = sum(map(_delete, files))
        for each in {file.parent for file in files}:
            _remove_if_empty(each)
        return size

    def _of_session(self, session: str) -> list[Path]:
        files = (file for player in self._players() for file in player.iterdir())
        return [
            file for file in files if (name := _NAME.fullmatch(file.name)) and name[2] == session
        ]

    def sweep(self, retention_days: float) -> int:
        """Delete what is older; the number of files that were removed."""
        oldest_s, removed = self.now_s() - retention_days * DAY_S, 0
        for folder in self._players():
            for file in folder.iterdir():
                began = _NAME.fullmatch(file.name)
                if began is not None and int(began[1]) < oldest_s:
                    file.unlink(missing_ok=True)
                    removed += 1
            _remove_if_empty(folder)
        return removed

    def total(self) -> tuple[int, int, int]:
        """How many players and files there are, and their bytes."""
        players = self._players()
        return len(players), sum(len(list(p.iterdir())) for p in players), _size(self._folder)

    def _players(self) -> list[Path]:
        return (
            [each for each in self._folder.iterdir() if each.is_dir()]
            if self._folder.is_dir()
            else []
        )

    def _of_player(self, subject: str) -> Path:
        digest = hashlib.sha256(subject.encode()).hexdigest()[:DIGEST_CHARACTERS]
        return self._folder / digest


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _delete(file: Path) -> int:
    with suppress(FileNotFoundError):  # deleted meanwhile
        size = file.stat().st_size
        file.unlink()
        return size
    return 0


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):  # a session that begins has just made a file in it
        folder.rmdir()
