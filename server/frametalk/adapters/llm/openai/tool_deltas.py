"""Assembles tool calls from streamed pieces, which may be out of order, repeated or broken."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from frametalk.adapters.base import ToolRequest

MAX_CALLS = 16
# Twice the limit of a call (core/tools): enough for an error about the size.
MAX_ARGUMENT_CHARACTERS = 32_768


@dataclass(frozen=True, slots=True)
class CallPart:
    """A piece of a call; any field may be missing. `index` is the call's place among all calls."""

    index: int | None = None
    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(slots=True)
class _Call:
    index: int
    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)
    length: int = 0

    def add(self, part: CallPart) -> None:
        self.id = self.id or part.id
        if part.name != self.name:  # some servers repeat it in every piece
            self.name += part.name
        self.length += len(part.arguments)
        if self.length <= MAX_ARGUMENT_CHARACTERS:
            self.arguments.append(part.arguments)

    def request(self) -> ToolRequest:
        args, problem = self._parsed()
        if not self.name:
            problem = "the call does not name a tool"
        return ToolRequest(self.name[:64], args, self.id, problem)

    def _parsed(self) -> tuple[dict[str, Any], str]:
        if self.length > MAX_ARGUMENT_CHARACTERS:
            return {}, f"arguments of {self.length} characters are too large"
        text = "".join(self.arguments).strip()
        if not text:
            return {}, ""
        try:
            value, end = json.JSONDecoder().raw_decode(text)
        except (ValueError, RecursionError):
            return {}, "the arguments are not JSON"
        # A server that sends the whole call again still means one call.
        if text[end:].replace(text[:end], "").strip():
            return {}, "the arguments are not JSON"
        if not isinstance(value, dict):
            return {}, "the arguments are not a JSON object"
        return value, ""


class ToolDeltas:
    """Collects the calls of one answer. A broken call becomes a request with a `problem`."""

    def __init__(self) -> None:
        self._calls: list[_Call] = []

    def __bool__(self) -> bool:
        """Whether any piece has arrived."""
        return bool(self._calls)

    def add(self, part: CallPart) -> None:
        """Add a piece to the call of its id, else of its index, else to the newest call."""
        call = self._call_of(part)
        if call is not None:
            call.add(part)

    def finished(self) -> tuple[ToolRequest, ...]:
        """The calls, in order of their indexes."""
        ordered = sorted(self._calls, key=lambda call: call.index)
        return tuple(call.request() for call in ordered)

    def _call_of(self, part: CallPart) -> _Call | None:
        if part.id:
            same = [call for call in self._calls if call.id == part.id]
            nameless = [call for call in self._calls if not call.id and call.index == part.index]
            found = [*same, *nameless]
        elif part.index is None:
            found = self._calls[-1:] if not part.name else []
        else:
            # Servers that number every call 0 distinguish them by id: the newest continues.
            found = [call for call in reversed(self._calls) if call.index == part.index]
        if found:
            return found[0]
        if len(self._calls) >= MAX_CALLS:
            return None
        index = part.index if part.index is not None else len(self._calls)
        self._calls.append(_Call(index))
        return self._calls[-1]
