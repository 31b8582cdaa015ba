"""Models in order of preference, and their failures."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field, replace

import pytest

from adapters.llm.scripted_model import STOP, ScriptedModel, Step, said
from frametalk.adapters.base import Dropped, MindEvent, ToolRequest, Trouble, Usage
from frametalk.adapters.llm.openai.breaker import Breaker, BreakerState
from frametalk.adapters.llm.openai.fallback import Answer, ServedModel
from frametalk.adapters.llm.openai.models import Limits, ModelError, Piece
from frametalk.adapters.llm.openai.pace import Pace
from frametalk.adapters.llm.openai.prompt import Prompt
from frametalk.adapters.llm.openai.providers import Provider
from frametalk.adapters.llm.openai.tool_deltas import CallPart

pytestmark = pytest.mark.looptime

TROUBLED = "My thoughts were elsewhere."
DOWN = ModelError("mind_connect", "connection refused", sure=True)
CUT = ModelError("mind_stream", "cut")
CALL = Piece(calls=(CallPart(0, "a", "open", "{}"),))


@dataclass
class Fallback:
    """Models in order of preference, with the prompts' prefixes."""

    models: list[ScriptedModel]
    prefixes: list[str] = field(default_factory=list)
    served: list[ServedModel] = field(init=False)

    def __post_init__(self) -> None:
        self.served = [ServedModel(model, Provider(), Breaker(open_s=5)) for model in self.models]

    def answer(self, *, may_be_silent: bool = False) -> Answer:
        def prompt(prefix: str) -> Prompt:
            self.prefixes.append(prefix)
            return Prompt(())

        return Answer(self.served, Limits(), prompt, TROUBLED, may_be_silent=may_be_silent)

    async def turn(self, *, may_be_silent: bool = False) -> tuple[str, list[str]]:
        """The text of a turn and the codes of its failures."""
        events = await self.events(may_be_silent=may_be_silent)
        return said(events), [event.error.code for event in events if isinstance(event, Trouble)]

    async def events(self, *, may_be_silent: bool = False) -> list[MindEvent]:
        return [event async for event in self.answer(may_be_silent=may_be_silent).events()]

    @property
    def requests(self) -> list[int]:
        """How many requests each model got."""
        return [len(model.prompts) for model in self.models]


def fallback(*scripts: list[Step]) -> Fallback:
    return Fallback([ScriptedModel(script) for script in scripts])


HELLO: list[Step] = ["Hello,", " friend.", STOP]
SLOW: list[Step] = [6.0, *HELLO]


def slow_pace() -> Pace:
    pace = Pace()
    pace.read(1_000, 3_000_000)
    return pace


async def test_a_single_model_gets_the_time_that_its_pace_needs() -> None:
    alone = fallback(SLOW)
    assert (await alone.turn())[1] == ["mind_timeout"]
    alone = fallback(SLOW)
    alone.served = [replace(alone.served[0], pace=slow_pace())]
    assert await alone.turn() == ("Hello, friend.", [])


async def test_a_model_with_a_fallback_does_not() -> None:
    both = fallback(SLOW, HELLO)
    both.served[0] = replace(both.served[0], pace=slow_pace())
    assert await both.turn() == ("Hello, friend.", ["mind_timeout"])


async def test_the_first_model_answers_alone() -> None:
    both = fallback(HELLO, ["Never.", STOP])
    assert await both.turn() == ("Hello, friend.", [])
    assert both.requests == [1, 0]


async def test_a_model_that_is_down_is_skipped_for_a_while() -> None:
    both = fallback([DOWN], HELLO)
    assert await both.turn() == ("Hello, friend.", ["mind_connect"])
    assert await both.turn() == ("Hello, friend.", [])
    assert both.requests == [1, 2]
    await asyncio.sleep(5)
    assert await both.turn() == ("Hello, friend.", ["mind_connect"])
    assert both.requests == [2, 3], "it is tried again later"


async def test_the_second_model_continues_without_repeating_words() -> None:
    both = fallback(["I will", " open", " the d", CUT], ["I will", " open the", " door.", STOP])
    assert await both.turn() == ("I will open the door.", ["mind_stream"])
    assert both.prefixes == ["", "I will open the"], "the partial word was not said"


LENGTH = Piece(finish="length")


async def test_a_sentence_that_was_cut_is_dropped() -> None:
    one = fallback(["Well met. ", "The door", LENGTH])
    events = await one.events()
    assert (said(events), events[-1]) == ("Well met. The door", Dropped(" The door"))


async def test_the_next_model_answers_when_nothing_whole_was_said() -> None:
    both = fallback(["Well met, tra", LENGTH], HELLO)
    events = await both.events()
    assert both.prefixes == ["", ""], "what was dropped was not said"
    after = events[events.index(Dropped("Well met, tra")) + 1 :]
    assert said(after) == "Hello, friend."


async def test_a_third_model_continues_after_two() -> None:
    three = fallback(
        ["I will", " open", " the", CUT],
        ["open the", " red", " d", CUT],
        ["the red door.", STOP],
    )
    assert await three.turn() == ("I will open the red door.", ["mind_stream"] * 2)
    assert three.prefixes == ["", "I will open", "I will open the red"]


async def test_a_scripted_line_is_said_when_every_model_fails() -> None:
    assert await fallback([DOWN], [CUT]).turn() == (TROUBLED, ["mind_connect", "mind_stream"])
    cut = fallback(["I will", " open", " it", CUT])
    assert await cut.turn() == (f"I will open\u2026 {TROUBLED}", ["mind_stream"])
    whole = fallback(["Very well.", CUT])
    assert await whole.turn() == (f"Very well. {TROUBLED}", ["mind_stream"])


async def test_the_line_comes_at_once_when_every_breaker_is_open() -> None:
    one = fallback([60.0, "late"])
    loop = asyncio.get_running_loop()
    assert await one.turn() == (TROUBLED, ["mind_timeout"])
    began_s = loop.time()
    assert await one.turn() == (TROUBLED, ["mind_unavailable"])
    assert loop.time() == began_s


async def test_models_that_stall_share_the_time_to_the_first_word() -> None:
    for count in (1, 2, 4):
        stalled = fallback(*[[60.0, "late"] for _ in range(count)])
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        assert await stalled.turn() == (TROUBLED, ["mind_timeout"] * count)
        assert loop.time() - began_s == pytest.approx(2.0)


async def test_the_next_model_gets_the_time_that_is_left() -> None:
    both = fallback([DOWN], [1.9, *HELLO])
    assert (await both.turn())[0] == "Hello, friend."


async def test_no_fallback_is_used_after_calls() -> None:
    both = fallback(["Yes.", CALL, Piece(finish="tool_calls")], HELLO)
    events = await both.events()
    assert [type(event) for event in events][-1] is ToolRequest
    assert both.requests == [1, 0]


async def test_calls_of_an_incomplete_answer_come_from_the_fallback() -> None:
    both = fallback(["Yes.", CALL, CUT], ["Yes.", CALL, Piece(finish="tool_calls")])
    events = await both.events()
    assert said(events) == "Yes."
    assert [event for event in events if isinstance(event, ToolRequest)] == [
        ToolRequest("open", {}, "a")
    ]


async def test_an_answer_that_is_too_long_is_ended_and_reported() -> None:
    both = fallback(["word "] * 1_000, HELLO)  # type: ignore[arg-type]
    text, codes = await both.turn()
    assert (len(text), codes, both.requests) == (1_500, ["mind_too_long"], [1, 0])


async def test_an_empty_answer_after_an_earlier_step_is_not_a_failure() -> None:
    assert await fallback([STOP]).turn(may_be_silent=True) == ("", [])
    assert await fallback([STOP]).turn() == (TROUBLED, ["mind_empty"])


async def test_a_second_model_may_add_nothing() -> None:
    both = fallback(["Very well.", CUT], [STOP])
    assert await both.turn() == ("Very well.", ["mind_stream"])


async def test_retry_after_is_respected() -> None:
    both = fallback([ModelError("mind_rate_limit", "429", for_s=40.0)], HELLO)
    await both.turn()
    await asyncio.sleep(39)
    await both.turn()
    assert both.requests == [1, 2]
    await asyncio.sleep(1)
    await both.turn()
    assert both.requests == [2, 3]


async def test_a_cancelled_answer_ends_the_stream_and_is_not_a_failure() -> None:
    one = fallback(["Hello ", "there ", 60.0])
    one.served[0].breaker.failed(0.0, sure=True)
    await asyncio.sleep(5)  # half-open: this answer is the trial
    async with aclosing(one.answer().events()) as events:
        assert said([await anext(events)]) == "Hello "
    assert one.models[0].ended == 1
    now_s = asyncio.get_running_loop().time()
    assert one.served[0].breaker.state(now_s) is BreakerState.HALF_OPEN
    assert one.served[0].breaker.allows(now_s), "another trial is allowed"


async def test_a_cancelled_task_ends_the_stream() -> None:
    one = fallback([60.0, "late"])
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(one.events())
        await asyncio.sleep(0.5)
        waiting.cancel()
    assert one.models[0].ended == 1
    assert one.served[0].breaker.state(0.5) is BreakerState.CLOSED


async def test_usage_comes_with_the_answer() -> None:
    events = await fallback([*HELLO, Piece(usage=(10, 2))]).events()
    assert events[-1] == Usage(10, 2, 0.0)
