"""Events and the player's words, as delimited data for a model. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from frametalk.adapters.base import MindRequest

CHARACTERS_PER_TOKEN = 4  # an estimate for English, good enough for a budget
_EVENTS_SHARE = 4  # events may take a quarter of the budget

_JSON = json.JSONEncoder(ensure_ascii=False, default=str, skipkeys=True, separators=(",", ":"))
# What could close a block, end a line, or is not a character: escaped as JSON's \uXXXX.
_ESCAPED = re.compile("[<>&\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def data_line(value: Any) -> str:
    """A value as one line of JSON that cannot close a block; it reads back as the same value."""
    try:
        text = _JSON.encode(value)
    except (ValueError, RecursionError):
        text = '"(data that cannot be shown)"'
    return _ESCAPED.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def block(name: str, lines: Iterable[str]) -> str:
    """Lines of data between an opening and a closing tag."""
    return "\n".join((f"<{name}>", *lines, f"</{name}>"))


def player_block(readings: Sequence[str]) -> str:
    """What the player said: the best reading first, the others after it."""
    return block("player", map(data_line, dict.fromkeys(readings)))


def events_block(lines: Sequence[str]) -> str:
    """Events, oldest first; empty without any."""
    return block("events", lines) + "\n" if lines else ""


def event_lines(request: MindRequest, budget_tokens: int) -> list[str]:
    """The newest events that fit a quarter of the budget, oldest first."""
    lines: list[str] = []
    left = budget_tokens * CHARACTERS_PER_TOKEN // _EVENTS_SHARE
    for event in reversed(request.happenings):
        fields: dict[str, Any] = {"name": event.name, "entity": event.entity}
        fields |= {"text": event.text, "data": dict(event.data)}
        line = data_line({key: value for key, value in fields.items() if value})
        left -= len(line) + 1
        if left < 0:
            break
        lines.append(line)
    return lines[::-1]
