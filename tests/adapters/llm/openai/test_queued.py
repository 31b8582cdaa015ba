"""Requests wait here, and not in the server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from adapters.llm.scripted_model import STOP, ScriptedModel
from frametalk.adapters.llm.openai.models import ModelError, Piece
from frametalk.adapters.llm.openai.pace import Pace
from frametalk.adapters.llm.openai.prompt import Prompt
from frametalk.adapters.llm.openai.queued import QueuedModel

pytestmark = pytest.mark.looptime

READS_S = 2.0
PROMPT = Prompt(({"role": "user", "content": "x" * 3_000},))


class Counted(ScriptedModel):
    """Notes how many requests are under way, and the most that there were."""

    def __init__(self, *script: str | float | Piece | ModelError) -> None:
        super().__init__([READS_S, *script])
        self.under_way = self.most = 0

    async def answer(self, prompt: Prompt) -> AsyncGenerator[Piece, None]:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            async with aclosing(super().answer(prompt)) as pieces:
                async for piece in pieces:
                    yield piece
        finally:
            self.under_way -= 1


def queued(model: ScriptedModel, at_once: int = 1) -> QueuedModel:
    async def known() -> int:
        return at_once

    return QueuedModel(model, Pace(), known)


async def answer(model: QueuedModel) -> str:
    async with aclosing(model.answer(PROMPT)) as pieces:
        return "".join([piece.text async for piece in pieces])


async def cancelled_after(model: QueuedModel, seconds: float) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(seconds):
            await answer(model)


async def test_ten_drafts_in_a_row_are_two_requests() -> None:
    model = Counted("Well ", "met.", STOP)
    gate = queued(model)
    for _ in range(10):
        await cancelled_after(gate, 0.15)
    now = asyncio.get_running_loop().time
    began_s = now()
    assert await answer(gate) == "Well met."
    assert (model.most, len(model.prompts)) == (1, 2)
    assert now() - began_s == pytest.approx(READS_S - 1.5 + READS_S, abs=0.2)


async def test_an_answer_that_has_begun_is_closed_at_once() -> None:
    model = Counted("Well ", 60.0, "met.", STOP)
    gate = queued(model)
    await cancelled_after(gate, READS_S + 1)
    assert model.under_way == 0


async def test_without_a_bound_a_cancelled_request_is_closed_at_once() -> None:
    model = Counted("Well met.", STOP)
    gate = queued(model, at_once=0)
    await cancelled_after(gate, 0.15)
    assert model.under_way == 0
    assert await asyncio.gather(answer(gate), answer(gate)) == ["Well met."] * 2
    assert model.most == 2


async def test_as_many_are_sent_as_the_server_works_on() -> None:
    model = Counted("Yes.", STOP)
    gate = queued(model, at_once=2)
    assert await asyncio.gather(*(answer(gate) for _ in range(5))) == ["Yes."] * 5
    assert model.most == 2


async def test_failures_pass_and_give_the_place_back() -> None:
    model = Counted("Well ", ModelError("mind_stream", "cut"))
    gate = queued(model)
    for _ in range(3):
        with pytest.raises(ModelError, match="cut"):
            await answer(gate)


async def test_the_speed_of_reading_is_measured() -> None:
    gate = queued(Counted("Yes.", STOP))
    await answer(gate)
    assert gate.pace.rate == pytest.approx(PROMPT.characters / (READS_S * 1000))


async def test_what_was_in_the_servers_cache_does_not_count_as_read() -> None:
    gate = queued(Counted("Yes.", STOP, Piece(usage=(100, 1), cached_share=0.5)))
    await answer(gate)
    assert gate.pace.rate == pytest.approx(PROMPT.characters / 2 / (READS_S * 1000), rel=0.01)


async def test_closing_ends_requests_that_are_left() -> None:
    model = Counted("Yes.", STOP)
    gate = queued(model)
    await cancelled_after(gate, 0.15)
    await gate.close()
    assert (model.under_way, model.closed) == (0, 1)
