"""Tool calls from proposal to outcome: one table of states."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from frametalk.core.scene import Entity
from frametalk.core.tools import (
    MAX_SESSION_VERBS,
    CompileSchema,
    Tool,
    ToolOutcome,
    ToolSpec,
    argument_problem,
    declare,
)
from frametalk.errors import FrametalkError, Stage

MAX_OPEN_CALLS = 32
# Ended calls that are kept, to tell a late or second answer from one to an unknown call.
MAX_ENDED_CALLS = 256


class CallState(StrEnum):
    """The state of a call; the last six are final."""

    PROPOSED = "proposed"  # not sent to the game yet
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
    """A call that has not ended. `expires_at_ms`: on the caller's clock; None until the call is sent."""

    call: int
    spec: ToolSpec
    args: dict[str, Any]
    turn: int
    scene_rev: int
    state: CallState = CallState.PROPOSED
    expires_at_ms: float | None = None


@dataclass(frozen=True, slots=True)
class KeptCall:
    """A call that has not ended; `left_ms` of its deadline, None while that does not run."""

    call: int
    name: str
    args: dict[str, Any]
    turn: int
    scene_rev: int
    state: CallState
    left_ms: float | None


@dataclass(frozen=True, slots=True)
class KeptCalls:
    """The calls of a session as they outlive a server that restarts."""

    last: int
    open: tuple[KeptCall, ...]
    ended: dict[int, CallState]


class ToolBook:
    """One session's tools and calls. A tool whose scope is not in `scopes` cannot be called.

    Calls count from 1; each ends exactly once, with a ToolOutcome.

    An answer of the game to an ended or unknown call raises FrametalkError (`tool_unknown_call`,
    `tool_twice`, `tool_late_result`) and changes nothing; an answer to a cancelled call is ignored.
    `expire` and `cancel` have no effect on an ended call.
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
        """The tools that can be called, in the order in which they were declared."""
        return tuple(tool.spec for tool in self._tools.values() if self._granted(tool.spec))

    def end(self) -> None:
        """The session has ended: free the tools, of which a client may have megabytes."""
        self._tools.clear()

    @property
    def open_calls(self) -> tuple[ToolCallRecord, ...]:
        """Calls that have not ended, oldest first."""
        return tuple(self._open.values())

    def kept(self, now_ms: float) -> KeptCalls:
        """All calls that the game knows of, to be restored elsewhere."""
        calls = tuple(
            KeptCall(
                record.call,
                record.spec.name,
                record.args,
                record.turn,
                record.scene_rev,
                record.state,
                None if record.expires_at_ms is None else record.expires_at_ms - now_ms,
            )
            for record in self._open.values()
            if record.state is not CallState.PROPOSED
        )
        return KeptCalls(self._last, calls, dict(self._ended))

    def restore(self, kept: KeptCalls, now_ms: float) -> None:
        """Go on from the calls of another book with the same tools."""
        self._last, self._ended = kept.last, OrderedDict(kept.ended)
        for call in kept.open:
            expires_at_ms = None if call.left_ms is None else now_ms + call.left_ms
            self._open[call.call] = ToolCallRecord(
                call.call,
                self._tools[call.name].spec,
                call.args,
                call.turn,
                call.scene_rev,
                call.state,
                expires_at_ms,
            )

    def declare(self, specs: Iterable[ToolSpec], max_tools: int) -> list[FrametalkError]:
        """Add the valid declarations of the client; return what is wrong with the others."""
        problems: list[FrametalkError] = []
        for spec in specs:
            if len(self._tools) >= max_tools:
                problems.append(_too_many(spec, max_tools))
                break
            verbs = sum(len(tool.spec.verbs) for tool in self._tools.values())
            try:
                tool = declare(spec, self._tools, self._compile_schema)
                known = replace(spec, verbs=spec.verbs[: MAX_SESSION_VERBS - verbs])
                self._tools[spec.name] = replace(tool, spec=known)
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
        """A new call, or its outcome `invalid` if tool, schema or scene do not allow it."""
        if problem := self._problem(name, args, scene):
            return self.reject(name, args, problem)
        self._last += 1
        spec = self._tools[name].spec
        record = ToolCallRecord(self._last, spec, dict(args), turn, scene_rev)
        self._open[record.call] = record
        return record

    def reject(self, name: str, args: dict[str, Any], problem: str) -> ToolOutcome:
        """The outcome `invalid` of a call that cannot be made; it takes a number too."""
        self._last += 1
        self._keep_ended(self._last, CallState.INVALID)
        return ToolOutcome(self._last, name, args, CallState.INVALID, reason=problem)

    def send(self, call: int, due_ms: float | None) -> ToolCallRecord | None:
        """Mark the call as sent; its deadline runs from `due_ms`. None if it was sent or has ended.

        Without `due_ms` the call waits for its reply's clock, and its deadline runs from `begin`.
        """
        record = self._open.get(call)
        if record is None or record.state is not CallState.PROPOSED:
            return None
        self._move(call, CallEvent.SEND)
        if due_ms is not None:
            self.begin(call, due_ms)
        return self._open[call]

    def begin(self, call: int, due_ms: float) -> None:
        """Let the deadline run from `due_ms`, when the game begins."""
        record = self._open.get(call)
        if record is not None and record.state is not CallState.PROPOSED:
            self._open[call] = replace(record, expires_at_ms=due_ms + record.spec.deadline_ms)

    def ack(self, call: int, accepted: bool = True, reason: str = "") -> ToolOutcome | None:
        """The game accepts the call (None) or refuses it (its outcome). A second ack is ignored."""
        return self._answered(call, CallEvent.ACCEPT if accepted else CallEvent.REFUSE, reason)

    def result(
        self, call: int, ok: bool, value: Any = None, reason: str = ""
    ) -> ToolOutcome | None:
        """The game has done the call or failed: its outcome; None if it was cancelled before."""
        return self._answered(call, CallEvent.SUCCEED if ok else CallEvent.FAIL, reason, value)

    def due(self, now_ms: float) -> tuple[int, ...]:
        """Calls whose deadline has passed; the caller expires them."""
        return tuple(
            record.call
            for record in self._open.values()
            if record.expires_at_ms is not None and record.expires_at_ms <= now_ms
        )

    def next_deadline_ms(self) -> float | None:
        """When the next deadline passes; None if no call is with the game."""
        deadlines = (record.expires_at_ms for record in self._open.values())
        return min((at_ms for at_ms in deadlines if at_ms is not None), default=None)

    def expire(self, call: int) -> ToolOutcome | None:
        """End the call because its deadline has passed; None if it has ended."""
        return self._move(call, CallEvent.EXPIRE, "there was no answer in time")

    def cancel(self, call: int, reason: str = "it is no longer wanted") -> ToolOutcome | None:
        """End the call because it is not wanted any more; None if it has ended."""
        return self._move(call, CallEvent.CANCEL, reason)

    def _problem(self, name: str, args: Any, scene: Mapping[str, Entity]) -> str:
        if name not in self._tools:
            return f"there is no tool {name[:64]!r}"
        if not self._granted(self._tools[name].spec):
            return f"{name} is not permitted here"
        if len(self._open) >= MAX_OPEN_CALLS:
            return f"{MAX_OPEN_CALLS} calls are under way, the most there can be"
        return argument_problem(self._tools[name], args, scene)

    def _granted(self, spec: ToolSpec) -> bool:
        return not spec.scope or spec.scope in self._scopes

    def _answered(
        self, call: int, event: CallEvent, reason: str, value: Any = None
    ) -> ToolOutcome | None:
        """Apply an answer of the game. For the game, a call that was not sent does not exist."""
        record = self._open.get(call)
        if record is not None and record.state is not CallState.PROPOSED:
            return self._move(call, event, reason, value)
        ended = self._ended.get(call)
        if ended is CallState.CANCELLED:
            return None
        raise _unexpected_answer(call, ended)

    def _move(
        self, call: int, event: CallEvent, reason: str = "", value: Any = None
    ) -> ToolOutcome | None:
        """Change state as the table says; an event without a row changes nothing."""
        record = self._open.get(call)
        if record is None or (record.state, event) not in TABLE:
            return None
        state = TABLE[record.state, event]
        if state not in ENDS:
            self._open[call] = replace(record, state=state)
            return None
        del self._open[call]
        self._keep_ended(call, state)
        reason = "" if state is CallState.DONE else reason
        return ToolOutcome(call, record.spec.name, record.args, state, value, reason)

    def _keep_ended(self, call: int, state: CallState) -> None:
        self._ended[call] = state
        while len(self._ended) > MAX_ENDED_CALLS:
            self._ended.popitem(last=False)


def _unexpected_answer(call: int, state: CallState | None) -> FrametalkError:
    """The error for an answer to a call that has ended in `state`, or is not known."""
    if state is CallState.TIMED_OUT:
        text = f"the answer to call {call} came after its deadline"
        return _error("tool_late_result", text, "answer sooner, or declare a longer deadline_ms")
    if state in {CallState.DONE, CallState.REFUSED, CallState.FAILED}:
        text = f"call {call} has ended: {state}"
        return _error("tool_twice", text, "answer each call once")
    text = f"there is no call {call}"
    return _error("tool_unknown_call", text, "answer with the id of tool.call")


def _too_many(spec: ToolSpec, max_tools: int) -> FrametalkError:
    text = f"tool {spec.name[:64]!r} and those after it: more than {max_tools} tools"
    return _error("tool_schema", text, "declare fewer tools")


def _error(code: str, text: str, remedy: str) -> FrametalkError:
    return FrametalkError(code, text, stage=Stage.TOOL, remedy=remedy)
