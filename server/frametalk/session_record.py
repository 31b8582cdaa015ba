"""What is stored of one session: its words and its sound."""

from __future__ import annotations

import json
import logging
import os
import time
import wave
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import BinaryIO

from frametalk.core.audio import RECOGNITION_RATE_HZ
from frametalk.disk_writer import DiskWriter

log = logging.getLogger(__name__)

BATCH_BYTES = RECOGNITION_RATE_HZ  # of sound that is written at once: half a second
OPEN_TRIES = 3


class DeletedError(Exception):
    """The session's files are gone."""


class RecordFiles:
    """One session's files, for one thread. All methods raise OSError, and DeletedError where it says so.

    They are made at once, and a file that is gone is not made again: a session whose files were deleted,
    by whatever process, stores nothing more.
    """

    def __init__(self, folder: Path, name: str, *, words: bool, sound: bool) -> None:
        self._words = folder / f"{name}.jsonl" if words else None
        self._sound = folder / f"{name}.wav" if sound else None
        self._files = [file for file in (self._words, self._sound) if file is not None]
        self._wave: wave.Wave_write | None = None
        self._used = False
        self._raw: BinaryIO | None = None  # the wave writer closes only files that it has opened
        for tries in range(1, OPEN_TRIES + 1):
            try:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._make()
                break
            except FileNotFoundError:  # a deletion has removed the folder that was just made
                if tries == OPEN_TRIES:
                    raise

    def words(self, line: bytes) -> None:
        """Add a line. Raises DeletedError."""
        self._check()
        assert self._words is not None  # noqa: S101  (words are only given to a file of words)
        try:
            with open(self._words, "ab", opener=_existing) as out:
                out.write(line)
        except FileNotFoundError:
            raise DeletedError from None

    def sound(self, pcm: bytes) -> None:
        """Add sound, int16 mono at RECOGNITION_RATE_HZ. Raises DeletedError."""
        self._check()
        assert self._wave is not None  # noqa: S101  (as above)
        self._wave.writeframesraw(pcm)

    def close(self) -> None:
        """Complete the files; safe twice."""
        sound, raw = self._wave, self._raw
        self._wave = self._raw = None
        if sound is not None and raw is not None:
            with raw:
                sound.close()

    def _make(self) -> None:
        if self._words is not None:
            open(self._words, "ab", opener=_private).close()
        if self._sound is not None:
            self._raw = open(self._sound, "wb", opener=_private)  # noqa: SIM115  (until close)
            self._wave = wave.open(self._raw, "wb")  # noqa: SIM115  (until close)
            self._wave.setparams((1, 2, RECOGNITION_RATE_HZ, 0, "NONE", ""))
            self._wave.writeframesraw(b"")  # the header

    def _check(self) -> None:
        if not all(file.exists() for file in self._files):
            for file in () if self._used else self._files:  # deleted while they were made
                file.unlink(missing_ok=True)
            raise DeletedError
        self._used = True


class SessionRecord:
    """Stores one session. Nothing here waits for the disk: `writer` writes, one thing after the other.

    `now_s` returns seconds since 1970. A record that cannot be written, or whose disk is late, ends, and
    `lost` is called; the session goes on.
    """

    def __init__(
        self,
        folder: Path,
        session: str,
        writer: DiskWriter,
        now_s: Callable[[], float] = time.time,
        lost: Callable[[], None] = lambda: None,
        *,
        store: bool = False,
        record: bool = False,
    ) -> None:
        self._writer = writer
        self._now_s = now_s
        self._lost = lost
        self._store = store
        self.takes_sound = record
        self._pcm = bytearray()  # sound that is not with the writer yet
        self._files: RecordFiles | None = None
        if store or record:
            self._do(partial(self._open, folder, session, int(now_s()), store, record))

    # ---- on the event loop -----------------------------------------------------------------------

    def words(self, who: str, text: str, **more: str | int | None) -> None:
        """Store what somebody said."""
        if self._store and text:
            entry = {"time": round(self._now_s(), 3), "who": who, "text": text, **more}
            line = json.dumps(entry, ensure_ascii=False).encode() + b"\n"
            self._do(partial(self._write_words, line))

    def sound(self, pcm: bytes) -> None:
        """Store sound of the player, int16 mono at RECOGNITION_RATE_HZ, if it `takes_sound`."""
        if self.takes_sound:
            self._pcm += pcm
            if len(self._pcm) >= BATCH_BYTES:
                self._hand_on_sound()

    def close(self) -> None:
        """The session has ended: complete its files."""
        if self.takes_sound and self._pcm:
            self._hand_on_sound()
        if self._store or self.takes_sound:
            self.takes_sound = self._store = False
            self._writer.do(self._close, always=True)

    def _hand_on_sound(self) -> None:
        self._do(partial(self._write_sound, bytes(self._pcm)))
        self._pcm.clear()

    def _do(self, work: Callable[[], None]) -> None:
        if not self._writer.do(partial(self._try, work)):
            self._end("the disk is late", self._lost)
            self._writer.do(self._close, always=True)

    def _end(self, why: str, count: Callable[[], None] = lambda: None) -> None:
        log.error("this session is not stored any more: %s", why)
        self.takes_sound = self._store = False
        count()

    # ---- in the writer's thread ------------------------------------------------------------------

    def _open(self, folder: Path, session: str, began_s: int, words: bool, sound: bool) -> None:
        while any(folder.glob(f"{began_s}-{session}.[jw]*")):
            began_s += 1  # a session that is restored within a second has files of its own
        self._files = RecordFiles(folder, f"{began_s}-{session}", words=words, sound=sound)

    def _write_words(self, line: bytes) -> None:
        if self._files is not None:
            self._files.words(line)

    def _write_sound(self, pcm: bytes) -> None:
        if self._files is not None:
            self._files.sound(pcm)

    def _try(self, work: Callable[[], None]) -> None:
        try:
            work()
        except DeletedError:
            self._end("its records were deleted")
            self._close()
        except OSError as error:
            self._end(error.strerror or str(error), self._lost)
            self._close()

    def _close(self) -> None:
        files, self._files = self._files, None  # what waits for them is not written any more
        try:
            if files is not None:
                files.close()
        except OSError as error:
            log.error("a recording cannot be completed: %s", error.strerror)


NO_RECORD = SessionRecord(Path(), "", DiskWriter("records", 0))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _existing(path: str, flags: int) -> int:
    return os.open(path, flags & ~os.O_CREAT)
