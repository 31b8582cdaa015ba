"""One answer of one model within its limits."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from adapters.llm.scripted_model import STOP, ScriptedModel, Step, said
from frametalk.adapters.base import Dropped, MindEvent, TextDelta, ToolRequest, Usage
from frametalk.adapters.llm.openai.attempt import AFTER_FINISH_MS, Attempt
from frametalk.adapters.llm.openai.models import Habits, Limits, ModelError, Piece
from frametalk.adapters.llm.openai.prompt import Prompt
from frametalk.adapters.llm.openai.providers import Provider
from frametalk.adapters.llm.openai.tool_deltas import CallPart

pytestmark = pytest.mark.looptime

LIMITS = Limits(
    first_token_ms=9_999,  # not used: an attempt gets this limit as an argument
    between_tokens_ms=1_000,
    whole_ms=5_000,
    max_token_characters=100,
    max_characters=300,
)
CALL = Piece(calls=(CallPart(0, "a", "open", '{"target":"door"}'),))


TOOL = {
    "type": "function",
    "function": {"name": "open", "parameters": {"properties": {"target": {}}}},
}
DONE = Piece(done=True)


def heard(events: list[MindEvent]) -> str:
    """What is left of the text."""
    text = ""
    for event in events:
        if isinstance(event, TextDelta):
            text += event.text
        elif isinstance(event, Dropped):
            assert text.endswith(event.text)
            text = text.removesuffix(event.text)
    return text


async def attempt_with(
    *script: Step,
    limits: Limits = LIMITS,
    may_be_silent: bool = False,
    habits: Habits | None = None,
    **fields: Any,
) -> tuple[list[MindEvent], ModelError | None, int]:
    """The events, the failure, and the duration in milliseconds."""
    model = ScriptedModel(list(script))
    provider = Provider(prompt_price=2.0, completion_price=10.0, **fields)
    attempt = Attempt(model, provider, limits, 2_000, may_be_silent=may_be_silent, habits=habits)
    loop = asyncio.get_running_loop()
    began_s, failure = loop.time(), None
    events: list[MindEvent] = []
    stream = attempt.events(Prompt((), (TOOL,)))
    try:
        while True:
            events.append(await anext(stream))
    except StopAsyncIteration:
        pass
    except ModelError as error:
        failure = error
    assert model.ended == 1
    return events, failure, round((loop.time() - began_s) * 1_000)


async def test_words_come_first_then_calls_then_usage() -> None:
    events, failure, _ms = await attempt_with(
        "Let", " me", " see.", CALL, Piece(finish="tool_calls"), Piece(usage=(900, 20))
    )
    assert failure is None
    assert events == [
        TextDelta("Let"),
        TextDelta(" me"),
        TextDelta(" see."),
        ToolRequest("open", {"target": "door"}, "a"),
        Usage(900, 20, (900 * 2 + 20 * 10) / 1e6),
    ]


async def test_only_the_newest_token_count_is_used() -> None:
    events, _failure, _ms = await attempt_with(
        Piece("Yes.", usage=(9, 1)), replace(STOP, usage=(9, 2)), Piece(usage=(9, 3))
    )
    assert [event for event in events if isinstance(event, Usage)] == [Usage(9, 3, 48 / 1e6)]


async def test_a_missing_token_count_delays_only_shortly() -> None:
    events, failure, ms = await attempt_with("Yes.", STOP, 60.0, Piece(usage=(1, 1)))
    assert (events, failure, ms) == ([TextDelta("Yes.")], None, AFTER_FINISH_MS)


async def test_a_failure_after_the_complete_answer_is_ignored() -> None:
    events, failure, _ms = await attempt_with("Yes.", STOP, ModelError("mind_stream", "cut"))
    assert (events, failure) == ([TextDelta("Yes.")], None)


@pytest.mark.parametrize(
    ("script", "text", "code", "sure", "ms"),
    [
        ([60.0, "late"], "", "mind_timeout", True, 2_000),
        ([*[0.5, Piece()] * 20, "late"], "", "mind_timeout", True, 2_000),
        (["<think>", *[0.5, "hm "] * 20, "late"], "", "mind_timeout", True, 2_000),
        (["One", " two", 60.0, " three"], "One", "mind_timeout", False, 1_000),
        ([CALL, 60.0, STOP], "", "mind_timeout", False, 1_000),
        ([0.9, *["go ", 0.9] * 20, STOP], "go go go go go", "mind_timeout", False, 5_000),
        (["One", " two"], "One", "mind_stream", False, 0),
        ([], "", "mind_stream", False, 0),
        (["One", ModelError("mind_stream", "no JSON")], "One", "mind_stream", False, 0),
        (["One ", "x" * 101, STOP], "One ", "mind_stream", False, 0),
        (["One ", Piece(finish="error")], "One ", "mind_stream", False, 0),
        ([STOP], "", "mind_empty", False, 0),
        ([" \n", STOP], "", "mind_empty", False, 0),
        (["<think>Who?</think>", STOP], "", "mind_empty", False, 0),
    ],
)
async def test_a_failed_answer_keeps_its_text_and_has_a_code(
    script: list[Any], text: str, code: str, sure: bool, ms: int
) -> None:
    events, failure, took_ms = await attempt_with(*script)
    assert failure is not None
    assert (said(events), failure.error.code, failure.sure, took_ms) == (text, code, sure, ms)
    assert failure.error.remedy


async def test_a_slow_consumer_does_not_use_up_the_servers_time() -> None:
    model = ScriptedModel([*[0.1, "word "] * 20, STOP])
    attempt = Attempt(model, Provider(), LIMITS, 2_000, may_be_silent=False)
    events = []
    async for event in attempt.events(Prompt(())):
        await asyncio.sleep(3)
        events.append(event)
    assert said(events) == "word " * 20


async def test_an_endless_answer_is_ended_and_needs_no_fallback() -> None:
    events, failure, _ms = await attempt_with(*["word "] * 1_000)
    assert len(said(events)) == LIMITS.max_characters
    assert failure is not None
    assert (failure.error.code, failure.enough) == ("mind_too_long", True)


async def test_an_empty_answer_is_allowed_after_an_earlier_step() -> None:
    assert await attempt_with(STOP, may_be_silent=True) == ([], None, 0)


async def test_calls_of_an_incomplete_answer_are_not_requested() -> None:
    events, failure, _ms = await attempt_with("Yes. ", CALL)
    assert events == [TextDelta("Yes. ")]
    assert failure is not None


async def test_a_burst_of_pieces_lets_other_sessions_run() -> None:
    ran = 0

    async def other() -> None:
        nonlocal ran
        while True:
            ran += 1
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(other())
        await attempt_with(*["a "] * 100, STOP)
        task.cancel()
    assert ran > 10


# ---- the end of an answer ------------------------------------------------------------------------

WELL_MET: list[Step] = ["Well ", "met, ", "traveller."]


@pytest.mark.parametrize(
    "script",
    [
        [*WELL_MET, DONE],
        [*WELL_MET, STOP],
        [*WELL_MET, STOP, DONE],
        [*WELL_MET[:2], Piece("traveller.", finish="stop"), DONE],
        [STOP, *WELL_MET, STOP, DONE],
        [STOP, *WELL_MET, DONE],
        [Piece("Well ", finish="stop"), *WELL_MET[1:], STOP],
        [STOP, 0.5, *WELL_MET, STOP],
    ],
    ids=["done", "stop", "both", "with the last word", "early", "early only", "in each", "slow"],
)
async def test_a_whole_answer_ends_in_any_of_these_ways(script: list[Step]) -> None:
    events, failure, _ms = await attempt_with(*script)
    assert (said(events), failure) == ("Well met, traveller.", None)


@pytest.mark.parametrize(
    "script",
    [
        [DONE],
        [*WELL_MET],
        ["<think>Hm.", DONE],
        ["Yes. ", Piece(calls=(CallPart(0, "a", "open", '{"targ'),)), DONE],
    ],
    ids=["nothing", "cut", "in a thought", "in a call"],
)
async def test_an_early_end_is_a_failure(script: list[Step]) -> None:
    events, failure, _ms = await attempt_with(*script)
    assert failure is not None
    assert failure.error.code == "mind_stream"
    assert not [event for event in events if isinstance(event, ToolRequest)]


async def test_a_call_without_a_finish_reason_is_requested() -> None:
    events, failure, _ms = await attempt_with(CALL, DONE)
    assert (events, failure) == ([ToolRequest("open", {"target": "door"}, "a")], None)


async def test_a_complete_call_does_not_wait_for_the_end_of_the_connection() -> None:
    model = ScriptedModel([CALL, Piece(finish="tool_calls"), 60.0])
    attempt = Attempt(model, Provider(), LIMITS, 2_000, may_be_silent=False)
    began_s = asyncio.get_running_loop().time()
    stream = attempt.events(Prompt(()))
    assert isinstance(await anext(stream), ToolRequest)
    assert asyncio.get_running_loop().time() == began_s
    await stream.aclose()


async def test_words_that_wait_come_before_a_complete_call() -> None:
    for word in ("Very well", "The player", "open", "<"):
        events, _failure, _ms = await attempt_with(word, CALL, Piece(finish="tool_calls"), DONE)
        assert [type(event) for event in events if not isinstance(event, Dropped)][
            -1
        ] is ToolRequest
        assert said(events) == word


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Well met. The door is", "Well met."),
        ("Well met.", "Well met."),
        ("Well met! *nods* I sa", "Well met!"),
        ("Well met. <think>Hm. And", "Well met."),
    ],
)
@pytest.mark.parametrize("size", [1, 4, 99])
async def test_an_answer_cut_at_max_tokens_ends_with_a_sentence(
    text: str, left: str, size: int
) -> None:
    tokens = [text[at : at + size] for at in range(0, len(text), size)]
    events, failure, _ms = await attempt_with(*tokens, Piece(finish="length"))
    assert (heard(events).rstrip(), failure) == (left, None)


async def test_without_a_whole_sentence_nothing_is_left_and_a_fallback_is_needed() -> None:
    events, failure, _ms = await attempt_with("Well met, trav", Piece(finish="length"))
    assert heard(events) == ""
    assert failure is not None
    assert failure.error.code == "mind_empty"


async def test_an_answer_that_is_too_long_ends_with_a_sentence() -> None:
    events, failure, _ms = await attempt_with(*["Well met. "] * 29, "And so on ", *["on "] * 50)
    assert heard(events).rstrip() == ("Well met. " * 29).rstrip()
    assert failure is not None
    assert failure.enough


async def test_an_answer_that_repeats_a_sentence_ends_before_it() -> None:
    circle = ["I am ", "a smith. ", "I live ", "here. "] * 9
    events, failure, _ms = await attempt_with(*circle, STOP)
    assert (heard(events).rstrip(), failure) == ("I am a smith. I live here.", None)


@pytest.mark.parametrize(
    "rest",
    [
        *("<|im_start|>user\nAnd you?", "\n<player>\nAnd you?", "<scene>{}", "\n</player>", ""),
        *("<|im_end|>\n<|im_end|>user\nAnd you?", "<end_of_turn>\nuser\nAnd you?"),
    ],
)
async def test_an_answer_ends_where_the_model_goes_on_with_the_prompt(rest: str) -> None:
    for size in (1, 4, 99):
        tokens = [rest[at : at + size] for at in range(0, len(rest), size)]
        tail: list[Step] = [60.0, "Never."] if "And" in rest or "{" in rest else [STOP]
        events, failure, ms = await attempt_with("I am ", "well.", *tokens, *tail)
        assert (heard(events).rstrip(), failure, ms) == ("I am well.", None, 0)


async def test_an_answer_that_takes_too_long_ends_with_a_sentence() -> None:
    events, failure, ms = await attempt_with("Well met. ", *["so ", 0.9] * 20, STOP)
    assert (heard(events).rstrip(), failure, ms) == ("Well met.", None, 5_000)


# ---- calls as text, and thoughts without an opening tag ------------------------------------------

WRITTEN = '<tool_call>{"name": "open", "arguments": {"target": "door"}}</tool_call>'


async def test_a_call_as_text_is_requested_after_the_words() -> None:
    events, failure, _ms = await attempt_with("Yes. ", WRITTEN, STOP)
    assert failure is None
    assert (said(events).strip(), events[-1]) == ("Yes.", ToolRequest("open", {"target": "door"}))


async def test_a_call_as_text_is_only_removed_if_the_option_says_so() -> None:
    events, failure, _ms = await attempt_with("Yes. ", WRITTEN, STOP, text_calls=False)
    assert (said(events).strip(), failure) == ("Yes.", None)
    assert not [event for event in events if isinstance(event, ToolRequest)]


async def test_a_call_that_is_sent_and_written_is_one_call() -> None:
    events, _failure, _ms = await attempt_with(WRITTEN, CALL, STOP)
    assert events == [ToolRequest("open", {"target": "door"}, "a")]


async def test_the_first_answer_shows_whether_a_model_thinks_first() -> None:
    habits = Habits()
    await attempt_with("He wants in.</think>", "Hello.", STOP, habits=habits)
    assert habits.thinks_first
    events, _failure, _ms = await attempt_with("Hm.", "</think>", "Hello.", STOP, habits=habits)
    assert events == [TextDelta("Hello.")]
    await attempt_with("Hello.", STOP, habits=habits)
    assert habits.thinks_first is False


async def test_the_option_says_whether_a_model_thinks_first() -> None:
    events, _failure, _ms = await attempt_with("Hm.</think>", "Hello.", STOP, thinks_first=True)
    assert events == [TextDelta("Hello.")]
