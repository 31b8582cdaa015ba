"""Characters played by models: their files, their prompts, the conformance suite."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import pytest

from adapters.conformance.minds import MindConformance
from adapters.llm.scripted_model import STOP, ScriptedModel, said
from frametalk.adapters.base import MindRequest, ToolRequest
from frametalk.adapters.llm.openai.breaker import Breaker
from frametalk.adapters.llm.openai.fallback import ServedModel
from frametalk.adapters.llm.openai.model_mind import ModelMind
from frametalk.adapters.llm.openai.models import Limits, ModelError, Piece
from frametalk.adapters.llm.openai.prompt import Budgets, Prompt
from frametalk.adapters.llm.openai.providers import Provider
from frametalk.adapters.llm.openai.tool_deltas import CallPart
from frametalk.core.tools import ToolSpec
from frametalk.errors import AdapterError, ConfigError


def mind_of(
    *models: ScriptedModel, characters: tuple[str, ...] = (), failures: int = 2
) -> ModelMind:
    served = [ServedModel(model, Provider(), Breaker(failures)) for model in models]
    return ModelMind(served, characters, Limits(), Budgets())


class Parrot(ScriptedModel):
    """Repeats what the player said, and calls `open` when the player says "open"."""

    async def answer(self, prompt: Prompt) -> AsyncGenerator[Piece, None]:
        users = [message for message in prompt.messages if message["role"] == "user"]
        last = users[-1]
        text = json.loads(last["content"].split("<player>\n")[1].splitlines()[0])
        for word in ("You", " said:", *(f" {word}" for word in text.split())):
            yield Piece(word)
        if "open" in text and prompt.tools and prompt.messages[-1]["role"] == "user":
            yield Piece(calls=(CallPart(0, "a", "open", '{"target": "door"}'),))
        yield STOP


class TestModelMind(MindConformance):
    @pytest.fixture(scope="class")
    @classmethod
    def make(cls) -> Callable[[], ModelMind]:
        return lambda: mind_of(Parrot())


class TestModelMindWithoutAModel(MindConformance):
    """There is an answer although every model fails."""

    @pytest.fixture(scope="class")
    @classmethod
    def make(cls) -> Callable[[], ModelMind]:
        return lambda: mind_of(
            ScriptedModel(["Well, ", ModelError("mind_stream", "cut")]),
            ScriptedModel([ModelError("mind_server", "no memory")]),
            failures=10**9,  # never open: the suite needs equal answers
        )


@pytest.fixture
def guard(tmp_path: Path) -> str:
    file = tmp_path / "guard.toml"
    file.write_text(
        """
        name = "guard"
        persona = "Ilse, who guards the north gate."
        greeting = "Halt."
        troubled = ["What?", "Hm?"]
        [[intent]]
        patterns = ["go {direction}", "hello"]
        """,
        encoding="utf-8",
    )
    return str(file)


async def answer(mind: ModelMind, character: str, turn: int = 1) -> str:
    return said([event async for event in mind.think(MindRequest(character, turn, "hello"))])


async def test_each_character_has_its_own_rules(guard: str) -> None:
    model = ScriptedModel(["Yes.", STOP])
    mind = mind_of(model, characters=(guard, ""))
    assert mind.characters == ("guard", "blacksmith")
    await answer(mind, "guard")
    await answer(mind, "blacksmith")
    rules = [prompt.messages[0]["content"] for prompt in model.prompts]
    assert "Ilse, who guards the north gate." in rules[0]
    assert rules[1].startswith("You are blacksmith")


async def test_a_failure_gets_the_characters_own_lines_in_turn(guard: str) -> None:
    mind = mind_of(ScriptedModel([STOP]), characters=(guard,))
    assert [await answer(mind, "guard", turn) for turn in (1, 2, 3)] == ["Hm?", "What?", "Hm?"]


def test_greeting_and_phrases_come_from_the_file(guard: str) -> None:
    mind = mind_of(ScriptedModel([STOP]), characters=(guard,))
    assert mind.greeting("guard") == "Halt."
    assert mind.phrases("guard") == ("go forward", "go back", "go left", "go right", "hello")


def test_two_characters_of_the_same_name_are_refused(guard: str) -> None:
    with pytest.raises(ConfigError, match="guard"):
        mind_of(ScriptedModel([STOP]), characters=(guard, guard))


async def test_models_are_started_and_closed_with_the_mind() -> None:
    models = ScriptedModel([STOP]), ScriptedModel([STOP])
    mind = mind_of(*models)
    await mind.start()
    await mind.close()
    assert [(model.started, model.closed) for model in models] == [(1, 1), (1, 1)]


async def test_check_raises_the_error_of_the_first_unavailable_model() -> None:
    down = ScriptedModel([ModelError("mind_connect", "connection refused")])
    with pytest.raises(AdapterError, match="connection refused"):
        await mind_of(ScriptedModel([STOP]), down).check()
    await mind_of(ScriptedModel([STOP])).check()


async def test_calls_are_removed_with_the_tool_choice_none() -> None:
    calling = [Piece("No.", (CallPart(0, "a", "open", "{}"),)), STOP]
    models = [ServedModel(ScriptedModel(calling), Provider(), Breaker())]  # type: ignore[arg-type]
    mind = ModelMind(models, (), Limits(), Budgets(), "none")
    request = MindRequest("blacksmith", 1, "open", tools=[ToolSpec("open")])
    assert not [event async for event in mind.think(request) if isinstance(event, ToolRequest)]
