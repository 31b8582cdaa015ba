"""A session as it was and as it would have been, for people and as data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from frametalk.replay.account import Turn, paired
from frametalk.replay.what_if import Comparison

WITHIN_MS = 50.0  # the session's own work takes no time in a what-if; less is no change


def table(compared: Comparison) -> Iterator[str]:
    """Turn by turn, first as recorded, then as it would have been where that differs."""
    for old, new in paired(compared.before, compared.after):
        if old is None:
            assert new is not None  # noqa: S101  (a pair has one of them)
            yield from _turn("+", new)
        elif new is None:
            yield from _turn("-", old)
        elif changes := _changes(old, new):
            yield from _turn("<", old)
            yield from _turn(">", new)
            yield f"    changed: {', '.join(changes)}"
        else:
            yield from _turn("=", old)
    for question in compared.unknown:
        yield f"    the recording has no answer to {question}"


def as_rows(compared: Comparison) -> dict[str, Any]:
    """The same as data."""
    return {
        "turns": [
            {
                "recorded": None if old is None else _as_row(old),
                "with": None if new is None else _as_row(new),
                "changed": [] if old is None or new is None else _changes(old, new),
            }
            for old, new in paired(compared.before, compared.after)
        ],
        "unknown": list(compared.unknown),
    }


def _as_row(turn: Turn) -> dict[str, Any]:
    return {
        "ended_s": round(turn.ended_s, 3),
        "transcript": turn.transcript,
        "answer_ms": turn.answer_ms,
        "reply": turn.reply,
        "tools": turn.tools,
    }


def _turn(sign: str, turn: Turn) -> Iterator[str]:
    answer = "no sound" if turn.answer_ms is None else f"sound after {turn.answer_ms:.0f} ms"
    tools = "".join(f", {tool}" for tool in turn.tools)
    yield f'{sign} {turn.ended_s:8.3f} s  "{turn.transcript}"  {answer}{tools}  "{turn.reply}"'


def _changes(old: Turn, new: Turn) -> list[str]:
    changes = [
        name
        for name in ("transcript", "reply", "tools")
        if getattr(old, name) != getattr(new, name)
    ]
    if abs(old.ended_s - new.ended_s) * 1000 > WITHIN_MS:
        changes.append(f"turn's end {(new.ended_s - old.ended_s) * 1000:+.0f} ms")
    if None not in (old.answer_ms, new.answer_ms):
        later_ms = (new.answer_ms or 0) - (old.answer_ms or 0)
        if abs(later_ms) > WITHIN_MS:
            changes.append(f"sound {later_ms:+.0f} ms")
    elif old.answer_ms != new.answer_ms:
        changes.append("sound")
    return changes
