"""The acting stage: tool calls from the mind to the game, and how they ended back to the mind."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from frametalk.adapters.base import ToolRequest
from frametalk.core.dialogue import Dialogue
from frametalk.core.scene import Scene
from frametalk.core.tools import ToolBook, ToolOutcome, ToolSpec
from frametalk.pipeline.reply import Reply
from frametalk.wire.messages import (
    ServerMessage,
    ToolAck,
    ToolCall,
    ToolCancel,
    ToolResult,
)


@dataclass(slots=True)
class _UnderWay:
    """A call between its proposal and its end. `at` is None until it was sent."""

    turn: int
    ended: asyncio.Future[None]
    reply: int | None = None
    at: int | None = None
    acked: bool = False
    deadline: asyncio.TimerHandle | None = None


class Act:
    """One session's tool calls. All but `finished` is synchronous and never waits.

    `ended(state, ms)` counts calls as they end.
    """

    def __init__(
        self,
        book: ToolBook,
        scene: Scene,
        dialogue: Dialogue,
        *,
        send: Callable[[ServerMessage], None],
        ended: Callable[[str], None],
    ) -> None:
        self._book = book
        self._scene = scene
        self._dialogue = dialogue
        self._send = send
        self._ended = ended
        self._under_way: dict[int, _UnderWay] = {}

    @property
    def specs(self) -> Sequence[ToolSpec]:
        """The tools that the game offers."""
        return self._book.specs

    def propose(self, wanted: ToolRequest, turn: int) -> int | None:
        """Check a call; its id, or None when it cannot be made, and then its outcome is noted."""
        proposed = self._book.propose(wanted.name, wanted.args, self._scene)
        if isinstance(proposed, ToolOutcome):
            self._note(turn, proposed)
            return None
        future = asyncio.get_running_loop().create_future()
        self._under_way[proposed.call] = _UnderWay(turn, future)
        return proposed.call

    def send(self, call: int, reply: Reply, at: int) -> None:
        """Ask the game, for the moment when the reply's clock reaches `at`."""
        under_way = self._under_way.get(call)
        if under_way is None:
            return
        record = self._book.sent(call)
        under_way.reply, under_way.at = reply.id, at
        self._send(
            ToolCall(
                call=call,
                name=record.spec.name,
                args=dict(record.args),
                scene_rev=self._scene.rev,
                deadline_ms=record.spec.deadline_ms,
                turn=under_way.turn,
                reply=reply.id,
                at=at,
            )
        )
        if at <= reply.ledger.played:
            self._start_deadline(call, under_way)

    def reached(self, reply: int, sample: int) -> None:
        """The reply's clock is at `sample`: calls that were due by then have begun."""
        for call, under_way in self._under_way.items():
            due = under_way.at is not None and under_way.at <= sample
            if due and under_way.reply == reply and under_way.deadline is None:
                self._start_deadline(call, under_way)

    def ack(self, message: ToolAck) -> None:
        """The game takes the call or refuses it. Raises FrametalkError for a call it cannot answer."""
        outcome = self._book.ack(message.call, message.accepted, message.reason)
        if outcome is not None:
            self._end(outcome)
        elif message.call in self._under_way:
            self._under_way[message.call].acked = True

    def result(self, message: ToolResult) -> None:
        """The call is over. Raises FrametalkError for a call it cannot answer."""
        outcome = self._book.result(message.call, message.ok, message.value, message.reason)
        if outcome is not None:
            self._end(outcome)

    async def finished(self, calls: Sequence[int]) -> None:
        """Wait until all these calls have ended, in whatever way."""
        waiting = [self._under_way[call].ended for call in calls if call in self._under_way]
        if waiting:
            await asyncio.wait(waiting)

    def abandon(self, turn: int) -> None:
        """The turn's reply was cut: cancel its calls that the game has not begun."""
        for call, under_way in list(self._under_way.items()):
            if under_way.turn == turn and not under_way.acked:
                self._cancel(call, "the reply was cut")

    def close(self) -> None:
        """The session is over: no timer is left."""
        for under_way in self._under_way.values():
            if under_way.deadline is not None:
                under_way.deadline.cancel()

    def _start_deadline(self, call: int, under_way: _UnderWay) -> None:
        deadline_ms = self._book.record(call).spec.deadline_ms
        under_way.deadline = asyncio.get_running_loop().call_later(
            deadline_ms / 1000, self._expire, call
        )

    def _expire(self, call: int) -> None:
        outcome = self._book.expire(call)
        if outcome is not None:
            self._send(ToolCancel(call=call, reason="the deadline has passed"))
            self._end(outcome)

    def _cancel(self, call: int, reason: str) -> None:
        sent = self._under_way[call].at is not None
        outcome = self._book.cancel(call, reason)
        if outcome is not None:
            if sent:
                self._send(ToolCancel(call=call, reason=reason))
            self._end(outcome)

    def _end(self, outcome: ToolOutcome) -> None:
        under_way = self._under_way.pop(outcome.call)
        if under_way.deadline is not None:
            under_way.deadline.cancel()
        self._note(under_way.turn, outcome)
        if not under_way.ended.done():
            under_way.ended.set_result(None)

    def _note(self, turn: int, outcome: ToolOutcome) -> None:
        self._dialogue.tool_ran(turn, outcome)
        self._ended(outcome.state)
