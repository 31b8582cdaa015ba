"""The thinking stage: steps, calls in their place, limits."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from frametalk.adapters.base import (
    Dropped,
    MindRequest,
    SpeechRequest,
    TextDelta,
    ToolRequest,
    Trouble,
    Usage,
)
from frametalk.adapters.llm.fixed import FixedMind
from frametalk.adapters.tts.fixed import FixedVoice
from frametalk.config import FrametalkSettings, ReplySettings
from frametalk.core.actions import StartReply
from frametalk.core.tools import ToolOutcome
from frametalk.errors import AdapterError
from frametalk.errors import Stage as Where
from frametalk.pipeline.reply import CallTool, Reply, SayClause
from frametalk.pipeline.think import Think
from stages import Stage, character, conduct

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


class Game:
    """Carries out calls, numbered from 1, in place of the acting stage; `refused` names never leave."""

    def __init__(self, refused: Sequence[str], outcome: str, seconds: float) -> None:
        self.calls: list[str] = []
        self.outcomes: list[ToolOutcome] = []
        self._refused = refused
        self._outcome = outcome
        self._seconds = seconds

    def propose(self, request: ToolRequest, _reply: Reply) -> int | None:
        self.calls.append(request.name)
        return None if request.name in self._refused else len(self.calls)

    async def finished(self, ended: Sequence[int]) -> None:
        await asyncio.sleep(self._seconds)
        for call in ended:
            self.outcomes.append(ToolOutcome(call, self.calls[call - 1], {}, self._outcome))

    def build(self, action: StartReply, step: int, said: str) -> MindRequest:
        """What the mind may know, in place of MindRequests."""
        return MindRequest(
            character="",
            turn=action.turn,
            text="",
            step=step,
            said=said,
            outcomes=tuple(self.outcomes),
        )


async def thoughts(
    mind: Mind,
    refused: Sequence[str] = (),
    *,
    ahead: bool = False,
    outcome: str = "done",
    game_s: float = 0.0,
    voice: FixedVoice | None = None,
) -> tuple[list[Any], Stage]:
    """The script that a mind makes; its calls end as `outcome` after `game_s`."""
    settings = ReplySettings(max_steps=3, think_ahead=ahead, mind_timeout_ms=500)
    stage = Stage(FrametalkSettings(reply=settings))
    one, game = stage.reply(), Game(refused, outcome, game_s)
    speaker = character(mind=mind, voice=voice)
    think = Think(stage.context, one, speaker, game, game, conduct(stage, speaker))  # type: ignore[arg-type]
    script: list[Any] = []

    async def collect() -> None:
        while (item := await one.script.get()) is not None:
            script.append(item)

    async with asyncio.TaskGroup() as group:
        group.create_task(think.run())
        group.create_task(collect())
    await asyncio.sleep(0)
    assert len(stage.tasks) == 0
    return script, stage


async def test_text_before_a_call_is_spoken_before_it() -> None:
    mind = Mind([TextDelta("Let me see"), ToolRequest("open", {})], [TextDelta("Done.")])
    script, stage = await thoughts(mind)
    assert script == [SayClause("Let me see"), CallTool(1), SayClause("Done.")]
    assert (stage.error_codes, mind.closed) == ([], 2)


async def test_the_mind_answers_a_call_that_was_rejected() -> None:
    mind = Mind([ToolRequest("fly", {})], [TextDelta("I cannot fly.")])
    script, _stage = await thoughts(mind, refused=["fly"])
    assert script == [SayClause("I cannot fly.")]


async def test_the_number_of_steps_is_limited() -> None:
    script, _stage = await thoughts(Mind([ToolRequest("open", {})]))
    assert script == [CallTool(1), CallTool(2), CallTool(3)]


async def test_a_mind_that_times_out_ends_with_what_it_said() -> None:
    mind = Mind([TextDelta("I was about to"), 60.0, TextDelta("never")])
    script, stage = await thoughts(mind)
    assert script == [SayClause("I was about to")]
    assert (stage.error_codes, mind.closed) == (["think_timeout"], 1)


SAYS_HOW = ([ToolRequest("open", {})], [0.1, TextDelta("Done.")])


async def test_the_next_step_is_thought_while_the_game_acts() -> None:
    mind, loop = Mind(*SAYS_HOW), asyncio.get_running_loop()
    began_s = loop.time()
    script, _stage = await thoughts(mind, ahead=True, game_s=0.2)
    assert script == [CallTool(1), SayClause("Done.")]
    assert loop.time() - began_s < 0.25, "game and mind were at work at the same time"
    assert mind.asked == [(), ("done",)]


async def test_a_step_is_thought_again_when_the_call_did_not_succeed() -> None:
    mind = Mind(*SAYS_HOW)
    script, stage = await thoughts(mind, ahead=True, game_s=0.2, outcome="refused")
    assert script == [CallTool(1), SayClause("Done.")]
    assert mind.asked == [(), ("done",), ("refused",)]
    assert (stage.error_codes, mind.closed) == ([], 3)


class Preparing(FixedVoice):
    """Records which clauses it makes in advance, and fails to."""

    def __init__(self) -> None:
        super().__init__()
        self.prepared: list[str] = []

    async def prepare(self, request: SpeechRequest) -> None:
        self.prepared.append(request.text)
        raise AdapterError("voice_failed", "no", stage=Where.SPEAK)


async def test_the_first_clause_of_what_is_thought_ahead_is_prepared() -> None:
    steps = [ToolRequest("open", {})], [TextDelta("There. The door "), TextDelta("is open.")]
    voice = Preparing()
    script, stage = await thoughts(Mind(*steps), ahead=True, game_s=0.1, voice=voice)
    assert voice.prepared == ["There."]
    assert script == [CallTool(1), SayClause("There."), SayClause("The door is open.")]
    assert stage.error_codes == []
    voice = Preparing()
    await thoughts(Mind(*steps), ahead=False, game_s=0.1, voice=voice)
    assert voice.prepared == []


class Foreseeing(Mind):
    """Knows how it would report a refusal."""

    def if_refused(self, request: MindRequest) -> str:
        assert request.outcomes
        return "I cannot."


async def test_the_opening_of_a_refusal_is_prepared_after_that() -> None:
    steps = [ToolRequest("open", {})], [TextDelta("There. "), TextDelta("It is open.")]
    voice = Preparing()
    await thoughts(Foreseeing(*steps), ahead=True, game_s=0.1, voice=voice)
    assert voice.prepared == ["There.", "I cannot."]


async def test_a_failure_while_thinking_ahead_is_reported_once() -> None:
    class Weak(Mind):
        async def think(self, request: MindRequest) -> Any:
            if request.step:
                raise AdapterError("think_failed", "too much", stage=Where.THINK)
            async for event in super().think(request):
                yield event

    script, stage = await thoughts(Weak([ToolRequest("open", {})]), ahead=True, game_s=0.1)
    assert (script, stage.error_codes) == ([CallTool(1)], ["think_failed"])


async def test_each_step_gets_what_earlier_steps_said() -> None:
    mind = Mind(
        [TextDelta("Let me"), TextDelta(" see. "), ToolRequest("open", {})],
        [TextDelta("It is open."), ToolRequest("shut", {})],
        [TextDelta("And shut.")],
    )
    await thoughts(mind, ahead=True, game_s=0.1, outcome="refused")
    first, second = "Let me see.", "Let me see. It is open."
    assert mind.said == ["", first, first, second, second]


async def test_a_dropped_end_is_not_spoken_and_was_not_said() -> None:
    mind = Mind(
        [
            TextDelta("Well met."),
            TextDelta(" The door"),
            Dropped(" The door"),
            ToolRequest("open", {}),
        ],
        [TextDelta("It is"), Dropped("It is")],
    )
    script, _stage = await thoughts(mind)
    assert script == [SayClause("Well met."), CallTool(1)]
    assert mind.said == ["", "Well met."]


SLOW = Trouble(AdapterError("mind_timeout", "too slow", stage=Where.THINK))


async def test_trouble_is_reported_while_the_answer_continues() -> None:
    mind = Mind([SLOW, TextDelta("Where was I?")])
    script, stage = await thoughts(mind)
    assert script == [SayClause("Where was I?")]
    assert stage.error_codes == ["mind_timeout"]


async def test_usage_of_a_discarded_step_is_counted() -> None:
    mind = Mind(
        [ToolRequest("open", {}), Usage(10, 1)], [SLOW, Usage(20, 2), TextDelta("It is open.")]
    )
    _script, stage = await thoughts(mind, ahead=True, game_s=0.1, outcome="refused")
    assert stage.value("frametalk_mind_tokens_total", kind="prompt") == 10 + 20 + 20
    assert stage.value("frametalk_mind_tokens_total", kind="completion") == 1 + 2 + 2
    assert stage.error_codes == ["mind_timeout"] * 2


async def test_stages_of_the_turn_are_marked_and_steps_timed() -> None:
    mind = Mind([ToolRequest("open", {})], [0.1, TextDelta("Done.")])
    _script, stage = await thoughts(mind, game_s=0.2)
    counts = {
        step: stage.value("frametalk_step_seconds_count", step=step)
        for step in ("mind_first_token", "first_clause", "tools", "think")
    }
    assert counts == {"mind_first_token": 1, "first_clause": 1, "tools": 1, "think": 2}
    assert stage.value("frametalk_step_seconds_sum", step="tools") == pytest.approx(0.2, abs=0.01)
