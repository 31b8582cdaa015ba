"""Whether a server shows tools to its model."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from adapters.llm.scripted_model import STOP, ScriptedModel
from frametalk.adapters.llm.openai.mind import OpenAiMind
from frametalk.adapters.llm.openai.models import ModelError, Piece
from frametalk.adapters.llm.openai.prompt import Prompt
from frametalk.adapters.llm.openai.tool_check import drops_tools
from frametalk.mind_stub.faults import Fault
from frametalk.mind_stub.options import StubOptions
from frametalk.mind_stub.server import serving


class Counting(ScriptedModel):
    """Counts the prompt's tokens; a tool has `tool_tokens`."""

    def __init__(self, tool_tokens: int, usage: bool = True) -> None:
        super().__init__([STOP])
        self._tool_tokens, self._usage = tool_tokens, usage

    async def answer(self, prompt: Prompt) -> AsyncGenerator[Piece, None]:
        self.prompts.append(prompt)
        yield STOP
        if self._usage:
            yield Piece(usage=(30 + self._tool_tokens * len(prompt.tools), 1))


async def test_tools_that_lengthen_the_prompt_are_shown() -> None:
    assert not await drops_tools(Counting(60))
    assert await drops_tools(Counting(0))


async def test_a_server_that_does_not_count_or_fails_is_not_suspected() -> None:
    assert not await drops_tools(Counting(0, usage=False))
    assert not await drops_tools(ScriptedModel([ModelError("mind_request", "no tools here")]))


async def test_the_question_is_short() -> None:
    model = Counting(0)
    await drops_tools(model)
    assert [prompt.max_tokens for prompt in model.prompts] == [1, 1]
    assert all(prompt.characters < 500 for prompt in model.prompts)


@pytest.mark.real
async def test_the_mind_names_the_model_and_the_remedy() -> None:
    async with serving(StubOptions(fault=Fault.TOOLS_DROPPED)) as stub:
        mind = OpenAiMind(base_url=stub.base_url, model="tiny")
        await mind.start()
        (advice,) = await mind.advice(thorough=False)
        await mind.close()
        silent = OpenAiMind(base_url=stub.base_url, model="tiny", tool_choice="none")
        await silent.start()
        assert await silent.advice(thorough=False) == ()
        await silent.close()
    assert "tiny at 127.0.0.1" in advice.text
    assert "scripted+openai" in advice.remedy
    async with serving() as stub:
        mind = OpenAiMind(base_url=stub.base_url, model="tiny")
        await mind.start()
        assert await mind.advice(thorough=False) == ()
        await mind.close()
