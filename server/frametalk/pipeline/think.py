"""The thinking stage: a turn -> clauses and tool calls, in as many steps as the mind's calls need."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import Any

from frametalk import trace
from frametalk.adapters.base import (
    Mind,
    MindEvent,
    MindRequest,
    TextDelta,
    ToolRequest,
    Trouble,
    Usage,
)
from frametalk.core.tools import ToolOutcome
from frametalk.errors import AdapterError, FrametalkError, Stage
from frametalk.pipeline.reply import CallTool, Reply, SayClause
from frametalk.text.clauses import Clauses

EVENTS_AHEAD = 256  # of a step that is thought ahead; a mind that says more waits


class Think:
    """Thinks one reply. `request(step)` is what the mind may know at that step, but for `said`.

    `propose(request)` returns the call's id, or None if the call was refused before it left (its
    outcome is then in the next request); `finished(calls)` waits until all of them have ended;
    `start(coroutine, name)` runs a task that somebody owns. With `ahead` the next step is thought while
    the game is at work, as if it did what it was asked; when it did not, that step is thought again. Only
    outcomes count for that: that the scene changes when a call is done is what the mind was told.
    `used` counts what the mind took, also for steps that are given up.
    """

    def __init__(  # noqa: PLR0913  (the stage's neighbours, each named once)
        self,
        reply: Reply,
        mind: Mind,
        *,
        request: Callable[[int], MindRequest],
        propose: Callable[[ToolRequest], int | None],
        finished: Callable[[Sequence[int]], Awaitable[None]],
        max_steps: int,
        ahead: bool,
        start: Callable[[Coroutine[Any, Any, None], str], asyncio.Task[None]],
        timeout_ms: float,
        report_error: Callable[[FrametalkError], None],
        used: Callable[[Usage], None],
        now: Callable[[], float],
    ) -> None:
        self._reply = reply
        self._mind = mind
        self._request = request
        self._propose = propose
        self._finished = finished
        self._max_steps = max_steps
        self._ahead = ahead
        self._start = start
        self._timeout_ms = timeout_ms
        self._report_error = report_error
        self._used = used
        self._now = now
        self._clauses = Clauses()
        self._said = ""

    async def run(self) -> None:
        """Fill the reply's script. A mind that fails ends the reply with what it said so far."""
        try:
            await self._steps()
        except FrametalkError as error:
            self._report_error(error)
        self._reply.thought.set()
        await self._say(self._clauses.flush())
        await self._reply.script.put(None)

    async def say(self, line: str) -> None:
        """Fill the script with a given line; the mind is not asked."""
        self._reply.thought.set()
        await self._say([*self._clauses.feed(line), *self._clauses.flush()])
        await self._reply.script.put(None)

    async def _steps(self) -> None:
        calls = await self._step(self._mind.think(self._request(0)))
        for step in range(1, self._max_steps):
            if calls is None:
                break
            expected = self._as_hoped(step, calls) if self._ahead and calls else None
            async with self._thought_ahead(expected) as ahead:
                await self._finished([call for call, _asked in calls])
                self._mark("tools")
                request = self._knowing(step)
                if ahead and expected and request.outcomes == expected.outcomes:
                    calls = await self._step(ahead)
                    continue
            calls = await self._step(self._mind.think(request))

    def _knowing(self, step: int) -> MindRequest:
        return replace(self._request(step), said=self._said.strip())

    async def _step(self, events: AsyncIterator[MindEvent]) -> list[tuple[int, ToolRequest]] | None:
        """One round with the mind; the calls that are under way, None when none was asked for."""
        calls: list[tuple[int, ToolRequest]] = []
        asked = False
        with trace.step("think.step"):
            async with aclosing(events) as given:  # type: ignore[type-var]
                while (event := await self._next(given)) is not None:
                    if self._told(event):
                        continue
                    self._mark("mind_first_token")
                    self._reply.thought.set()
                    if isinstance(event, TextDelta):
                        self._said += event.text
                        await self._say(self._clauses.feed(event.text))
                        continue
                    asked = True
                    assert isinstance(event, ToolRequest)  # noqa: S101  (for the type checker)
                    await self._say(self._clauses.flush())
                    if (call := self._propose(event)) is not None:
                        calls.append((call, event))
                        await self._reply.script.put(CallTool(call))
        await self._say(self._clauses.flush())
        return calls if asked else None

    def _told(self, event: MindEvent) -> bool:
        """Whether it was no part of the answer, but something to be counted or reported."""
        if isinstance(event, Usage):
            self._used(event)
        elif isinstance(event, Trouble):
            self._report_error(event.error)
        return isinstance(event, Usage | Trouble)

    # ---- thinking ahead --------------------------------------------------------------------------

    def _as_hoped(self, step: int, calls: Sequence[tuple[int, ToolRequest]]) -> MindRequest:
        """What the mind will know if the game does all that it was asked."""
        request = self._knowing(step)
        hoped = tuple(ToolOutcome(call, one.name, dict(one.args), "done") for call, one in calls)
        return replace(request, outcomes=(*request.outcomes, *hoped))

    @asynccontextmanager
    async def _thought_ahead(
        self, expected: MindRequest | None
    ) -> AsyncIterator[AsyncIterator[MindEvent] | None]:
        """The events of that step, made since the block began; given up when it ends."""
        if expected is None:
            yield None
            return
        made: asyncio.Queue[MindEvent | FrametalkError | None] = asyncio.Queue(EVENTS_AHEAD)
        making = self._start(self._make(self._mind.think(expected), made), "think ahead")
        try:
            yield _taken(made)
        finally:
            making.cancel()

    async def _make(
        self,
        events: AsyncIterator[MindEvent],
        made: asyncio.Queue[MindEvent | FrametalkError | None],
    ) -> None:
        try:
            async with aclosing(events) as given:  # type: ignore[type-var]
                async for event in given:
                    if not self._told(event):
                        await made.put(event)
        except FrametalkError as error:
            await made.put(error)
        await made.put(None)

    async def _next(self, events: object) -> MindEvent | None:
        try:
            async with asyncio.timeout(self._timeout_ms / 1000):
                return await anext(events, None)  # type: ignore[call-overload,no-any-return]
        except TimeoutError:
            raise AdapterError(
                "think_timeout",
                f"the mind gave nothing for {self._timeout_ms:.0f} ms",
                stage=Stage.THINK,
                remedy="choose a faster mind or raise reply.mind_timeout_ms",
            ) from None

    async def _say(self, clauses: list[str]) -> None:
        for clause in clauses:
            self._mark("first_clause")
            await self._reply.script.put(SayClause(clause))

    def _mark(self, stage: str) -> None:
        self._reply.trace.mark(stage, self._now())


async def _taken(
    made: asyncio.Queue[MindEvent | FrametalkError | None],
) -> AsyncIterator[MindEvent]:
    while (event := await made.get()) is not None:
        if isinstance(event, FrametalkError):
            raise event
        yield event
