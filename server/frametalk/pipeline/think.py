"""The thinking stage: a turn -> clauses and tool calls, in as many steps as the mind's calls need."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import replace

from frametalk.adapters.base import (
    Dropped,
    Foresees,
    MindEvent,
    MindRequest,
    Prepares,
    TextDelta,
    ToolRequest,
    Trouble,
    Usage,
)
from frametalk.context import SessionContext
from frametalk.core.tools import ToolOutcome
from frametalk.errors import AdapterError, FrametalkError, Stage
from frametalk.pipeline.act import Act
from frametalk.pipeline.character import Character
from frametalk.pipeline.reply import CallTool, Reply, SayClause
from frametalk.pipeline.requests import MindRequests
from frametalk.text.clauses import Clauses

EVENTS_AHEAD = 256  # of a step that is thought ahead; a mind that says more waits


class Think:
    """Thinks one reply, in at most `reply.max_steps` steps.

    With `reply.think_ahead` the next step is thought while the game carries out a call, as if the call
    succeeded; if its outcome is another one, that step is thought again. Only outcomes count for that:
    the mind was told of the call, so a change of the scene by it is no news. Usage is counted also for
    steps that are discarded. A voice that can prepare a clause makes the first one of that step meanwhile,
    then the first one of a refusal if the mind foresees it.
    """

    def __init__(
        self,
        context: SessionContext,
        reply: Reply,
        character: Character,
        requests: MindRequests,
        act: Act,
    ) -> None:
        self._context = context
        self._reply = reply
        self._character = character
        self._mind = character.mind
        self._requests = requests
        self._act = act
        self._settings = context.settings.reply
        self._clauses = Clauses(character.language)
        self._said = ""
        self._first_token = context.step("mind_first_token", reply.trace)
        self._first_clause = context.step("first_clause", reply.trace)

    async def run(self) -> None:
        """Fill the reply's script. A mind that fails ends the reply with what it said so far."""
        try:
            await self._steps()
        except FrametalkError as error:
            self._context.report(error)
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
        for step in range(1, self._settings.max_steps):
            if calls is None:
                break
            ahead = self._settings.think_ahead and calls
            expected = self._expected(step, calls) if ahead else None
            async with self._thought_ahead(expected) as events:
                with self._context.step("tools", self._reply.trace):
                    await self._act.finished([call for call, _request in calls])
                request = self._request(step)
                if events and expected and request.outcomes == expected.outcomes:
                    calls = await self._step(events)
                    continue
            calls = await self._step(self._mind.think(request))

    def _request(self, step: int) -> MindRequest:
        return self._requests.build(self._reply.action, step, self._said.strip())

    async def _step(
        self, events: AsyncGenerator[MindEvent, None]
    ) -> list[tuple[int, ToolRequest]] | None:
        """One round with the mind; the calls under way, None when it asked for none."""
        calls: list[tuple[int, ToolRequest]] = []
        asked = False
        with self._context.step("think"):
            async with aclosing(events):
                while (event := await self._next(events)) is not None:
                    if self._noted(event):
                        continue
                    self._first_token.end()
                    self._reply.thought.set()
                    if isinstance(event, TextDelta):
                        self._said += event.text
                        await self._say(self._clauses.feed(event.text))
                        continue
                    if isinstance(event, Dropped):
                        self._said = self._said.removesuffix(event.text)
                        self._clauses.drop(event.text)
                        continue
                    asked = True
                    assert isinstance(event, ToolRequest)  # noqa: S101  (for the type checker)
                    await self._say(self._clauses.flush())
                    if (call := self._act.propose(event, self._reply)) is not None:
                        calls.append((call, event))
                        await self._reply.script.put(CallTool(call))
        await self._say(self._clauses.flush())
        return calls if asked else None

    def _noted(self, event: MindEvent) -> bool:
        """Count usage, report trouble; False for an event that is part of the answer."""
        if isinstance(event, Usage):
            self._context.metrics.mind_used(
                event.prompt_tokens, event.completion_tokens, event.cost
            )
        elif isinstance(event, Trouble):
            self._context.report(event.error)
        return isinstance(event, Usage | Trouble)

    # ---- thinking ahead --------------------------------------------------------------------------

    def _expected(self, step: int, calls: Sequence[tuple[int, ToolRequest]]) -> MindRequest:
        """The request of that step if all calls succeed."""
        request = self._request(step)
        done = tuple(ToolOutcome(call, one.name, dict(one.args), "done") for call, one in calls)
        return replace(request, outcomes=(*request.outcomes, *done))

    @asynccontextmanager
    async def _thought_ahead(
        self, expected: MindRequest | None
    ) -> AsyncIterator[AsyncGenerator[MindEvent, None] | None]:
        """The events of that step, made since the block began; cancelled when it ends."""
        if expected is None:
            yield None
            return
        ahead: asyncio.Queue[MindEvent | FrametalkError | None] = asyncio.Queue(EVENTS_AHEAD)
        work = self._fill(ahead, expected)
        task = self._context.tasks.start(work, "think ahead")
        try:
            yield _drained(ahead)
        finally:
            task.cancel()

    async def _fill(
        self,
        ahead: asyncio.Queue[MindEvent | FrametalkError | None],
        expected: MindRequest,
    ) -> None:
        said = ""
        try:
            async with aclosing(self._mind.think(expected)) as events:
                async for event in events:
                    if not self._noted(event):
                        await ahead.put(event)
                        said += event.text if isinstance(event, TextDelta) else ""
        except FrametalkError as error:
            await ahead.put(error)
        await ahead.put(None)
        await self._prepare(said)
        if isinstance(self._mind, Foresees):
            await self._prepare(self._mind.if_refused(expected))

    async def _prepare(self, said: str) -> None:
        """Have the voice make the first clause of a text that will probably be said."""
        clauses = Clauses(self._character.language)
        first = next(iter((*clauses.feed(said), *clauses.flush())), "")
        spoken = self._character.wording(first).spoken
        if spoken and isinstance(self._character.voice, Prepares):
            with suppress(FrametalkError):  # it is reported if the clause is said
                await self._character.voice.prepare(self._character.speech(spoken))

    async def _next(self, events: AsyncGenerator[MindEvent, None]) -> MindEvent | None:
        timeout_ms = self._settings.mind_timeout_ms
        try:
            async with asyncio.timeout(timeout_ms / 1000):
                return await anext(events, None)
        except TimeoutError:
            raise AdapterError(
                "think_timeout",
                f"the mind sent nothing for {timeout_ms:.0f} ms",
                stage=Stage.THINK,
                remedy="choose a faster mind or raise reply.mind_timeout_ms",
            ) from None

    async def _say(self, clauses: list[str]) -> None:
        for clause in clauses:
            self._first_clause.end()
            await self._reply.script.put(SayClause(clause))


async def _drained(
    ahead: asyncio.Queue[MindEvent | FrametalkError | None],
) -> AsyncGenerator[MindEvent, None]:
    while (event := await ahead.get()) is not None:
        if isinstance(event, FrametalkError):
            raise event
        yield event
