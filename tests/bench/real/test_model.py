"""The language model's part: what its answers say, and which server gives them."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from frametalk.adapters.base import MindEvent, MindRequest, TextDelta, Usage
from frametalk.bench.real.folder import Absent
from frametalk.bench.real.model import Answer, answered, server, summary
from frametalk.errors import FrametalkError
from heard_texts import FakeRecognisers, context


class CountingMind:
    """Answers with the number of things and tools it was given; `usage` says whether it counts tokens."""

    characters = ("bram",)

    def __init__(self, *, usage: bool = True) -> None:
        self.log: list[str] = []
        self._usage = usage

    async def start(self) -> None:
        self.log.append("started")

    async def close(self) -> None:
        self.log.append("closed")

    async def think(self, request: MindRequest) -> AsyncGenerator[MindEvent, None]:
        self.log.append(request.text)
        yield TextDelta("well")
        if self._usage:
            yield Usage(len(request.scene) + len(request.tools), 1)


async def test_each_question_is_the_first_of_the_tavern_with_its_things_and_tools() -> None:
    mind = CountingMind()
    answers = await answered(mind, ["hello", "and you"])
    assert mind.log == ["started", "hello", "and you", "closed"]
    assert answers[0].prompt_tokens == answers[1].prompt_tokens > 15
    assert answers[0].first_token_ms > 0


async def test_a_server_that_does_not_count_is_an_error_with_a_remedy() -> None:
    mind = CountingMind(usage=False)
    with pytest.raises(FrametalkError, match="does not count") as caught:
        summary(await answered(mind, ["hello"]))
    assert "usage" in caught.value.remedy
    assert mind.log[-1] == "closed"


def test_the_first_answer_is_cold_and_the_others_are_warm() -> None:
    values = summary([Answer(480, 9_000), Answer(482, 700), Answer(481, 900)])
    assert values["prompt_tokens"] == 480
    assert values["first_token_ms"]["cold"] == 9_000
    assert (values["first_token_ms"]["warm"].n, values["first_token_ms"]["warm"].p50) == (2, 700)


async def test_a_running_server_is_used_and_without_one_a_model_is_needed() -> None:
    made = context(FakeRecognisers())
    made.llm_url = "http://127.0.0.1:1/v1"
    async with server(made) as url:
        assert url == made.llm_url
    with pytest.raises(Absent, match="smollm2"):
        async with server(context(FakeRecognisers())):
            pass
