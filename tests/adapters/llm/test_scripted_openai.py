"""A script with a model behind it: who answers what, and what each knows of the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio

from adapters.conformance.minds import MindConformance
from adapters.llm.scripted.test_mind import SCENE, TOOLS
from adapters.llm.scripted_model import said
from frametalk.adapters import registry
from frametalk.adapters.abilities import Warmed
from frametalk.adapters.base import Mind, MindEvent, MindRequest, ToolRequest, Trouble
from frametalk.adapters.llm.scripted_openai import ScriptedOpenAiMind
from frametalk.core.dialogue import CharacterSaid, Entry, PlayerSaid, ToolRan
from frametalk.core.tools import ToolOutcome
from frametalk.errors import ConfigError
from frametalk.mind_stub.faults import Fault
from frametalk.mind_stub.options import StubOptions
from frametalk.mind_stub.server import Stub, serving

pytestmark = pytest.mark.real

MODEL_SAYS = "I never leave the village."
TALKS = StubOptions(speaks="text", text=MODEL_SAYS)
OPENED = ToolOutcome(1, "open", {"target": "door"}, "done")

COMMANDS = """
open the red door
could you open the door please
close the front door
please unlock the chest
bram unlock the chest
bring me the iron key
give me the golden key please
hand me the sword
i want the map
can i have the rope
get me the letter
take the map
take the map and the rope
light the torch
please light the torch for me
put out the torch
extinguish the torch
pull the lever
pull the lever please
read the letter
read me the letter
what does the letter say
put the sword on the table
place the rope on the table
go forward three meters
walk left two meters
move back five meters
open the red door and bring me the iron key
shut the door
i need a new sword
""".strip().splitlines()
FREE = """
how was your day
do you ever leave the village
what does the fire feel like in winter
have you got any children
i lost my horse on the road today
why is the king always at war
do you believe in ghosts
i think it is going to rain tonight
my father used to be a blacksmith too
what is the hardest thing you ever made
who taught you to forge
did you open the door for her last night
i heard the chest is full of gold
the rope reminds me of my days at sea
have you ever been in love
is it true that the king lost a battle
what would you do with a thousand gold coins
i am so tired of walking
do you like the people in this town
tell me about your father
how do you make a blade so sharp
what do you think of elves
i had a strange dream about a golden key
who lives in the old mill
can you keep a secret
why do you look so sad
my sister is getting married in spring
what is your favourite song
she said she would take the map home
is there any work for me around here
""".strip().splitlines()


def mind_at(stub: Stub, **options: Any) -> ScriptedOpenAiMind:
    model = {"base_url": stub.base_url, "model": "any", **options}
    return ScriptedOpenAiMind(openai=model)


@asynccontextmanager
async def played(
    options: StubOptions = TALKS, **model: Any
) -> AsyncIterator[tuple[ScriptedOpenAiMind, Stub]]:
    async with serving(options) as stub:
        mind = mind_at(stub, **model)
        await mind.start()
        try:
            yield mind, stub
        finally:
            await mind.close()


async def ask(mind: Mind, text: str, *history: Entry, **fields: Any) -> list[MindEvent]:
    entries = (*history, PlayerSaid(3, text))
    request = MindRequest(
        "blacksmith", 3, text, scene=SCENE, tools=TOOLS, history=entries, **fields
    )
    return [event async for event in mind.think(request)]


def calls(events: list[MindEvent]) -> list[str]:
    return [event.name for event in events if isinstance(event, ToolRequest)]


class TestScriptedOpenAiMind(MindConformance):
    two = ("open the red door", "do you ever leave the village")

    @pytest_asyncio.fixture(scope="class", loop_scope="class")
    @classmethod
    async def make(cls) -> AsyncIterator[Callable[[], ScriptedOpenAiMind]]:
        async with serving(TALKS) as stub:
            yield lambda: mind_at(stub)


# ---- who answers ---------------------------------------------------------------------------------


async def test_commands_are_the_scripts_and_wake_no_model() -> None:
    async with played() as (mind, stub):
        missed = [text for text in COMMANDS if not calls(await ask(mind, text))]
        assert (missed, stub.counters.requests) == ([], 0)


async def test_free_talk_is_the_models_and_calls_nothing() -> None:
    async with played() as (mind, stub):
        answers = {text: await ask(mind, text) for text in FREE}
        others = [text for text, events in answers.items() if said(events) != MODEL_SAYS]
        called = [text for text, events in answers.items() if calls(events)]
        assert (others, called) == ([], [])
        assert not any("tools" in request for request in stub.requests)


async def test_small_talk_of_the_patterns_is_the_scripts() -> None:
    async with played() as (mind, stub):
        assert "Bram" in said(await ask(mind, "who are you"))
        assert said(await ask(mind, "tell me a story")).startswith("Sit down")
        assert stub.counters.requests == 0


async def test_how_a_call_ended_is_the_scripts() -> None:
    async with played() as (mind, stub):
        events = await ask(mind, "open the red door", step=1, outcomes=[OPENED])
        assert "open" in said(events)
        assert stub.counters.requests == 0


# ---- one history ---------------------------------------------------------------------------------


async def test_the_model_knows_what_the_script_said_and_did() -> None:
    history = (
        PlayerSaid(1, "open the red door"),
        ToolRan(1, OPENED),
        CharacterSaid(1, 1, "There. The red door is open."),
    )
    async with played() as (mind, stub):
        await ask(mind, "do you ever leave the village", *history)
        system, first, answer, last = stub.requests[-1]["messages"]
    assert "kinder than he looks" in system["content"]
    assert '"open the red door"' in first["content"]
    assert '{"you_did":"open","target":"door","state":"done"}' in first["content"]
    assert answer == {"role": "assistant", "content": "There. The red door is open."}
    assert last["content"].endswith('<player>\n"do you ever leave the village"\n</player>')


# ---- a model that fails --------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.NEVER_ANSWERS])
async def test_without_the_model_the_script_says_that_it_did_not_understand(fault: Fault) -> None:
    options = StubOptions(speaks="text", fault=fault)
    async with asyncio.timeout(30), played(options, first_token_ms=300.0) as (mind, _stub):
        events = await ask(mind, "do you ever leave the village")
        assert "You can ask me" in said(events) or "I can" in said(events)
        assert [type(event) for event in events if isinstance(event, Trouble)]
        assert calls(await ask(mind, "open the red door")) == ["open"]


# ---- options -------------------------------------------------------------------------------------


async def test_the_model_calls_tools_if_its_option_says_so() -> None:
    rounds = [[ToolRequest("open", {"target": "door"})]]
    calling = StubOptions(speaks="text", rounds=rounds)
    async with played(calling, tool_choice="auto") as (mind, stub):
        assert calls(await ask(mind, "it is so hot in here")) == ["open"]
        assert stub.requests[-1]["tools"]


async def test_a_session_warms_the_model() -> None:
    async with played() as (mind, stub):
        assert isinstance(mind, Warmed)
        await mind.warm(MindRequest("blacksmith", 0, "", scene=SCENE, tools=TOOLS))
        await ask(mind, "do you ever leave the village")
        warm, asked = stub.requests
    assert warm["max_tokens"] == 1
    assert asked["messages"][0] == warm["messages"][0]
    assert asked["messages"][1]["content"].startswith(warm["messages"][1]["content"])


def test_options_are_nested_and_checked_by_name() -> None:
    model = {"base_url": "http://127.0.0.1:1/v1", "model": "any"}
    mind = registry.create("llm", "scripted+openai", {"openai": model})
    assert mind.characters == ("blacksmith",)
    for options, named in (
        ({}, "'openai' is missing"),
        ({"openai": {**model, "modle": "x"}}, "[llm.options.openai]: unknown option 'modle'"),
        ({"openai": model, "scripted": {"x": 1}}, "[llm.options.scripted]: unknown option 'x'"),
    ):
        with pytest.raises(ConfigError) as caught:
            registry.create("llm", "scripted+openai", options)
        assert named in str(caught.value)
