"""Commands and free speech through both recognisers, Whisper with its real weights."""

from __future__ import annotations

import tomllib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
import soundfile

from conftest import ROOT
from frametalk.adapters.asr.joined.recogniser import JoinedRecogniser
from frametalk.adapters.base import Bias, Hypothesis
from frametalk.adapters.llm.scripted import ScriptedMind
from frametalk.core.commands import words_of

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

WORLD = tomllib.loads((ROOT / "server/frametalk/data/worlds/tavern.toml").read_text())
TAVERN = Bias(
    tuple(
        name
        for entity in WORLD["entity"]
        if entity.get("kind") != "player"
        for name in (entity["name"], *entity.get("aliases", ()))
    ),
    tuple(verb for tool in WORLD["tool"] for verb in tool.get("verbs", ())),
    ScriptedMind().phrases("blacksmith"),
)
COMMANDS = {
    "open_red_door": "open the red door and bring me the iron key",
    "where_blacksmith": "where is the blacksmith",
    "unlock_chest": "unlock the chest",
    "light_torch": "light the torch",
}
FREE = {
    "weather": "the weather is nice today",
    "music": "i would like to listen to some music",
    "children": "my children are going to school tomorrow",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def recogniser(real_models: Callable[[str], Path]) -> AsyncIterator[JoinedRecogniser]:
    one = JoinedRecogniser(faster_whisper={"model": str(real_models("whisper-base")), "threads": 1})
    await one.start()
    await one.prepare(TAVERN)
    yield one
    await one.close()


async def recognise(recogniser: JoinedRecogniser, file: Path) -> Hypothesis:
    """The final text of a recording, fed in frames with silence around it."""
    said, _rate = soundfile.read(file, dtype="int16")
    sound = np.concatenate((np.zeros(5_120, np.int16), said, np.zeros(1_600, np.int16)))
    stream = recogniser.open(TAVERN, lambda _partial: None)
    for at in range(0, len(sound), 320):
        stream.feed(sound[at : at + 320].tobytes())
    final = await stream.finalize()
    stream.cancel()
    return final


async def test_commands_are_understood(recogniser: JoinedRecogniser, speech: Path) -> None:
    heard = {
        name: words_of((await recognise(recogniser, speech / f"{name}.flac")).text)
        for name in COMMANDS
    }
    assert heard == {name: said.split() for name, said in COMMANDS.items()}


async def test_free_speech_is_understood(recogniser: JoinedRecogniser, speech: Path) -> None:
    for name, said in FREE.items():
        final = await recognise(recogniser, speech / f"{name}.flac")
        assert words_of(final.text) == said.split()
        assert [words_of(word.text) for word in final.words] == [[word] for word in said.split()]
