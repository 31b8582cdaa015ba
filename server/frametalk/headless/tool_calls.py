"""Carries out tool calls at their place in the reply, at most once; a scenario can make them misbehave."""

from __future__ import annotations

import math
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from frametalk.headless.clock import Clock
from frametalk.headless.scene import GameWorld
from frametalk.wire.messages import (
    AnyMessage,
    ScenePatch,
    ToolAck,
    ToolCall,
    ToolCancel,
    ToolResult,
)

CallState = Literal["waiting", "called", "done", "refused", "failed", "timed_out", "cancelled"]
LATE_BY_MS = 300.0
SERVER_AHEAD_MS = 250.0  # the server counts the deadline from when it sent the call


class Behaviour(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a tool misbehaves. Without `tool`: every tool; `times`: only that many calls.

    slow: the result comes after `after_ms`. refuse, fail: with `reason`. never: no answer. twice: the
    result is sent two times. late: the result comes `after_ms` after the deadline.
    """

    do: Literal["slow", "refuse", "fail", "never", "twice", "late"]
    tool: str = ""
    after_ms: float | None = None
    reason: str = ""
    times: int | None = None


@dataclass(slots=True)
class Call:
    """One tool call, seen from the game."""

    message: ToolCall
    came_s: float
    state: CallState = "waiting"
    reason: str = ""
    due_s: float | None = None
    ended_s: float | None = None


class ToolRunner:
    """The game's side of tool calls. `when_reached(reply, sample, act)` calls `act` at that sample."""

    def __init__(
        self,
        world: GameWorld,
        behaviours: tuple[Behaviour, ...],
        *,
        send: Callable[[AnyMessage], None],
        patched: Callable[[ScenePatch], None],
        changed: Callable[[Call], None],
        start: Callable[[Coroutine[Any, Any, None], str], object],
        when_reached: Callable[[int, int, Callable[[], None]], None],
        clock: Clock,
    ) -> None:
        self.calls: dict[int, Call] = {}
        self._world = world
        self._behaviours = behaviours
        self._used = [0] * len(behaviours)
        self._send = send
        self._patched = patched
        self._changed = changed
        self._start = start
        self._when_reached = when_reached
        self._clock = clock

    def call(self, message: ToolCall) -> None:
        """Take a call; a second message with the same id is ignored."""
        if message.call in self.calls:
            return
        call = Call(message, self._clock.now_s())
        self.calls[message.call] = call
        self._changed(call)
        if message.reply is None or message.at == 0:
            self._act(call)
        else:
            self._when_reached(message.reply, message.at, lambda: self._act(call))

    def cancel(self, message: ToolCancel) -> None:
        """The server cancels the call, or it missed its deadline."""
        call = self.calls.get(message.call)
        if call is None or call.ended_s is not None:
            return
        since_s = math.inf if call.due_s is None else call.due_s
        waited_ms = (self._clock.now_s() - since_s) * 1000
        overdue = waited_ms >= call.message.deadline_ms - SERVER_AHEAD_MS
        self._end(call, "timed_out" if overdue else "cancelled", message.reason)

    def _act(self, call: Call) -> None:
        if call.ended_s is not None:
            return
        call.state, call.due_s = "called", self._clock.now_s()
        behaviour = self._behaviour(call.message.name)
        if behaviour is None or behaviour.do == "twice":
            self._execute(call, twice=behaviour is not None)
        elif behaviour.do == "refuse":
            self._refuse(call, behaviour.reason or "I cannot do that here")
        elif behaviour.do == "fail":
            self._send(ToolAck(call=call.message.call))
            self._fail(call, behaviour.reason or "it did not work")
        elif behaviour.do in {"slow", "late"}:
            self._send(ToolAck(call=call.message.call))
            wait_ms = behaviour.after_ms or 0.0
            if behaviour.do == "late":
                wait_ms = call.message.deadline_ms + (behaviour.after_ms or LATE_BY_MS)
            late = behaviour.do == "late"
            self._start(self._execute_after(call, wait_ms, late=late), f"call {call.message.call}")

    def _behaviour(self, tool: str) -> Behaviour | None:
        for index, behaviour in enumerate(self._behaviours):
            left = behaviour.times is None or self._used[index] < behaviour.times
            if behaviour.tool in {"", tool} and left:
                self._used[index] += 1
                return behaviour
        return None

    async def _execute_after(self, call: Call, wait_ms: float, *, late: bool) -> None:
        await self._clock.until(self._clock.now_s() + wait_ms / 1000)
        if call.ended_s is None:
            self._execute(call, acked=True)
        elif late:
            self._send(ToolResult(call=call.message.call, ok=True))

    def _execute(self, call: Call, *, twice: bool = False, acked: bool = False) -> None:
        decision = self._world.decide(call.message.name, call.message.args)
        if decision.refused and acked:
            self._fail(call, decision.refused)
            return
        if decision.refused:
            self._refuse(call, decision.refused)
            return
        if not acked:
            self._send(ToolAck(call=call.message.call))
        if decision.state or decision.move:
            self._patched(self._world.change(state=decision.state, move=decision.move))
        result = ToolResult(call=call.message.call, ok=True, value=decision.value)
        self._send(result)
        if twice:
            self._send(result)
        self._end(call, "done", "")

    def _refuse(self, call: Call, reason: str) -> None:
        self._send(ToolAck(call=call.message.call, accepted=False, reason=reason))
        self._end(call, "refused", reason)

    def _fail(self, call: Call, reason: str) -> None:
        self._send(ToolResult(call=call.message.call, ok=False, reason=reason))
        self._end(call, "failed", reason)

    def _end(self, call: Call, state: CallState, reason: str) -> None:
        call.state, call.reason, call.ended_s = state, reason, self._clock.now_s()
        self._changed(call)
