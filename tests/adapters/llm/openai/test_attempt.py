"""One answer of one model within its limits."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from adapters.llm.scripted_model import STOP, ScriptedModel, Step, said
from frametalk.adapters.base import MindEvent, TextDelta, ToolRequest, Usage
from frametalk.adapters.llm.openai.attempt import AFTER_FINISH_MS, Attempt
from frametalk.adapters.llm.openai.models import Limits, ModelError, Piece
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


async def attempt_with(
    *script: Step, limits: Limits = LIMITS, may_be_silent: bool = False
) -> tuple[list[MindEvent], ModelError | None, int]:
    """The events, the failure, and the duration in milliseconds."""
    model = ScriptedModel(list(script))
    provider = Provider(prompt_price=2.0, completion_price=10.0)
    attempt = Attempt(model, provider, limits, 2_000, may_be_silent=may_be_silent)
    loop = asyncio.get_running_loop()
    began_s, failure = loop.time(), None
    events: list[MindEvent] = []
    stream = attempt.events(Prompt(()))
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
