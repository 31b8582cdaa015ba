"""A failure as the client hears of it."""

from __future__ import annotations

from frametalk.errors import FrametalkError
from frametalk.wire.messages import Error

MAX_TEXT = 4_000


def error_message(error: FrametalkError, ref: str = "") -> Error:
    """The wire's `error` for a failure; `ref` is the type of the message that caused it."""
    return Error(
        code=error.code,
        text=error.text[:MAX_TEXT],
        stage=error.stage,
        fault=error.fault,
        remedy=error.remedy[:MAX_TEXT],
        ref=ref,
        fatal=error.fatal,
    )
