"""Tools that the game offers: their declaration and the states of a call."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from frametalk.core.scene import Scene
from frametalk.errors import FrametalkError, Stage

MAX_DEADLINE_MS = 600_000
_TOOL_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """One tool as the client declares it in `hello`.

    `parameters` is a JSON Schema of type object; a string property with `"x-entity": true` (or a kind,
    `"x-entity": "door"`) must name an entity of the scene by id. `verbs` are the words that players use
    for it; they bias the recogniser. Tools without world effects may run before a turn is committed.
    """

    name: str
    description: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    changes_world: bool = True
    deadline_ms: int = 2000
    verbs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolOutcome:
    """How a call ended, as the mind gets to hear it.

    `state` is one of done, refused, failed, timed_out, cancelled, invalid; `reason` is for the last five.
    """

    call: int
    name: str
    args: dict[str, Any]
    state: str
    value: Any = None
    reason: str = ""


class CallState(StrEnum):
    """Where a call stands; the last six are its end, and a call ends once."""

    PROPOSED = "proposed"
    SENT = "sent"
    ACKED = "acked"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    INVALID = "invalid"


OPEN_STATES = frozenset({CallState.PROPOSED, CallState.SENT, CallState.ACKED})

# Which ends a call can come to, by where it stands. What is not here is refused or ignored.
_ENDS: dict[CallState, frozenset[CallState]] = {
    CallState.PROPOSED: frozenset({CallState.CANCELLED}),
    CallState.SENT: frozenset(
        {
            CallState.DONE,
            CallState.REFUSED,
            CallState.FAILED,
            CallState.TIMED_OUT,
            CallState.CANCELLED,
        }
    ),
    CallState.ACKED: frozenset(
        {CallState.DONE, CallState.FAILED, CallState.TIMED_OUT, CallState.CANCELLED}
    ),
}

CheckArgs = Callable[[dict[str, Any]], str]
"""Says what is wrong with a call's arguments by the tool's schema; empty when nothing is."""

REMEMBERED = 256  # ended calls whose late answers are still told apart


@dataclass(slots=True)
class ToolCallRecord:
    """One call on its way."""

    call: int
    spec: ToolSpec
    args: dict[str, Any]
    state: CallState = CallState.PROPOSED


class ToolBook:
    """One session's tools and calls. Calls count from 1; each ends exactly once, with a ToolOutcome.

    `compile_schema(parameters)` makes a checker of arguments, or raises ValueError with what is wrong.
    """

    def __init__(self, compile_schema: Callable[[dict[str, Any]], CheckArgs]) -> None:
        self._compile_schema = compile_schema
        self._tools: dict[str, tuple[ToolSpec, CheckArgs]] = {}
        self._calls: dict[int, ToolCallRecord] = {}
        self._last = 0

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """The tools that can be called."""
        return tuple(spec for spec, _check in self._tools.values())

    def declare(self, spec: ToolSpec) -> None:
        """Add a tool. Raises FrametalkError `tool_schema`; the tool is then left out."""
        if not _TOOL_NAME.fullmatch(spec.name):
            raise _schema_error(spec, "its name must be 1 to 64 letters, digits, _ or -")
        if spec.name in self._tools:
            raise _schema_error(spec, "it is declared twice")
        if not 0 < spec.deadline_ms <= MAX_DEADLINE_MS:
            raise _schema_error(spec, f"deadline_ms must be 1 to {MAX_DEADLINE_MS}")
        if spec.parameters.get("type", "object") != "object":
            raise _schema_error(spec, "its parameters must be a schema of type object")
        try:
            self._tools[spec.name] = (spec, self._compile_schema(spec.parameters))
        except ValueError as error:
            raise _schema_error(spec, str(error)) from None

    def propose(
        self, name: str, args: dict[str, Any], scene: Scene
    ) -> ToolCallRecord | ToolOutcome:
        """A call that may be sent, or, where tool, schema or scene forbid it, its invalid outcome."""
        self._last += 1
        if name not in self._tools:
            return self._invalid(name, args, f"there is no tool {name!r}")
        spec, check = self._tools[name]
        wrong = check(args) or _wrong_entity(spec, args, scene)
        if wrong:
            return self._invalid(name, args, wrong)
        record = ToolCallRecord(self._last, spec, args)
        self._calls[record.call] = record
        self._forget_old()
        return record

    def record(self, call: int) -> ToolCallRecord:
        """A call that was proposed. Raises FrametalkError `tool_unknown_call`."""
        if call not in self._calls:
            raise FrametalkError(
                "tool_unknown_call",
                f"there is no call {call}",
                stage=Stage.TOOL,
                remedy="answer with the id of the tool.call",
            )
        return self._calls[call]

    def sent(self, call: int) -> ToolCallRecord:
        """The call leaves for the game."""
        record = self.record(call)
        record.state = CallState.SENT
        return record

    def ack(self, call: int, accepted: bool, reason: str) -> ToolOutcome | None:
        """The game takes the call (None) or refuses it. Answers to calls that are over raise."""
        record = self._answered(call)
        if record is None:
            return None
        if accepted:
            record.state = CallState.ACKED
            return None
        return self._end(call, CallState.REFUSED, reason=reason)

    def result(self, call: int, ok: bool, value: Any, reason: str) -> ToolOutcome | None:
        """The game is done with the call. Answers to calls that are over raise."""
        if self._answered(call) is None:
            return None
        return self._end(call, CallState.DONE if ok else CallState.FAILED, value, reason)

    def expire(self, call: int) -> ToolOutcome | None:
        """The deadline has passed; None if the call is over already."""
        return self._end(call, CallState.TIMED_OUT, reason="there was no answer in time")

    def cancel(self, call: int, reason: str) -> ToolOutcome | None:
        """The call is no longer wanted; None if it is over already."""
        return self._end(call, CallState.CANCELLED, reason=reason)

    def _answered(self, call: int) -> ToolCallRecord | None:
        """The open call that an answer is for; None for one that was cancelled, which is no error."""
        record = self.record(call)
        if record.state is CallState.CANCELLED:
            return None
        if record.state is CallState.TIMED_OUT:
            raise FrametalkError(
                "tool_late_result",
                f"call {call} timed out after {record.spec.deadline_ms} ms",
                stage=Stage.TOOL,
                remedy="answer sooner, or declare a longer deadline_ms",
            )
        if record.state not in OPEN_STATES:
            raise FrametalkError(
                "tool_twice",
                f"call {call} is over: {record.state}",
                stage=Stage.TOOL,
                remedy="answer each call once",
            )
        return record

    def _end(
        self, call: int, state: CallState, value: Any = None, reason: str = ""
    ) -> ToolOutcome | None:
        record = self.record(call)
        if state not in _ENDS.get(record.state, frozenset()):
            return None
        record.state = state
        return ToolOutcome(call, record.spec.name, record.args, state, value, reason)

    def _invalid(self, name: str, args: dict[str, Any], reason: str) -> ToolOutcome:
        return ToolOutcome(self._last, name, args, CallState.INVALID, reason=reason)

    def _forget_old(self) -> None:
        over = [call for call, record in self._calls.items() if record.state not in OPEN_STATES]
        for call in over[:-REMEMBERED]:
            del self._calls[call]


def _wrong_entity(spec: ToolSpec, args: dict[str, Any], scene: Scene) -> str:
    """What is wrong with the entities that a call names; empty when nothing is."""
    properties = spec.parameters.get("properties", {})
    for key, value in args.items():
        schema = properties.get(key)
        wanted = schema.get("x-entity") if isinstance(schema, dict) else None
        if not wanted:
            continue
        entity = scene.entities.get(value) if isinstance(value, str) else None
        if entity is None:
            return f"{key}: there is no {value!r} here"
        if isinstance(wanted, str) and entity.kind != wanted:
            return f"{key}: {entity.name} is no {wanted}"
        if wanted is True and entity.affordances and spec.name not in entity.affordances:
            return f"{key}: one cannot {spec.name} the {entity.name}"
    return ""


def _schema_error(spec: ToolSpec, what: str) -> FrametalkError:
    return FrametalkError(
        "tool_schema",
        f"tool {spec.name[:64]!r}: {what}",
        stage=Stage.TOOL,
        remedy="mend its declaration in hello; the other tools are served",
    )
