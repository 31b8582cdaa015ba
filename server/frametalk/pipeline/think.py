"""The thinking stage: a turn -> clauses and tool calls, in as many steps as the mind's calls need."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing

from frametalk import trace
from frametalk.adapters.base import Mind, MindEvent, MindRequest, TextDelta, ToolRequest
from frametalk.core.clauses import Clauses
from frametalk.errors import AdapterError, FrametalkError, Stage
from frametalk.pipeline.reply import CallTool, Reply, SayClause


class Think:
    """Thinks one reply. `request(step)` is what the mind may know at that step.

    `propose(request)` returns the call's id, or None if the call was refused before it left (its
    outcome is then in the next request); `finished(calls)` waits until all of them have ended.
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
        timeout_ms: float,
        report_error: Callable[[FrametalkError], None],
        now: Callable[[], float],
    ) -> None:
        self._reply = reply
        self._mind = mind
        self._request = request
        self._propose = propose
        self._finished = finished
        self._max_steps = max_steps
        self._timeout_ms = timeout_ms
        self._report_error = report_error
        self._now = now
        self._clauses = Clauses()

    async def run(self) -> None:
        """Fill the reply's script. A mind that fails ends the reply with what it said so far."""
        try:
            for step in range(self._max_steps):
                calls, asked = await self._step(step)
                if not asked:
                    break
                await self._finished(calls)
                self._mark("tools")
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

    async def _step(self, step: int) -> tuple[list[int], bool]:
        """One round with the mind; returns the calls that are under way and whether any was asked."""
        calls: list[int] = []
        asked = False
        with trace.step("think.step"):
            async with aclosing(self._mind.think(self._request(step))) as events:  # type: ignore[type-var]
                while (event := await self._next(events)) is not None:
                    self._mark("mind_first_token")
                    self._reply.thought.set()
                    if isinstance(event, TextDelta):
                        await self._say(self._clauses.feed(event.text))
                        continue
                    asked = True
                    await self._say(self._clauses.flush())
                    if (call := self._propose(event)) is not None:
                        calls.append(call)
                        await self._reply.script.put(CallTool(call))
        await self._say(self._clauses.flush())
        return calls, asked

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
