"""Assembles tool calls from streamed pieces, which may be out of order, repeated or broken."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from frametalk.adapters.base import ToolRequest
from frametalk.adapters.llm.openai.tool_arguments import is_complete, read_arguments

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
    perhaps_repeated: bool = False  # begun by a piece that may only repeat the name of another call
    requested: bool = False

    def add(self, part: CallPart) -> None:
        self.id = self.id or part.id
        if part.name != self.name:  # some servers repeat it in every piece
            self.name += part.name
        self.length += len(part.arguments)
        if self.length <= MAX_ARGUMENT_CHARACTERS:
            self.arguments.append(part.arguments)

    @property
    def text(self) -> str:
        return "".join(self.arguments).strip()

    @property
    def is_complete(self) -> bool:
        return bool(self.name) and self.length <= MAX_ARGUMENT_CHARACTERS and is_complete(self.text)

    def is_again(self, part: CallPart) -> bool:
        """Whether the piece is the whole call once more."""
        again = part.name == self.name and part.arguments.strip() == self.text
        return again and self.is_complete

    def request(self) -> ToolRequest:
        args, problem = read_arguments(self.text)
        if self.length > MAX_ARGUMENT_CHARACTERS:
            args, problem = {}, f"arguments of {self.length} characters are too large"
        if not self.name:
            problem = "the call does not name a tool"
        return ToolRequest(self.name[:64], args, self.id, problem)


class ToolDeltas:
    """Collects the calls of one answer. A broken call becomes a request with a `problem`.

    `names` are the tools that exist: they tell a new call from more of a name.
    """

    def __init__(self, names: Collection[str] = ()) -> None:
        self._names = frozenset(names)
        self._calls: list[_Call] = []

    def __bool__(self) -> bool:
        """Whether any piece has arrived."""
        return bool(self._calls)

    def add(self, part: CallPart) -> None:
        """Add a piece to the call of its id, else of its index, else to the newest call."""
        call = self._call_of(part)
        if call is not None:
            call.add(part)

    def complete(self) -> tuple[ToolRequest, ...]:
        """The calls at the beginning whose arguments have arrived, each once."""
        ready: list[_Call] = []
        for call in self._ordered():
            if not (call.requested or call.is_complete):
                break
            ready.append(call)
        return self._requests(ready)

    def finished(self) -> tuple[ToolRequest, ...]:
        """All calls that were not returned yet, in order of their indexes."""
        return self._requests(self._ordered())

    def all(self) -> tuple[ToolRequest, ...]:
        """All calls, in order of their indexes."""
        return tuple(call.request() for call in self._ordered())

    @property
    def are_complete(self) -> bool:
        """Whether no call ends within its arguments."""
        return all(call.is_complete or not read_arguments(call.text)[1] for call in self._calls)

    def _ordered(self) -> list[_Call]:
        calls = [call for call in self._calls if call.text or not call.perhaps_repeated]
        return sorted(calls, key=lambda call: call.index)

    def _requests(self, calls: list[_Call]) -> tuple[ToolRequest, ...]:
        new = [call for call in calls if not call.requested]
        for call in new:
            call.requested = True
        return tuple(call.request() for call in new)

    def _call_of(self, part: CallPart) -> _Call | None:
        call = self._found(part)
        if call is not None and call.is_again(part):
            return None
        begins = call is not None and self._begins(part, call)
        if call is not None and not begins:
            return call
        if len(self._calls) >= MAX_CALLS:
            return None
        index = part.index if part.index is not None else len(self._calls)
        repeats = call is not None and part.name == call.name and not part.arguments.strip()
        self._calls.append(_Call(index, perhaps_repeated=repeats))
        return self._calls[-1]

    def _found(self, part: CallPart) -> _Call | None:
        """The newest call that the piece may belong to."""
        newest = self._calls[::-1]
        if part.id:
            same = [call for call in newest if call.id == part.id]
            same.sort(key=lambda call: call.index != part.index)
            nameless = [call for call in newest if not call.id and call.index == part.index]
            return next(iter([*same, *nameless]), None)
        if part.index is None:
            return newest[0] if newest and not part.name else None
        # Servers that number every call 0 distinguish them by id: the newest continues.
        return next((call for call in newest if call.index == part.index), None)

    def _begins(self, part: CallPart, call: _Call) -> bool:
        """Whether the piece begins another call, though it has the id or the index of this one."""
        if not part.name:
            return False
        if part.name != call.name and {part.name, call.name} <= self._names:
            return True
        if not call.is_complete:
            return False
        # With an id of its own, a piece that only repeats the name is no new call.
        return part.name != call.name or bool(part.arguments.strip()) or not part.id
