"""Tool calls from proposal to their one end, as a table of states."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from frametalk.core.scene import Entity
from frametalk.core.tools import (
    CompileSchema,
    Tool,
    ToolOutcome,
    ToolSpec,
    argument_problem,
    declare,
)
from frametalk.errors import FrametalkError, Stage

MAX_OPEN_CALLS = 32
# Enough to tell a late or second answer from one to a call that never was.
ENDED_REMEMBERED = 256


class CallState(StrEnum):
    """Where a call is. The last six are ends."""

    PROPOSED = "proposed"  # thought of, not with the game
    SENT = "sent"
    ACKED = "acked"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    INVALID = "invalid"


class CallEvent(StrEnum):
    """What can happen to a call."""

    SEND = "send"
    ACCEPT = "accept"
    REFUSE = "refuse"
    SUCCEED = "succeed"
    FAIL = "fail"
    EXPIRE = "expire"
    CANCEL = "cancel"


_S, _E = CallState, CallEvent

TABLE: Mapping[tuple[CallState, CallEvent], CallState] = {
    (_S.PROPOSED, _E.SEND): _S.SENT,
    (_S.PROPOSED, _E.CANCEL): _S.CANCELLED,
    (_S.SENT, _E.ACCEPT): _S.ACKED,
    (_S.SENT, _E.REFUSE): _S.REFUSED,
    (_S.SENT, _E.SUCCEED): _S.DONE,
    (_S.SENT, _E.FAIL): _S.FAILED,
    (_S.SENT, _E.EXPIRE): _S.TIMED_OUT,
    (_S.SENT, _E.CANCEL): _S.CANCELLED,
    (_S.ACKED, _E.SUCCEED): _S.DONE,
    (_S.ACKED, _E.FAIL): _S.FAILED,
    (_S.ACKED, _E.EXPIRE): _S.TIMED_OUT,
    (_S.ACKED, _E.CANCEL): _S.CANCELLED,
}

ENDS = frozenset({_S.DONE, _S.REFUSED, _S.FAILED, _S.TIMED_OUT, _S.CANCELLED, _S.INVALID})


@dataclass(frozen=True, slots=True)
class ToolCallRecord:
    """A call that has not ended. `expires_at_ms` counts on the caller's clock, once it is sent."""

    call: int
    spec: ToolSpec
    args: dict[str, Any]
    turn: int
    scene_rev: int
    state: CallState = CallState.PROPOSED
    expires_at_ms: float | None = None


class ToolBook:
    """One session's tools and calls; tools of a scope that is not among `scopes` are not called.

    Calls count from 1; each ends exactly once, with a ToolOutcome.

    What the game answers to a call that is over or never was raises FrametalkError
    (`tool_unknown_call`, `tool_twice`, `tool_late_result`) and changes nothing; an answer to a cancelled
    call is ignored. `expire` and `cancel` come from ourselves and do nothing to a call that is over.
    """

    def __init__(self, compile_schema: CompileSchema, scopes: Iterable[str] = ()) -> None:
        self._compile_schema = compile_schema
        self._scopes = frozenset(scopes)
        self._tools: dict[str, Tool] = {}
        self._open: dict[int, ToolCallRecord] = {}
        self._ended: OrderedDict[int, CallState] = OrderedDict()
        self._last = 0

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """The tools that can be called, in the order of their declaration."""
        return tuple(tool.spec for tool in self._tools.values() if self._granted(tool.spec))

    @property
    def open_calls(self) -> tuple[ToolCallRecord, ...]:
        """Calls that have not ended, oldest first."""
        return tuple(self._open.values())

    def declare(self, specs: Iterable[ToolSpec], max_tools: int) -> list[FrametalkError]:
        """Take what can be used of the client's declarations; return what is wrong with the rest."""
        problems: list[FrametalkError] = []
        for spec in specs:
            if len(self._tools) >= max_tools:
                problems.append(_too_many(spec, max_tools))
                break
            try:
                self._tools[spec.name] = declare(spec, self._tools, self._compile_schema)
            except FrametalkError as error:
                problems.append(error)
        return problems

    def propose(
        self,
        name: str,
        args: dict[str, Any],
        scene: Mapping[str, Entity],
        *,
        scene_rev: int = 0,
        turn: int = 0,
    ) -> ToolCallRecord | ToolOutcome:
        """A call that may be sent, or, where tool, schema or scene forbid it, its invalid outcome."""
        if problem := self._problem(name, args, scene):
            return self.refuse(name, args, problem)
        self._last += 1
        spec = self._tools[name].spec
        record = ToolCallRecord(self._last, spec, dict(args), turn, scene_rev)
        self._open[record.call] = record
        return record

    def refuse(self, name: str, args: dict[str, Any], problem: str) -> ToolOutcome:
        """The invalid outcome of a call that cannot be made."""
        self._last += 1
        self._remember(self._last, CallState.INVALID)
        return ToolOutcome(self._last, name, args, CallState.INVALID, reason=problem)

    def send(self, call: int, due_ms: float) -> ToolCallRecord | None:
        """The call goes out; its deadline runs from `due_ms`. None when it is out or over already.

        `due_ms` is when the game should begin: the present, or when the reply's clock will be there.
        """
        record = self._open.get(call)
        if record is None or record.state is not CallState.PROPOSED:
            return None
        self._move(call, CallEvent.SEND)
        self.begin(call, due_ms)
        return self._open[call]

    def begin(self, call: int, due_ms: float) -> None:
        """The game begins at `due_ms` and not when `send` was told: the deadline runs from there."""
        record = self._open.get(call)
        if record is not None and record.state is not CallState.PROPOSED:
            self._open[call] = replace(record, expires_at_ms=due_ms + record.spec.deadline_ms)

    def ack(self, call: int, accepted: bool = True, reason: str = "") -> ToolOutcome | None:
        """The game takes the call (None) or refuses it (its outcome). A second ack is ignored."""
        return self._answered(call, CallEvent.ACCEPT if accepted else CallEvent.REFUSE, reason)

    def result(
        self, call: int, ok: bool, value: Any = None, reason: str = ""
    ) -> ToolOutcome | None:
        """The game is done or has failed. None when the call was cancelled."""
        return self._answered(call, CallEvent.SUCCEED if ok else CallEvent.FAIL, reason, value)

    def due(self, now_ms: float) -> tuple[int, ...]:
        """Calls whose deadline has passed; `expire` them."""
        return tuple(
            record.call
            for record in self._open.values()
            if record.expires_at_ms is not None and record.expires_at_ms <= now_ms
        )

    def next_deadline_ms(self) -> float | None:
        """When `due` should be asked next; None when no call is out."""
        deadlines = (record.expires_at_ms for record in self._open.values())
        return min((at_ms for at_ms in deadlines if at_ms is not None), default=None)

    def expire(self, call: int) -> ToolOutcome | None:
        """The deadline has passed; None when the call is over already."""
        return self._move(call, CallEvent.EXPIRE, "there was no answer in time")

    def cancel(self, call: int, reason: str = "it is no longer wanted") -> ToolOutcome | None:
        """The call is no longer wanted; None when it is over already."""
        return self._move(call, CallEvent.CANCEL, reason)

    def _problem(self, name: str, args: Any, scene: Mapping[str, Entity]) -> str:
        if name not in self._tools:
            return f"there is no tool {name[:64]!r}"
        if not self._granted(self._tools[name].spec):
            return f"{name} is not permitted here"
        if len(self._open) >= MAX_OPEN_CALLS:
            return f"{MAX_OPEN_CALLS} calls are under way already"
        return argument_problem(self._tools[name], args, scene)

    def _granted(self, spec: ToolSpec) -> bool:
        return not spec.scope or spec.scope in self._scopes

    def _answered(
        self, call: int, event: CallEvent, reason: str, value: Any = None
    ) -> ToolOutcome | None:
        record = self._open.get(call)
        if record is not None and record.state is not CallState.PROPOSED:
            return self._move(call, event, reason, value)
        ended = self._ended.get(call)
        if ended is CallState.CANCELLED:
            return None
        raise _answer_refused(call, ended)

    def _move(
        self, call: int, event: CallEvent, reason: str = "", value: Any = None
    ) -> ToolOutcome | None:
        """Go where the table leads; an event without a row changes nothing."""
        record = self._open.get(call)
        if record is None or (record.state, event) not in TABLE:
            return None
        state = TABLE[record.state, event]
        if state not in ENDS:
            self._open[call] = replace(record, state=state)
            return None
        del self._open[call]
        self._remember(call, state)
        said = "" if state is CallState.DONE else reason
        return ToolOutcome(call, record.spec.name, record.args, state, value, said)

    def _remember(self, call: int, state: CallState) -> None:
        self._ended[call] = state
        while len(self._ended) > ENDED_REMEMBERED:
            self._ended.popitem(last=False)


def _answer_refused(call: int, state: CallState | None) -> FrametalkError:
    """Why an answer cannot be taken. For the game, a call that was not sent never was."""
    if state is CallState.TIMED_OUT:
        return FrametalkError(
            "tool_late_result",
            f"the answer to call {call} came after its deadline",
            stage=Stage.TOOL,
            remedy="answer sooner, or declare a longer deadline_ms",
        )
    if state in {CallState.DONE, CallState.REFUSED, CallState.FAILED}:
        return FrametalkError(
            "tool_twice",
            f"call {call} is over: {state}",
            stage=Stage.TOOL,
            remedy="answer each call once",
        )
    return FrametalkError(
        "tool_unknown_call",
        f"there is no call {call}",
        stage=Stage.TOOL,
        remedy="answer with the id of tool.call",
    )


def _too_many(spec: ToolSpec, max_tools: int) -> FrametalkError:
    return FrametalkError(
        "tool_schema",
        f"tool {spec.name[:64]!r} and those after it: more than {max_tools} tools",
        stage=Stage.TOOL,
        remedy="declare fewer tools",
    )
