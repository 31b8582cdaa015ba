"""The conversation so far as messages: what the player said, what the character did and said. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from frametalk.adapters.base import MindRequest
from frametalk.adapters.llm.openai.scene_text import (
    CHARACTERS_PER_TOKEN,
    data_line,
    events_block,
    player_block,
)
from frametalk.core.dialogue import CharacterSaid, Entry, PlayerSaid, ToolRan
from frametalk.core.tools import ToolOutcome

Message = dict[str, Any]

# Stands for a reply that was not heard: some models require alternating roles.
NOTHING = "\u2026"
CUT = "\u2014"
TURNS_DROPPED_AT_ONCE = 8  # so that the beginning of the history, and its cache, stay the same
MAX_RESULT_CHARACTERS = 4_000


class Calls:
    """Tool calls and their results as messages. Without `tools` they are events of the player's message:
    a template without tools leaves out messages of calls.

    Ids are unique in one prompt; nine letters and digits suit every chat template.
    """

    def __init__(self, *, tools: bool) -> None:
        self._tools = tools
        self._last = 0

    def ran(self, outcomes: Sequence[ToolOutcome], said: str = "") -> list[Message]:
        """The message that requests these calls, with the text `said`, and their results."""
        if not (outcomes and self._tools):
            return [{"role": "assistant", "content": said}] if said else []
        calls, results = [], []
        for outcome in outcomes:
            self._last += 1
            id_ = f"call{self._last:05d}"
            name = re.sub(r"[^A-Za-z0-9_-]", "_", outcome.name)[:64] or "unknown"
            function = {"name": name, "arguments": data_line(outcome.args)}
            calls.append({"id": id_, "type": "function", "function": function})
            results.append({"role": "tool", "tool_call_id": id_, "content": _result(outcome)})
        return [{"role": "assistant", "content": said or None, "tool_calls": calls}, *results]

    def events(self, outcomes: Sequence[ToolOutcome]) -> list[str]:
        """What the character did, where it is not told by messages of calls."""
        if self._tools:
            return []
        lines = ({"you_did": ran.name, **ran.args, **_fields(ran)} for ran in outcomes)
        return [data_line(line)[:MAX_RESULT_CHARACTERS] for line in lines]


def history(request: MindRequest, tokens: int, calls: Calls) -> list[Message]:
    """Messages of the newest earlier turns that fit the budget."""
    earlier = [entry for entry in request.history if entry.turn < request.turn]
    before = sorted(earlier, key=lambda entry: entry.turn)  # a call may end in a later turn
    turns = [list(entries) for _turn, entries in groupby(before, key=lambda entry: entry.turn)]
    per_turn = [_turn_messages(entries, calls) for entries in turns]
    left = tokens * CHARACTERS_PER_TOKEN
    first = len(turns)
    while first and (left := left - _length(per_turn[first - 1])) >= 0:
        first -= 1
    if first:
        # Some do not fit: drop up to the next multiple, which stays the same for several turns.
        first = next(
            (i for i in range(first, len(turns)) if not turns[i][0].turn % TURNS_DROPPED_AT_ONCE),
            first,
        )
    return [message for messages in per_turn[first:] for message in messages]


def _turn_messages(entries: Sequence[Entry], calls: Calls) -> list[Message]:
    """One turn: the player, the calls with their results, what was heard of the reply.

    Always in this order, so that user and assistant alternate.
    """
    words = [entry.text for entry in entries if isinstance(entry, PlayerSaid)]
    replies = [entry for entry in entries if isinstance(entry, CharacterSaid)]
    ran = [entry.outcome for entry in entries if isinstance(entry, ToolRan)]
    said = " ".join(f"{reply.text}{CUT if reply.cut else ''}" for reply in replies)
    user = player_block([" ".join(words)] if words else [])  # empty: the character spoke first
    did = events_block(calls.events(ran)).rstrip()
    return [
        {"role": "user", "content": f"{user}\n{did}" if did else user},
        *calls.ran(ran),
        {"role": "assistant", "content": said or NOTHING},
    ]


def _length(messages: Iterable[Message]) -> int:
    return sum(len(str(message.get("content") or "")) + 40 for message in messages)


def _fields(outcome: ToolOutcome) -> dict[str, Any]:
    fields: dict[str, Any] = {"state": str(outcome.state)}
    if outcome.value is not None:
        fields["value"] = outcome.value
    if outcome.reason:
        fields["reason"] = outcome.reason
    return fields


def _result(outcome: ToolOutcome) -> str:
    fields = _fields(outcome)
    line = data_line(fields)
    if len(line) > MAX_RESULT_CHARACTERS:
        fields["value"] = data_line(outcome.value)[:MAX_RESULT_CHARACTERS] + NOTHING
        fields["reason"] = outcome.reason[:MAX_RESULT_CHARACTERS]
        line = data_line(fields)
    return line
