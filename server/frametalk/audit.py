"""The audit log: which tools were called and what the guard decided, without a word of what was said."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from frametalk.disk_writer import DiskWriter

if TYPE_CHECKING:
    from frametalk.config import AuditSettings

log = logging.getLogger(__name__)

MAX_WAITING = 4_096  # lines
MEGABYTE = 1_000_000


class AuditLog:
    """Lines of JSON in a file: at most `max_mb`, then it is renamed, and `kept` older ones stay.

    Without a file nothing is written. Nothing here waits for the disk. A line that cannot be written, or
    for which the disk is late, is lost: `lost` is called for each, the first is said in the log, and the
    next line that is written follows one of the kind `lost` with their number. `now_s` returns seconds
    since 1970.
    """

    def __init__(
        self,
        settings: AuditSettings | None = None,
        lost: Callable[[], None] = lambda: None,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self._file = Path(settings.file) if settings and settings.file else None
        self._max_bytes = int(settings.max_mb * MEGABYTE) if settings else 0
        self._kept = settings.kept if settings else 0
        self._count_lost = lost
        self._now_s = now_s
        self._writer = DiskWriter("audit log", MAX_WAITING)
        self._lost = 0  # lines since the last one that was written
        self._losing = threading.Lock()  # the event loop and the writer's thread both lose lines

    def of(self, session: str) -> SessionAudit:
        """The log of one session."""
        return SessionAudit(self, session, self._now_s)

    def write(self, entry: dict[str, Any]) -> None:
        """Write one line."""
        if (file := self._file) is not None:
            line = _line(entry)
            if not self._writer.do(lambda: self._write(file, line)):
                self._lose("the disk is late")

    def flush(self, limit_s: float | None = None) -> bool:
        """Wait until all is written, or for so long; whether it is."""
        return self._writer.flush(limit_s)

    def _lose(self, why: str) -> None:
        with self._losing:
            self._lost += 1
            first = self._lost == 1
        if first:
            log.error("the audit log cannot be written: %s", why)
        self._count_lost()

    # ---- in the writer's thread ------------------------------------------------------------------

    def _write(self, file: Path, line: bytes) -> None:
        lost = self._lost
        if lost:
            line = _line({"time": round(self._now_s(), 3), "kind": "lost", "lines": lost}) + line
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            if file.exists() and file.stat().st_size + len(line) > self._max_bytes:
                self._rotate(file)
            with file.open("ab") as out:
                out.write(line)
        except OSError as error:
            self._lose(error.strerror or str(error))
        else:
            with self._losing:
                self._lost -= lost

    def _rotate(self, file: Path) -> None:
        for number in range(self._kept, 0, -1):
            older = file.with_name(f"{file.name}.{number}")
            newer = file.with_name(f"{file.name}.{number - 1}") if number > 1 else file
            if newer.exists():
                newer.replace(older)
        if not self._kept:
            file.unlink()


def _line(entry: dict[str, Any]) -> bytes:
    return json.dumps(entry, separators=(",", ":")).encode() + b"\n"


class SessionAudit:
    """What one session writes. `now_s` returns seconds since 1970."""

    def __init__(self, whole: AuditLog, session: str, now_s: Callable[[], float]) -> None:
        self._whole = whole
        self._session = session
        self._now_s = now_s

    def write(self, kind: str, **values: str | float | None) -> None:
        """Write what happened: names and numbers only, never words of people."""
        self._whole.write(
            {"time": round(self._now_s(), 3), "session": self._session, "kind": kind, **values}
        )


NO_AUDIT = AuditLog().of("")
