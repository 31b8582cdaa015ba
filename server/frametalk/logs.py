"""Logs to standard error, as text or as JSON lines, with the session in each line.

What people say is shown at DEBUG only: wrap it in `SpokenText`, and lines above DEBUG show only its length.
"""

from __future__ import annotations

import asyncio
import copy
import json
import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal, TextIO

log = logging.getLogger(__name__)

_session: ContextVar[str] = ContextVar("frametalk_session", default="")


class SpokenText:
    """Words of the player or the character, for a log call: `log.debug("%s", SpokenText(text))`."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        words = len(self.text.split())
        return f"<{words} word{'' if words == 1 else 's'}>"

    __repr__ = __str__


@contextmanager
def session(session_id: str) -> Iterator[None]:
    """Name the session in each line logged inside, also by tasks that are started inside."""
    token = _session.set(session_id)
    try:
        yield
    finally:
        _session.reset(token)


def configure(
    level: str = "INFO", form: Literal["text", "json"] = "text", stream: TextIO | None = None
) -> None:
    """Send frametalk's lines from `level` on, and other libraries' warnings, to `stream` (stderr)."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.addFilter(_add_session)
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("frametalk").setLevel(level)
    logging.captureWarnings(capture=True)


def _add_session(record: logging.LogRecord) -> bool:
    """Called where the line is logged, so the context is the caller's."""
    record.session = _session.get()
    return True


def _reveal(record: logging.LogRecord) -> logging.LogRecord:
    """A copy that shows speech, if its level allows that."""
    if record.levelno > logging.DEBUG or not isinstance(record.args, tuple):
        return record
    shown = copy.copy(record)
    shown.args = tuple(arg.text if isinstance(arg, SpokenText) else arg for arg in record.args)
    return shown


class RateLimit:
    """Lets a line through every `every_s` seconds, and counts the others. `now`: monotonic seconds."""

    def __init__(self, every_s: float, now: Callable[[], float] = time.monotonic) -> None:
        self._every_s = every_s
        self._now = now
        self._count = 0
        self._next_s = -every_s

    def take(self) -> int | None:
        """How often this was called since the last line; None: no line now."""
        self._count += 1
        now_s = self._now()
        if now_s < self._next_s:
            return None
        self._next_s = now_s + self._every_s
        count, self._count = self._count, 0
        return count


class LoopErrors:
    """An event loop's exception handler that logs each kind of failure once in 10 s at most."""

    EVERY_S = 10.0
    MOST_KINDS = 64

    def __init__(self) -> None:
        self._limits: dict[tuple[str, str], RateLimit] = {}

    def __call__(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Log what asyncio reports."""
        error: BaseException | None = context.get("exception")
        message = str(context.get("message", ""))
        kind = (message[:64], type(error).__name__)
        if kind not in self._limits and len(self._limits) >= self.MOST_KINDS:
            kind = ("", "")
        limit = self._limits.setdefault(kind, RateLimit(self.EVERY_S))
        if (count := limit.take()) is not None:
            log.error("%s (%d times)", message, count, exc_info=error)


class TextFormatter(logging.Formatter):
    """`12:00:01.123 INFO app [session] message`, then a traceback if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        record = _reveal(record)
        clock = time.strftime("%H:%M:%S", self.converter(record.created))
        name = record.name.removeprefix("frametalk.")
        session_id = getattr(record, "session", "")
        where = f"{name} [{session_id}]" if session_id else name
        line = (
            f"{clock}.{int(record.msecs):03d} {record.levelname} {where} "
            f"{_one_line(record.getMessage())}"
        )
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return line


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, session, message, and exception."""

    def format(self, record: logging.LogRecord) -> str:
        record = _reveal(record)
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, Any] = {
            "time": f"{stamp}.{int(record.msecs):03d}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if session_id := getattr(record, "session", ""):
            line["session"] = session_id
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def _one_line(text: str) -> str:
    """The text with control characters escaped, so that a client cannot forge a line."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )
