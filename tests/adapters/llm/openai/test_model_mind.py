"""Characters played by models: who they are, what is asked, what every mind must do."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from adapters.conformance.minds import MindConformance
from adapters.llm.scripted_model import STOP, ScriptedModel, said
from frametalk.adapters.base import MindRequest, ToolRequest
from frametalk.adapters.llm.openai.breaker import Breaker
from frametalk.adapters.llm.openai.fallback import Served
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
    served = [Served(model, Provider(), Breaker(failures)) for model in models]
    return ModelMind(served, characters, Limits(), Budgets())


class Parrot(ScriptedModel):
    """Says again what the player said, and opens what it is told to open."""

    async def answer(self, prompt: Prompt) -> AsyncIterator[Piece]:
        last = next(one for one in reversed(prompt.messages) if one["role"] == "user")
        heard = json.loads(last["content"].split("<player>\n")[1].splitlines()[0])
        for word in ("You", " said:", *(f" {word}" for word in heard.split())):
            yield Piece(word)
        if "open" in heard and prompt.tools and prompt.messages[-1]["role"] == "user":
            yield Piece(calls=(CallPart(0, "a", "open", '{"target": "door"}'),))
        yield STOP


class TestModelMind(MindConformance):
    @pytest.fixture(scope="class")
    @classmethod
    def make(cls) -> Callable[[], ModelMind]:
        return lambda: mind_of(Parrot())


class TestModelMindWithoutAModel(MindConformance):
    """Every model fails every time, and still there is an answer."""

    @pytest.fixture(scope="class")
    @classmethod
    def make(cls) -> Callable[[], ModelMind]:
        return lambda: mind_of(
            ScriptedModel(["Well, ", ModelError("mind_stream", "cut")]),
            ScriptedModel([ModelError("mind_server", "no memory")]),
            failures=10**9,  # the same answer each time: the suite asks for it
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


async def test_each_character_is_asked_for_as_who_it_is(guard: str) -> None:
    model = ScriptedModel(["Yes.", STOP])
    mind = mind_of(model, characters=(guard, ""))
    assert mind.characters == ("guard", "blacksmith")
    await answer(mind, "guard")
    await answer(mind, "blacksmith")
    rules = [prompt.messages[0]["content"] for prompt in model.prompts]
    assert "Ilse, who guards the north gate." in rules[0]
    assert rules[1].startswith("You are blacksmith")


async def test_what_a_character_says_in_trouble_is_its_own_and_changes(guard: str) -> None:
    mind = mind_of(ScriptedModel([STOP]), characters=(guard,))
    assert [await answer(mind, "guard", turn) for turn in (1, 2, 3)] == ["Hm?", "What?", "Hm?"]


def test_its_file_says_how_it_greets_and_what_it_expects_to_hear(guard: str) -> None:
    mind = mind_of(ScriptedModel([STOP]), characters=(guard,))
    assert mind.greeting("guard") == "Halt."
    assert mind.phrases("guard") == ("go forward", "go back", "go left", "go right", "hello")


def test_two_characters_of_one_name_are_refused(guard: str) -> None:
    with pytest.raises(ConfigError, match="guard"):
        mind_of(ScriptedModel([STOP]), characters=(guard, guard))


async def test_its_models_are_started_and_closed_with_it() -> None:
    models = ScriptedModel([STOP]), ScriptedModel([STOP])
    mind = mind_of(*models)
    await mind.start()
    await mind.close()
    assert [(model.started, model.closed) for model in models] == [(1, 1), (1, 1)]


async def test_the_check_tells_of_the_first_model_that_is_not_there() -> None:
    down = ScriptedModel([ModelError("mind_connect", "nobody at home")])
    with pytest.raises(AdapterError, match="nobody at home"):
        await mind_of(ScriptedModel([STOP]), down).check()
    await mind_of(ScriptedModel([STOP])).check()


async def test_where_no_call_is_wanted_none_is_passed_on() -> None:
    calling = [Piece("No.", (CallPart(0, "a", "open", "{}"),)), STOP]
    served = [Served(ScriptedModel(calling), Provider(), Breaker())]  # type: ignore[arg-type]
    mind = ModelMind(served, (), Limits(), Budgets(), "none")
    request = MindRequest("blacksmith", 1, "open", tools=[ToolSpec("open")])
    assert not [one async for one in mind.think(request) if isinstance(one, ToolRequest)]
