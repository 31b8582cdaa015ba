"""Writes recordings to files."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from frametalk import __version__
from frametalk.config import FrametalkSettings
from frametalk.disk_writer import DiskWriter
from frametalk.records import Records
from frametalk.replay.files import MARK, Header, framed
from frametalk.replay.recorder import Recorder
from frametalk.replay.settings import kept_settings

log = logging.getLogger(__name__)

MAX_WAITING = 256  # batches of all sessions; a disk that is so late loses the recordings
MEGABYTE = 1_000_000


class Recordings:
    """The recordings of a server's sessions, beside the other records of their players."""

    def __init__(self, settings: FrametalkSettings, records: Records) -> None:
        self._settings = settings
        self._records = records
        self._writer = DiskWriter("recordings", MAX_WAITING)

    def of(self, session: str, now: Callable[[], float]) -> Recorder:
        """The recorder of a session that begins. Nothing is written before the player agrees."""
        return Recorder(now, FileSink(self._settings, self._records, self._writer, session))

    def flush(self, limit_s: float | None = None) -> bool:
        """Wait until all is written, or for so long; whether it is."""
        return self._writer.flush(limit_s)


class FileSink:
    """One recording's file. It ends at `privacy.recording_mb`, when the disk is late, or with a failure."""

    def __init__(
        self, settings: FrametalkSettings, records: Records, writer: DiskWriter, session: str
    ) -> None:
        self._settings = settings
        self._records = records
        self._writer = writer
        self._session = session
        self._left = int(settings.privacy.recording_mb * MEGABYTE)
        self._ended = False
        self._file: BinaryIO | None = None
        self._path = Path()

    # ---- on the event loop -----------------------------------------------------------------------

    def begin(self, subject: str, base_us: int, engines: dict[str, Any]) -> None:
        """The player agrees."""
        self._path = self._records.path(subject, self._session, "recording")
        header = Header(
            frametalk=__version__,
            session=self._session,
            began=self._records.now_s(),
            base_us=base_us,
            settings=kept_settings(self._settings),
            engines=engines,
        )
        self._writer.do(lambda: self._open(header), always=True)

    def add(self, entries: list[Any]) -> bool:
        """Take a batch; False if the recording has ended."""
        if not self._ended and not self._writer.do(lambda: self._write(entries)):
            self.end("the disk was late")
        return not self._ended

    def end(self, why: str) -> None:
        """No more will come."""
        if not self._ended:
            self._ended = True
            self._writer.do(lambda: self._close(why), always=True)

    # ---- in the thread ---------------------------------------------------------------------------

    def _open(self, header: Header) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = self._new_file()
            self._file.write(MARK + framed(header))
        except OSError as error:
            self._fail(error)

    def _new_file(self) -> BinaryIO:
        """A session that is restored within a second has two recordings."""
        while True:
            try:
                return open(self._path, "xb", opener=_private)
            except FileExistsError:
                began, rest = self._path.name.split("-", 1)
                self._path = self._path.with_name(f"{int(began) + 1}-{rest}")

    def _write(self, entries: list[Any]) -> None:
        if self._file is None:
            return
        data = framed(entries)
        self._left -= len(data)
        if self._left < 0:
            self._ended = True
            self._close("privacy.recording_mb was reached")
            return
        try:
            if not self._path.exists():
                raise FileNotFoundError(2, "the player's records were deleted")
            self._file.write(data)
        except OSError as error:
            self._fail(error)

    def _close(self, why: str) -> None:
        file, self._file = self._file, None
        if file is not None:
            try:
                file.write(framed(why))
                file.close()
            except OSError as error:
                log.error("a recording cannot be completed: %s", error.strerror)

    def _fail(self, error: OSError) -> None:
        log.error("this session is not recorded any more: %s", error.strerror)
        self._ended = True
        file, self._file = self._file, None
        if file is not None:
            file.close()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
