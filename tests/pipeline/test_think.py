"""The thinking stage: steps, calls in their place, limits."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from frametalk.adapters.base import MindRequest, TextDelta, ToolRequest, Trouble, Usage
from frametalk.adapters.llm.fixed import FixedMind
from frametalk.core.tools import ToolOutcome
from frametalk.errors import AdapterError, Stage
from frametalk.pipeline.recognition import SpokenTurn
from frametalk.pipeline.reply import CallTool, Reply, SayClause
from frametalk.pipeline.think import Think
from frametalk.tasks import Tasks
from frametalk.trace import TurnTrace

pytestmark = pytest.mark.looptime


class Mind(FixedMind):
    """Yields, step by step, what it is given; then the last of it again and again."""

    def __init__(self, *steps: list[Any]) -> None:
        super().__init__()
        self.steps = steps
        self.closed = 0
        self.asked: list[tuple[str, ...]] = []  # each time, the outcomes that it knew of
        self.said: list[str] = []  # and what of this reply had been said

    async def think(self, request: MindRequest) -> Any:
        self.asked.append(tuple(outcome.state for outcome in request.outcomes))
        self.said.append(request.said)
        try:
            for event in self.steps[min(request.step, len(self.steps) - 1)]:
                if isinstance(event, float):
                    await asyncio.sleep(event)
                else:
                    yield event
        finally:
            self.closed += 1


async def thoughts(
    mind: Mind,
    errors: list[str],
    refused: Sequence[str] = (),
    *,
    ahead: bool = False,
    outcome: str = "done",
    game_s: float = 0.0,
    used: list[Usage] | None = None,
) -> list[Any]:
    """The script that a mind makes; calls are numbered from 1 and end as `outcome` after `game_s`."""
    counted = [] if used is None else used
    one = Reply(1, SpokenTurn(1, 1, TurnTrace(), None, 16_000), 16_000, 400)
    calls: list[str] = []
    outcomes: list[ToolOutcome] = []
    tasks = Tasks(lambda name, error: errors.append(f"{name}: {error}"))

    def propose(request: ToolRequest) -> int | None:
        calls.append(request.name)
        return None if request.name in refused else len(calls)

    async def finished(ended: Sequence[int]) -> None:
        await asyncio.sleep(game_s)
        outcomes.extend(ToolOutcome(call, calls[call - 1], {}, outcome) for call in ended)

    think = Think(
        one,
        mind,
        request=lambda step: MindRequest(
            character="", turn=1, text="", step=step, outcomes=tuple(outcomes)
        ),
        propose=propose,
        finished=finished,
        max_steps=3,
        ahead=ahead,
        start=tasks.start,
        timeout_ms=500,
        report_error=lambda error: errors.append(error.code),
        used=counted.append,
        now=asyncio.get_running_loop().time,
    )
    script: list[Any] = []

    async def collect() -> None:
        while (item := await one.script.get()) is not None:
            script.append(item)

    async with asyncio.TaskGroup() as group:
        group.create_task(think.run())
        group.create_task(collect())
    await asyncio.sleep(0)
    assert len(tasks) == 0
    return script


async def test_what_is_said_before_a_call_is_spoken_before_it() -> None:
    mind = Mind([TextDelta("Let me see"), ToolRequest("open", {})], [TextDelta("Done.")])
    errors: list[str] = []
    assert await thoughts(mind, errors) == [
        SayClause("Let me see"),
        CallTool(1),
        SayClause("Done."),
    ]
    assert (errors, mind.closed) == ([], 2)


async def test_a_call_that_is_refused_before_it_leaves_still_gets_its_answer() -> None:
    mind = Mind([ToolRequest("fly", {})], [TextDelta("I cannot fly.")])
    assert await thoughts(mind, [], refused=["fly"]) == [SayClause("I cannot fly.")]


async def test_a_mind_that_calls_for_ever_is_stopped() -> None:
    script = await thoughts(Mind([ToolRequest("open", {})]), [])
    assert script == [CallTool(1), CallTool(2), CallTool(3)]


async def test_a_mind_that_falls_silent_ends_with_what_it_said() -> None:
    errors: list[str] = []
    mind = Mind([TextDelta("I was about to"), 60.0, TextDelta("never")])
    assert await thoughts(mind, errors) == [SayClause("I was about to")]
    assert (errors, mind.closed) == (["think_timeout"], 1)


SAYS_HOW = ([ToolRequest("open", {})], [0.1, TextDelta("Done.")])


async def test_what_the_game_will_have_done_is_thought_of_while_it_does_it() -> None:
    mind, loop = Mind(*SAYS_HOW), asyncio.get_running_loop()
    began_s = loop.time()
    assert await thoughts(mind, [], ahead=True, game_s=0.2) == [CallTool(1), SayClause("Done.")]
    assert loop.time() - began_s < 0.25, "game and mind were at work at the same time"
    assert mind.asked == [(), ("done",)]


async def test_what_the_game_did_not_do_is_thought_of_again() -> None:
    mind, errors = Mind(*SAYS_HOW), []
    script = await thoughts(mind, errors, ahead=True, game_s=0.2, outcome="refused")
    assert script == [CallTool(1), SayClause("Done.")]
    assert mind.asked == [(), ("done",), ("refused",)]
    assert (errors, mind.closed) == ([], 3)


async def test_a_mind_that_fails_ahead_of_time_fails_once() -> None:
    class Weak(Mind):
        async def think(self, request: MindRequest) -> Any:
            if request.step:
                raise AdapterError("think_failed", "too much", stage=Stage.THINK)
            async for event in super().think(request):
                yield event

    errors: list[str] = []
    script = await thoughts(Weak([ToolRequest("open", {})]), errors, ahead=True, game_s=0.1)
    assert (script, errors) == ([CallTool(1)], ["think_failed"])


async def test_each_step_knows_what_the_steps_before_it_said() -> None:
    mind = Mind(
        [TextDelta("Let me"), TextDelta(" see. "), ToolRequest("open", {})],
        [TextDelta("It is open."), ToolRequest("shut", {})],
        [TextDelta("And shut.")],
    )
    await thoughts(mind, [], ahead=True, game_s=0.1, outcome="refused")
    first, second = "Let me see.", "Let me see. It is open."
    assert mind.said == ["", first, first, second, second]


SLOW = Trouble(AdapterError("mind_timeout", "too slow", stage=Stage.THINK))


async def test_trouble_is_reported_while_the_answer_goes_on() -> None:
    errors: list[str] = []
    mind = Mind([SLOW, TextDelta("Where was I?")])
    assert await thoughts(mind, errors) == [SayClause("Where was I?")]
    assert errors == ["mind_timeout"]


async def test_what_a_step_took_counts_also_when_it_was_thought_in_vain() -> None:
    errors: list[str] = []
    used: list[Usage] = []
    mind = Mind(
        [ToolRequest("open", {}), Usage(10, 1)], [SLOW, Usage(20, 2), TextDelta("It is open.")]
    )
    await thoughts(mind, errors, ahead=True, game_s=0.1, outcome="refused", used=used)
    assert used == [Usage(10, 1), Usage(20, 2), Usage(20, 2)]
    assert errors == ["mind_timeout"] * 2
