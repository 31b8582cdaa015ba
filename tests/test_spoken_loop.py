"""The whole loop with real parts: recorded speech, a socket, embedded engines, tools that act."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from conftest import ROOT
from frametalk.adapters.asr.pocketsphinx import recogniser
from frametalk.adapters.asr.pocketsphinx.recogniser import PocketSphinxRecogniser
from frametalk.adapters.base import Bias
from frametalk.app import serve
from frametalk.config import load
from frametalk.headless.actor import Actor
from frametalk.headless.results import SimulationResult
from frametalk.headless.simulate import SimulateOptions, run_simulation
from frametalk.mind_stub.options import StubOptions
from frametalk.mind_stub.server import serving

pytestmark = pytest.mark.real

TWELVE = (
    "open the red door and bring me the iron key",
    "where is the blacksmith",
    "pull the lever",
    "put that there",
    "what do you know about the king",
    "unlock the chest",
    "give me the golden key",
    "i need a new sword",
    "who are you",
    "light the torch",
    "take the map and the rope",
    "read the letter",
)


@pytest.fixture(autouse=True)
def scene_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Players speak as soon as the recogniser expects the scene's words: a busy machine takes seconds."""
    prepare, run = PocketSphinxRecogniser.prepare, Actor.run
    known = asyncio.Event()

    async def prepare_scene(recogniser: PocketSphinxRecogniser, bias: Bias) -> None:
        await prepare(recogniser, bias)
        if bias.things:
            known.set()

    async def run_in_scene(actor: Actor) -> None:
        await known.wait()
        await run(actor)

    monkeypatch.setattr(PocketSphinxRecogniser, "prepare", prepare_scene)
    monkeypatch.setattr(Actor, "run", run_in_scene)


@pytest.fixture(autouse=True)
def recognition_skips_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine the recogniser is late; it would skip work, and sometimes hear wrongly."""
    monkeypatch.setattr(recogniser, "TARGET", "patient_recogniser:PocketSphinxHandler")
    inherited = os.environ.get("PYTHONPATH", "")
    monkeypatch.setenv("PYTHONPATH", f"{ROOT / 'tests'}{os.pathsep}{inherited}")


async def simulate(scenario: str, *flags: str) -> SimulationResult:
    """Play a scenario against a server of its own, with the default engines and these settings."""
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()
    settings = load(environment={}, flags=["server.port=0", "log.level=ERROR", *flags])
    async with asyncio.TaskGroup() as group:
        group.create_task(serve(settings, ready=port.set_result, stop=stop))
        try:
            url = f"ws://127.0.0.1:{await port}"
            return await run_simulation(SimulateOptions(scenario, url))
        finally:
            stop.set()


async def test_the_twelve_sentences_are_understood_without_a_word_error(tmp_path: Path) -> None:
    steps = "".join(
        f'[[step]]\nsay = "{text}"\n[[step]]\nexpect = {{ transcript = "{text}" }}\n'
        "[[step]]\nwait_reply = true\n"
        for text in TWELVE
    )
    scenario = tmp_path / "twelve.toml"
    scenario.write_text(f'about = "The twelve sentences."\n{steps}')
    result = await simulate(str(scenario))
    assert result.as_json()["failures"] == []
    turns = result.as_json()["turns"]
    assert [turn["transcript"] for turn in turns] == list(TWELVE)
    for turn in turns:
        assert turn["heard_text"] == turn["reply_text"]
        assert not turn["heard_text"].startswith(("I did not catch", "Say that again"))
        assert sum(turn["waterfall_ms"].values()) == pytest.approx(turn["mouth_to_ear_ms"], abs=1)


@pytest.mark.parametrize(
    "name",
    [
        "hello", "open_the_door", "refused_tool", "failing_tool", "never_answering_tool",
        "scene_change", "barge_in", "long_reply", "noise_only", "two_players", "go_forward",
        "tavern", "listening",
    ],
)  # fmt: skip
async def test_a_shipped_scenario_passes(name: str) -> None:
    result = await simulate(name)
    assert result.as_json()["failures"] == []


async def test_a_scenario_expects_gestures_and_heard_words(tmp_path: Path) -> None:
    character, scenario = tmp_path / "smith.toml", tmp_path / "gestures.toml"
    character.write_text(
        'name = "smith"\nnot_understood = ["*nods* That is 25 gold. *looks at the door* Go."]\n'
    )
    scenario.write_text(
        'about = "Gestures."\n[[step]]\ntype = "how much"\n'
        '[[step]]\nexpect = { gesture = "nod" }\n[[step]]\nexpect = { gesture = "door" }\n'
        '[[step]]\nexpect = { gesture = "bow", absent = true, within_ms = 1 }\n'
        '[[step]]\nwait_reply = true\n[[step]]\nexpect = { heard = "That is 25 gold. Go." }\n'
    )
    result = await simulate(str(scenario), f"character.file={character}")
    assert result.as_json()["failures"] == []


async def test_a_scoped_tool_is_called_only_for_the_player_who_grants_it(tmp_path: Path) -> None:
    """The same words in the same world: one player's session has the scope, the other's does not."""
    (tmp_path / "vault.toml").write_text(
        'name = "vault"\n[[entity]]\nid = "vault"\nname = "vault"\nstate = { open = false }\n'
        'affordances = ["breach"]\n'
        '[[tool]]\nname = "breach"\nverbs = ["breach"]\nscope = "crime"\n'
        'parameters = { required = ["target"], '
        'properties = { target = { type = "string", x-entity = true } } }\n'
        'rules = [{ set = { "target.open" = true } }]\n'
    )
    scenario = tmp_path / "thieves.toml"
    scenario.write_text(
        'about = "Two thieves."\nworld = "vault.toml"\n'
        '[[player]]\nname = "ann"\nscopes = ["crime"]\n[[player]]\nname = "bob"\n'
        '[[step]]\nplayer = "ann"\ntype = "breach the vault"\n'
        '[[step]]\nplayer = "ann"\nexpect = { tool = { name = "breach", state = "done" } }\n'
        '[[step]]\nplayer = "bob"\ntype = "breach the vault"\n'
        '[[step]]\nplayer = "bob"\nwait_reply = true\n'
        '[[step]]\nplayer = "bob"\n'
        'expect = { tool = { name = "*" }, absent = true, within_ms = 1 }\n'
    )
    result = await simulate(str(scenario))
    assert result.as_json()["failures"] == []


async def test_the_tavern_scenario_passes_with_a_mind_behind_an_openai_server() -> None:
    """Scene, words and outcomes are sent as messages; text and calls come back as deltas."""
    async with serving(StubOptions(first_token_ms=80, tokens_per_s=50)) as stub:
        result = await simulate(
            "tavern",
            "llm.adapter=openai",
            f"llm.options.base_url={stub.base_url}",
            "llm.options.model=scripted",
        )
    assert result.as_json()["failures"] == []
    calls = [call["name"] for turn in result.as_json()["turns"] for call in turn["tools"]]
    assert calls == ["open", "give", "open", "unlock", "light", "pull", "give"]
    assert stub.counters.answered >= 8 + 6  # eight turns, and a step more for each with a call
    assert stub.counters.refused == 0


async def test_a_command_in_a_human_voice_moves_the_player(
    human_speech: Path, tmp_path: Path
) -> None:
    scenario = tmp_path / "person.toml"
    scenario.write_text(
        'about = "A person speaks."\n'
        f'[[step]]\nsay = "go forward ten meters"\nfile = "{human_speech / "goforward.flac"}"\n'
        '[[step]]\nexpect = { transcript = "go forward ten meters" }\n'
        '[[step]]\nexpect = { tool = { name = "move_player", '
        'args = { direction = "forward", metres = 10 }, state = "done" } }\n'
    )
    result = await simulate(str(scenario))
    assert result.as_json()["failures"] == []


async def test_a_person_who_reads_aloud_changes_nothing(human_speech: Path, tmp_path: Path) -> None:
    files = [file for file in sorted(human_speech.glob("*.flac")) if file.stem != "goforward"]
    steps = "".join(
        f'[[step]]\nsay = "a reading"\nfile = "{file}"\n[[step]]\nwait_reply = true\n'
        for file in files
    )
    scenario = tmp_path / "reading.toml"
    scenario.write_text(
        f'about = "A person reads."\n{steps}'
        '[[step]]\nexpect = { tool = { name = "*" }, absent = true, within_ms = 1 }\n'
    )
    result = await simulate(str(scenario))
    assert result.as_json()["failures"] == []
    turns = result.as_json()["turns"]
    assert len(turns) >= len(files) > 0
    assert [turn["tools"] for turn in turns if turn["tools"]] == []
