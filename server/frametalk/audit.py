"""The audit log: which tools were called and what the guard decided, without a word of what was said."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from frametalk.config import AuditSettings

log = logging.getLogger(__name__)

MEGABYTE = 1_000_000


class AuditLog:
    """Lines of JSON in a file: at most `max_mb`, then it is renamed, and `kept` older ones stay.

    Without a file nothing is written. A line that cannot be written is dropped, and said once in the log.
    """

    def __init__(self, settings: AuditSettings | None = None) -> None:
        self._file = Path(settings.file) if settings and settings.file else None
        self._max_bytes = int(settings.max_mb * MEGABYTE) if settings else 0
        self._kept = settings.kept if settings else 0
        self._failed = False

    def of(self, session: str) -> SessionAudit:
        """The log of one session."""
        return SessionAudit(self, session)

    def write(self, entry: dict[str, Any]) -> None:
        """Write one line."""
        if self._file is None:
            return
        line = json.dumps(entry, separators=(",", ":")).encode() + b"\n"
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            if self._file.exists() and self._file.stat().st_size + len(line) > self._max_bytes:
                self._rotate(self._file)
            with self._file.open("ab") as out:
                out.write(line)
            self._failed = False
        except OSError as error:
            if not self._failed:
                log.error("the audit log cannot be written: %s", error.strerror)
            self._failed = True

    def _rotate(self, file: Path) -> None:
        for number in range(self._kept, 0, -1):
            older = file.with_name(f"{file.name}.{number}")
            newer = file.with_name(f"{file.name}.{number - 1}") if number > 1 else file
            if newer.exists():
                newer.replace(older)
        if not self._kept:
            file.unlink()


class SessionAudit:
    """What one session writes. `now_s` returns seconds since 1970."""

    def __init__(
        self, whole: AuditLog, session: str, now_s: Callable[[], float] = time.time
    ) -> None:
        self._whole = whole
        self._session = session
        self._now_s = now_s

    def write(self, kind: str, **values: str | float | None) -> None:
        """Write what happened: names and numbers only, never words of people."""
        self._whole.write(
            {"time": round(self._now_s(), 3), "session": self._session, "kind": kind, **values}
        )


NO_AUDIT = AuditLog().of("")
