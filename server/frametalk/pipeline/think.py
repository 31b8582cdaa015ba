"""The thinking stage: a turn -> clauses and tool calls, in as many steps as the mind's calls need."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import replace

from frametalk.adapters.abilities import Foresees, Prepares
from frametalk.adapters.base import (
    Dropped,
    MindEvent,
    MindRequest,
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
from frametalk.pipeline.conduct import Conduct, Stopped
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
        conduct: Conduct,
    ) -> None:
        self._context = context
        self._reply = reply
        self._character = character
        self._mind = character.mind
        self._requests = requests
        self._act = act
        self._conduct = conduct
        self._settings = context.settings.reply
        self._clauses = Clauses(
            character.language, begin_soon=context.objective.takes("short_clause")
        )
        self._said = ""
        self._passed = ""  # the clause that was passed last
        self._first_token = context.step("mind_first_token", reply.trace)
        self._first_clause = context.step("first_clause", reply.trace)

    async def run(self) -> None:
        """Fill the reply's script. A mind that fails ends the reply with what it said so far."""
        try:
            await self._open()
            await self._check_turn()
            try:
                await self._steps()
            except FrametalkError as error:
                self._context.report(error)
            await self._say(self._clauses.flush())
        except Stopped as stopped:
            await self._say_instead(stopped)
        self._reply.thought.set()
        await self._reply.script.put(None)

    async def say(self, line: str) -> None:
        """Fill the script with a given line; the mind is not asked."""
        self._reply.thought.set()
        if line != self._conduct.disclosure.opening():
            await self._open()
        if self._conduct.spending.reached():
            self._reply.ending = "cap"
        await self._put(line)
        await self._reply.script.put(None)

    # ---- what every reply keeps to ---------------------------------------------------------------

    async def _open(self) -> None:
        """Say the disclosure, if it was not heard yet."""
        if opening := self._conduct.disclosure.opening():
            await self._put(opening)

    async def _check_turn(self) -> None:
        """Raise Stopped if the turn must not reach the mind."""
        if self._conduct.spending.reached():
            raise Stopped("cap")
        action = self._reply.action
        verdict = await self._conduct.guard.player(action.turn, action.text, action.alternatives)
        if verdict is not None:
            raise Stopped("player", verdict)

    async def _say_instead(self, stopped: Stopped) -> None:
        """End the reply with a set line of the character."""
        reply, verdict, lines = self._reply, stopped.verdict, self._conduct.lines
        reply.ending = "cap" if verdict is None else "guard"
        if verdict is not None:
            note = self._conduct.guard.note
            reply.output.when_released(note, stopped.where, verdict, reply.turn)
        await self._put(lines.line("parting" if verdict is None else verdict.answer))

    async def _put(self, line: str) -> None:
        """Say a line that was not made by the mind: it is not waited for."""
        for stage in ("mind_first_token", "first_clause"):
            self._reply.trace.mark(stage, self._context.now())
        clauses = Clauses(self._character.language)
        for clause in (*clauses.feed(line), *clauses.flush()):
            await self._reply.script.put(SayClause(clause))

    # ---- the mind --------------------------------------------------------------------------------

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
        request = self._requests.build(self._reply.action, step, self._said.strip())
        return self._conduct.guard.screened(request)

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
                    event = await self._allowed(event)
                    if (call := self._act.propose(event, self._reply)) is not None:
                        calls.append((call, event))
                        await self._reply.script.put(CallTool(call))
        await self._say(self._clauses.flush())
        return calls if asked else None

    async def _allowed(self, event: ToolRequest) -> ToolRequest:
        """The call, with a problem if the guard stops its arguments."""
        verdict = await self._conduct.guard.call(event.name, event.args)
        if verdict is None:
            return event
        self._reply.output.when_released(
            self._conduct.guard.note, "tool", verdict, self._reply.turn
        )
        return replace(event, problem="these words are not allowed in a call")

    def _noted(self, event: MindEvent) -> bool:
        """Count usage, report trouble; False for an event that is part of the answer."""
        if isinstance(event, Usage):
            self._context.metrics.mind_used(
                event.prompt_tokens, event.completion_tokens, event.cost
            )
            tokens = event.prompt_tokens + event.completion_tokens
            self._conduct.spending.tokens(tokens, event.cost)
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
        if await self._conduct.guard.clause(first, self._passed) is not None:
            return
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
        """Have these clauses spoken. Raises Stopped at the first that must not be."""
        for clause in clauses:
            verdict = await self._conduct.guard.clause(clause, self._passed)
            if verdict is not None:
                raise Stopped("character", verdict)
            if self._conduct.spending.reached():
                raise Stopped("cap")
            self._passed = clause
            self._first_clause.end()
            await self._reply.script.put(SayClause(clause))


async def _drained(
    ahead: asyncio.Queue[MindEvent | FrametalkError | None],
) -> AsyncGenerator[MindEvent, None]:
    while (event := await ahead.get()) is not None:
        if isinstance(event, FrametalkError):
            raise event
        yield event
