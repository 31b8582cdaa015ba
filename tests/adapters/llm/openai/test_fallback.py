"""Providers in order, told as conversations."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field

import pytest

from adapters.llm.scripted_model import STOP, ScriptedModel, Step, said
from frametalk.adapters.base import MindEvent, ToolRequest, Trouble, Usage
from frametalk.adapters.llm.openai.breaker import Breaker, BreakerState
from frametalk.adapters.llm.openai.fallback import Answer, Served
from frametalk.adapters.llm.openai.models import Limits, ModelError, Piece
from frametalk.adapters.llm.openai.prompt import Prompt
from frametalk.adapters.llm.openai.providers import Provider
from frametalk.adapters.llm.openai.tool_deltas import CallPart

pytestmark = pytest.mark.looptime

TROUBLED = "My thoughts were elsewhere."
DOWN = ModelError("mind_connect", "nobody there", sure=True)
CUT = ModelError("mind_stream", "cut")
CALL = Piece(calls=(CallPart(0, "a", "open", "{}"),))


@dataclass
class Party:
    """Models in order, and what a turn with them brings."""

    models: list[ScriptedModel]
    prefixes: list[str] = field(default_factory=list)
    served: list[Served] = field(init=False)

    def __post_init__(self) -> None:
        self.served = [Served(one, Provider(), Breaker(open_s=5)) for one in self.models]

    def answer(self, *, may_be_silent: bool = False) -> Answer:
        def prompt(prefix: str) -> Prompt:
            self.prefixes.append(prefix)
            return Prompt(())

        return Answer(self.served, Limits(), prompt, TROUBLED, may_be_silent=may_be_silent)

    async def turn(self, *, may_be_silent: bool = False) -> tuple[str, list[str]]:
        """What was said, and the codes of what went wrong."""
        events = await self.events(may_be_silent=may_be_silent)
        return said(events), [one.error.code for one in events if isinstance(one, Trouble)]

    async def events(self, *, may_be_silent: bool = False) -> list[MindEvent]:
        return [one async for one in self.answer(may_be_silent=may_be_silent).events()]

    @property
    def asked(self) -> list[int]:
        return [len(one.prompts) for one in self.models]


def party(*scripts: list[Step]) -> Party:
    return Party([ScriptedModel(script) for script in scripts])


HELLO: list[Step] = ["Hello,", " friend.", STOP]


async def test_the_first_that_can_answers() -> None:
    both = party(HELLO, ["Never.", STOP])
    assert await both.turn() == ("Hello, friend.", [])
    assert both.asked == [1, 0]


async def test_one_that_is_down_is_told_of_once_and_costs_nothing_the_next_time() -> None:
    both = party([DOWN], HELLO)
    assert await both.turn() == ("Hello, friend.", ["mind_connect"])
    assert await both.turn() == ("Hello, friend.", [])
    assert both.asked == [1, 2]
    await asyncio.sleep(5)
    assert await both.turn() == ("Hello, friend.", ["mind_connect"])
    assert both.asked == [2, 3], "after a while it is tried again"


async def test_the_second_goes_on_where_the_first_broke_off_without_a_word_twice() -> None:
    both = party(["I will", " open", " the d", CUT], ["I will", " open the", " door.", STOP])
    assert await both.turn() == ("I will open the door.", ["mind_stream"])
    assert both.prefixes == ["", "I will open the"], "the half word was not said"


async def test_a_third_goes_on_after_both() -> None:
    three = party(
        ["I will", " open", " the", CUT],
        ["open the", " red", " d", CUT],
        ["the red door.", STOP],
    )
    assert await three.turn() == ("I will open the red door.", ["mind_stream"] * 2)
    assert three.prefixes == ["", "I will open", "I will open the red"]


async def test_when_nobody_is_left_a_scripted_line_is_said() -> None:
    assert await party([DOWN], [CUT]).turn() == (TROUBLED, ["mind_connect", "mind_stream"])
    cut = party(["I will", " open", " it", CUT])
    assert await cut.turn() == (f"I will open\u2026 {TROUBLED}", ["mind_stream"])
    whole = party(["Very well.", CUT])
    assert await whole.turn() == (f"Very well. {TROUBLED}", ["mind_stream"])


async def test_when_nobody_may_be_asked_the_line_comes_at_once_and_says_why() -> None:
    one = party([60.0, "late"])
    loop = asyncio.get_running_loop()
    assert await one.turn() == (TROUBLED, ["mind_timeout"])
    began_s = loop.time()
    assert await one.turn() == (TROUBLED, ["mind_unavailable"])
    assert loop.time() == began_s


async def test_however_many_stall_something_is_said_in_the_time_that_was_set() -> None:
    for count in (1, 2, 4):
        stalled = party(*[[60.0, "late"] for _ in range(count)])
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        assert await stalled.turn() == (TROUBLED, ["mind_timeout"] * count)
        assert loop.time() - began_s == pytest.approx(2.0)


async def test_time_that_one_did_not_need_is_left_for_the_next() -> None:
    both = party([DOWN], [1.9, *HELLO])
    assert (await both.turn())[0] == "Hello, friend."


async def test_after_calls_were_asked_for_nobody_else_is() -> None:
    both = party(["Yes.", CALL, Piece(finish="tool_calls")], HELLO)
    events = await both.events()
    assert [type(event) for event in events][-1] is ToolRequest
    assert both.asked == [1, 0]


async def test_calls_that_broke_off_are_asked_for_again() -> None:
    both = party(["Yes.", CALL, CUT], ["Yes.", CALL, Piece(finish="tool_calls")])
    events = await both.events()
    assert said(events) == "Yes."
    assert [event for event in events if isinstance(event, ToolRequest)] == [
        ToolRequest("open", {}, "a")
    ]


async def test_an_answer_that_is_too_long_is_told_of_and_not_taken_further() -> None:
    both = party(["word "] * 1_000, HELLO)  # type: ignore[arg-type]
    text, codes = await both.turn()
    assert (len(text), codes, both.asked) == (1_500, ["mind_too_long"], [1, 0])


async def test_silence_after_something_was_said_is_no_trouble() -> None:
    assert await party([STOP]).turn(may_be_silent=True) == ("", [])
    assert await party([STOP]).turn() == (TROUBLED, ["mind_empty"])


async def test_a_second_model_may_have_nothing_to_add() -> None:
    both = party(["Very well.", CUT], [STOP])
    assert await both.turn() == ("Very well.", ["mind_stream"])


async def test_a_wait_that_was_asked_for_is_kept() -> None:
    both = party([ModelError("mind_rate_limit", "429", for_s=40.0)], HELLO)
    await both.turn()
    await asyncio.sleep(39)
    await both.turn()
    assert both.asked == [1, 2]
    await asyncio.sleep(1)
    await both.turn()
    assert both.asked == [2, 3]


async def test_an_answer_that_is_given_up_ends_the_stream_and_is_no_failure() -> None:
    one = party(["Hello ", "there ", 60.0])
    one.served[0].breaker.failed(0.0, sure=True)
    await asyncio.sleep(5)  # half-open: this answer is the trial
    async with aclosing(one.answer().events()) as events:
        assert said([await anext(events)]) == "Hello "
    assert one.models[0].ended == 1
    now_s = asyncio.get_running_loop().time()
    assert one.served[0].breaker.state(now_s) is BreakerState.HALF_OPEN
    assert one.served[0].breaker.ask(now_s), "another may try"


async def test_a_task_that_is_cancelled_while_it_waits_ends_the_stream_too() -> None:
    one = party([60.0, "late"])
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(one.events())
        await asyncio.sleep(0.5)
        waiting.cancel()
    assert one.models[0].ended == 1
    assert one.served[0].breaker.state(0.5) is BreakerState.CLOSED


async def test_what_an_answer_took_is_told_with_it() -> None:
    events = await party([*HELLO, Piece(usage=(10, 2))]).events()
    assert events[-1] == Usage(10, 2, 0.0)
