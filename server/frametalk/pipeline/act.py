"""The acting stage: tool calls from the mind to the game, and their outcomes back to the mind."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from frametalk.adapters.base import ToolRequest
from frametalk.context import SessionContext, Timer
from frametalk.core.calls import CallState, KeptCalls, ToolBook, ToolCallRecord
from frametalk.core.dialogue import Dialogue
from frametalk.core.naming import find_named
from frametalk.core.scene import Scene
from frametalk.core.tools import ToolOutcome, ToolSpec
from frametalk.pipeline.reply import Reply
from frametalk.trace import Step
from frametalk.wire.messages import (
    ToolAck,
    ToolCall,
    ToolCancel,
    ToolResult,
)

log = logging.getLogger(__name__)

PLAYER = frozenset({"you", "player", "the_player"})  # as a mind writes the target of a gaze
DONE_KEPT = 64  # more than a turn's calls
TIMER_SLACK_MS = 1.0  # a timer may fire a clock's grain early


@dataclass(slots=True)
class _UnderWay:
    """A call of reply `owner` between its proposal and its end.

    `at` and `step` are None until it was sent; `reply` is the reply on whose clock `at` lies, if there
    is one. `due`: that clock has reached `at`.
    """

    turn: int
    owner: int
    ended: asyncio.Future[None]
    reply: int | None = None
    at: int | None = None
    due: bool = False
    step: Step | None = None


@dataclass(frozen=True, slots=True)
class KeptUnderWay:
    """The part of a call that only `Act` knows."""

    call: int
    turn: int
    owner: int
    reply: int | None
    at: int | None
    due: bool


@dataclass(frozen=True, slots=True)
class KeptAct:
    """One session's tool calls as they outlive a server that restarts."""

    calls: KeptCalls
    under_way: tuple[KeptUnderWay, ...]
    done: tuple[tuple[int, int, str, dict[str, Any]], ...]


class Act:
    """One session's tool calls. Only `finished` waits."""

    def __init__(
        self, context: SessionContext, book: ToolBook, scene: Scene, dialogue: Dialogue
    ) -> None:
        self._context = context
        self._book = book
        self._scene = scene
        self._dialogue = dialogue
        self._under_way: dict[int, _UnderWay] = {}
        self._time = context.client_time
        self._deadline: Timer | None = None
        # Turn, reply, name and arguments of calls that changed the world.
        self._done: deque[tuple[int, int, str, dict[str, Any]]] = deque(maxlen=DONE_KEPT)

    def __len__(self) -> int:
        """Calls that have not ended."""
        return len(self._under_way)

    def kept(self) -> KeptAct:
        """What to restore elsewhere: the calls that the game knows of."""
        calls = self._book.kept(self._time.now() * 1000)
        under_way = tuple(
            KeptUnderWay(call.call, way.turn, way.owner, way.reply, way.at, way.due)
            for call in calls.open
            for way in (self._under_way[call.call],)
        )
        return KeptAct(calls, under_way, tuple(self._done))

    def restore(self, kept: KeptAct) -> None:
        """Go on with the calls of another server. The game's answers to them are taken as before."""
        loop = asyncio.get_running_loop()
        self._book.restore(kept.calls, self._time.now() * 1000)
        for way in kept.under_way:
            self._under_way[way.call] = _UnderWay(
                way.turn, way.owner, loop.create_future(), way.reply, way.at, way.due
            )
        self._done.extend(kept.done)
        self._watch_deadlines()

    def cancel_all(self, reason: str) -> None:
        """Cancel all calls that the game has not ended."""
        for record in self._book.open_calls:
            self._context.send(ToolCancel(call=record.call, reason=reason))
            self._end(self._book.cancel(record.call))

    @property
    def specs(self) -> Sequence[ToolSpec]:
        """The tools that the game offers."""
        return self._book.specs

    def entity_named(self, words: str) -> str:
        """The id of the one entity that `words` name, as `red_door` for a gaze; else `words`."""
        entities = self._scene.entities
        found = find_named(entities, words) or find_named(entities, words.replace("_", " "))
        if not found and words in PLAYER:
            found = tuple(entity for entity in entities.values() if entity.kind == "player")
        return found[0].id if len(found) == 1 else words

    def propose(self, wanted: ToolRequest, reply: Reply) -> int | None:
        """Check a call; its id, or None when it is refused, and then its outcome is in the dialogue.

        A draft's call that has no effects on the world is sent at once. A reply that has ended makes no
        calls, though its tasks may run on for a step. When a turn continued, what its earlier reply has
        done is not done again: its outcome stands; what is still under way is waited for.
        """
        if reply.ended:
            return None
        reply.calls += 1
        if (begun := self._begun_before(wanted, reply)) is not None:
            return begun
        if self._done_before(wanted, reply):
            return None
        proposed = self._proposed(wanted, reply)
        if isinstance(proposed, ToolOutcome):
            self._note(reply.turn, reply.id, proposed)
            return None
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._under_way[proposed.call] = _UnderWay(reply.turn, reply.id, future)
        if reply.is_draft and not proposed.spec.changes_world:
            self._send_call(proposed.call, None, 0, due=True)
        return proposed.call

    def _begun_before(self, wanted: ToolRequest, reply: Reply) -> int | None:
        """The same call, if an earlier reply to this turn has it under way."""
        for record in self._book.open_calls:
            same = (record.spec.name, record.args) == (wanted.name, wanted.args)
            if same and record.turn == reply.turn and record.spec.changes_world:
                return record.call if self._under_way[record.call].owner != reply.id else None
        return None

    def _done_before(self, wanted: ToolRequest, reply: Reply) -> bool:
        """Whether an earlier reply to this turn has changed the world by the same call."""
        return any(
            (turn, name, args) == (reply.turn, wanted.name, wanted.args) and owner != reply.id
            for turn, owner, name, args in self._done
        )

    def _proposed(self, wanted: ToolRequest, reply: Reply) -> ToolCallRecord | ToolOutcome:
        if wanted.problem:
            return self._book.reject(wanted.name, wanted.args, wanted.problem)
        max_calls = self._context.settings.reply.max_calls
        if reply.calls > max_calls:
            problem = f"{max_calls} calls in one reply are enough"
            return self._book.reject(wanted.name, wanted.args, problem)
        scene = self._scene
        return self._book.propose(
            wanted.name, wanted.args, scene.entities, scene_rev=scene.rev, turn=reply.turn
        )

    def send(self, call: int, reply: Reply, at: int) -> None:
        """Ask the game, for the moment when the reply's clock reaches `at`."""
        self._send_call(call, reply.id, at, due=reply.ledger.played >= at)

    def _send_call(self, call: int, reply: int | None, at: int, *, due: bool) -> None:
        record = self._book.send(call, self._time.now() * 1000 if due else None)
        if record is None:
            return
        under_way = self._under_way[call]
        under_way.reply, under_way.at, under_way.due = reply, at, due
        under_way.step = self._context.step("tool_call")
        self._context.send(
            ToolCall(
                call=call,
                name=record.spec.name,
                args=record.args,
                scene_rev=record.scene_rev,
                deadline_ms=record.spec.deadline_ms,
                turn=record.turn,
                reply=reply,
                at=at,
            )
        )
        self._watch_deadlines()

    def reached(self, reply: int, sample: int) -> None:
        """The reply's clock is at `sample`: calls that waited for it are due, and their time runs."""
        for call, under_way in self._under_way.items():
            if under_way.due or under_way.at is None or under_way.reply != reply:
                continue
            if under_way.at <= sample:
                under_way.due = True
                self._book.begin(call, self._time.now() * 1000)
        self._watch_deadlines()

    def ack(self, message: ToolAck) -> None:
        """The game takes the call or refuses it. Raises FrametalkError for a call it cannot answer."""
        self._end(self._book.ack(message.call, message.accepted, message.reason))

    def result(self, message: ToolResult) -> None:
        """The call is over. Raises FrametalkError for a call it cannot answer."""
        self._end(self._book.result(message.call, message.ok, message.value, message.reason))

    async def finished(self, calls: Sequence[int]) -> None:
        """Wait until all these calls have ended, in whatever way."""
        waiting = [self._under_way[call].ended for call in calls if call in self._under_way]
        if waiting:
            await asyncio.wait(waiting)

    def cancel_pending(self, reply: int) -> None:
        """The reply was cut: cancel its calls that the game has not begun."""
        for record in self._not_begun(reply):
            self._end(self._cancel(record))

    def discard_pending(self, reply: int) -> None:
        """The turn continues: remove its calls that the game has not begun, without an outcome."""
        for record in self._not_begun(reply):
            self._discard(record)

    def discard_all(self, reply: int) -> None:
        """The draft was discarded: remove its calls without an outcome."""
        for record in self._calls_of(reply):
            self._discard(record)

    def _calls_of(self, reply: int) -> list[ToolCallRecord]:
        calls = self._book.open_calls
        return [record for record in calls if self._under_way[record.call].owner == reply]

    def _not_begun(self, reply: int) -> list[ToolCallRecord]:
        return [
            record
            for record in self._calls_of(reply)
            if record.state is not CallState.ACKED or not self._under_way[record.call].due
        ]

    def _discard(self, record: ToolCallRecord) -> None:
        self._cancel(record)
        self._under_way.pop(record.call).ended.cancel()

    def _cancel(self, record: ToolCallRecord) -> ToolOutcome | None:
        if record.state is not CallState.PROPOSED:
            self._context.send(ToolCancel(call=record.call, reason="the reply was cut"))
        return self._book.cancel(record.call)

    def close(self) -> None:
        """Stop the timer, and free the tools' schemas."""
        self._stop_watching()
        self._book.end()

    def _stop_watching(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()

    def _watch_deadlines(self) -> None:
        self._stop_watching()
        next_ms = self._book.next_deadline_ms()
        if next_ms is not None:
            self._deadline = self._time.after(next_ms / 1000 - self._time.now(), self._expire)

    def _expire(self) -> None:
        for call in self._book.due(self._time.now() * 1000 + TIMER_SLACK_MS):
            self._context.send(ToolCancel(call=call, reason="the deadline has passed"))
            self._end(self._book.expire(call))
        self._watch_deadlines()

    def _end(self, outcome: ToolOutcome | None) -> None:
        if outcome is None:
            return
        under_way = self._under_way.pop(outcome.call)
        if outcome.state == CallState.DONE and self._changes_world(outcome.name):
            self._done.append((under_way.turn, under_way.owner, outcome.name, outcome.args))
        step = under_way.step
        self._note(under_way.turn, under_way.owner, outcome, None if step is None else step.end())
        if not under_way.ended.done():
            under_way.ended.set_result(None)

    def _changes_world(self, name: str) -> bool:
        return any(spec.name == name and spec.changes_world for spec in self._book.specs)

    def _note(
        self, turn: int, reply: int, outcome: ToolOutcome, seconds: float | None = None
    ) -> None:
        self._dialogue.tool_ran(turn, outcome, reply)
        self._context.metrics.tool(outcome.state, seconds)
        known = any(spec.name == outcome.name for spec in self._book.specs)
        tool = outcome.name if known else ""
        self._context.audit.write("tool", turn=turn, tool=tool, state=outcome.state)
        log.debug("tool call %d %s: %s", outcome.call, outcome.name, outcome.state)
        self._context.diary.decision(f"tool call {outcome.call} {outcome.name}: {outcome.state}")
