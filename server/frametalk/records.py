"""What is stored of players who agreed to it: words and sound, in files that can be deleted by player.

A player's files lie in a folder of their own, whose name is a digest of the name in the token. A player
without one is known by the session's id. Files begin with the time of their session, so that old ones are
found without opening them.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import shutil
import time
import wave
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from frametalk.places import user_data

log = logging.getLogger(__name__)

DAY_S = 86_400
DIGEST_CHARACTERS = 32
_NAME = re.compile(r"(\d+)-([\w-]+)\.(?:jsonl|wav|recording)")


def default_folder() -> Path:
    """Where records lie if the settings name no folder."""
    return user_data() / "records"


class Records:
    """All records in a folder. `now_s` returns seconds since 1970."""

    def __init__(self, folder: Path, now_s: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self.now_s = now_s

    def of(self, subject: str, session: str, *, store: bool, record: bool) -> SessionRecord:
        """The record of one session, with words (`store`), sound (`record`), both or neither."""
        folder = self._of_player(subject or session)
        return SessionRecord(folder, session, self.now_s, store=store, record=record)

    def path(self, subject: str, session: str, suffix: str) -> Path:
        """A file of a session that begins now, for who writes it; the folder may not exist yet."""
        return self._of_player(subject or session) / f"{int(self.now_s())}-{session}.{suffix}"

    def delete(self, subject: str) -> int:
        """Delete everything of a player, or of a session by its id; how many bytes were removed."""
        folder = self._of_player(subject)
        size = _size(folder)
        if folder.exists():
            shutil.rmtree(folder)
        return size + sum(map(self._delete, self._of_session(subject)))

    def _of_session(self, session: str) -> list[Path]:
        files = (file for player in self._players() for file in player.iterdir())
        return [
            file for file in files if (name := _NAME.fullmatch(file.name)) and name[2] == session
        ]

    def _delete(self, file: Path) -> int:
        size = file.stat().st_size
        file.unlink(missing_ok=True)
        if not any(file.parent.iterdir()):
            file.parent.rmdir()
        return size

    def sweep(self, retention_days: float) -> int:
        """Delete what is older; the number of files that were removed."""
        oldest_s, removed = self.now_s() - retention_days * DAY_S, 0
        for folder in self._players():
            for file in folder.iterdir():
                began = _NAME.fullmatch(file.name)
                if began is not None and int(began[1]) < oldest_s:
                    file.unlink(missing_ok=True)
                    removed += 1
            if not any(folder.iterdir()):
                folder.rmdir()
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


class SessionRecord:
    """One session's files; none is made before there is something to write.

    A record that cannot be written, or whose player's folder was deleted, ends; the session goes on.
    """

    def __init__(
        self,
        folder: Path,
        session: str,
        now_s: Callable[[], float] = time.time,
        *,
        store: bool = False,
        record: bool = False,
    ) -> None:
        self._folder = folder
        self._base = f"{int(now_s())}-{session}"
        self._now_s = now_s
        self._store = store
        self.takes_sound = record
        self._begun = False
        self._wave: wave.Wave_write | None = None
        self._file: BinaryIO | None = None  # the wave writer closes only files that it has opened

    def words(self, who: str, text: str, **more: str | int | None) -> None:
        """Store what somebody said."""
        if not (self._store and text):
            return
        entry = {"time": round(self._now_s(), 3), "who": who, "text": text, **more}
        line = json.dumps(entry, ensure_ascii=False).encode() + b"\n"
        try:
            self._begin()
            with open(self._folder / f"{self._base}.jsonl", "ab", opener=_private) as out:
                out.write(line)
        except OSError as error:
            self._end(error)

    def sound(self, pcm: bytes, rate_hz: int) -> None:
        """Store sound of the player, int16 mono, if it `takes_sound`; the rate stays the same."""
        if not self.takes_sound:
            return
        try:
            self._begin()
            if self._wave is None:
                raw = open(self._folder / f"{self._base}.wav", "wb", opener=_private)  # noqa: SIM115  (until close)
                self._wave = wave.open(raw, "wb")  # noqa: SIM115  (until close)
                self._wave.setparams((1, 2, rate_hz, 0, "NONE", ""))
                self._file = raw
            self._wave.writeframesraw(pcm)
        except OSError as error:
            self._end(error)

    def close(self) -> None:
        """The session has ended."""
        self.takes_sound = self._store = False
        sound, file = self._wave, self._file
        self._wave = self._file = None
        if sound is not None and file is not None:
            try:
                sound.close()
                file.close()
            except OSError as error:
                log.error("a recording cannot be completed: %s", error.strerror)

    def _begin(self) -> None:
        if not self._begun:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._begun = True
        elif not self._folder.is_dir():
            raise FileNotFoundError(2, "the player's records were deleted")

    def _end(self, error: OSError) -> None:
        log.error("this session is not stored any more: %s", error.strerror)
        self.close()


NO_RECORD = SessionRecord(Path(), "")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
