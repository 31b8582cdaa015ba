"""Several characters on one server, each with its own voice: the sound tells who speaks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import pytest_asyncio

from frametalk.adapters.base import SpeechRequest
from frametalk.adapters.llm.scripted import ScriptedMind
from frametalk.adapters.tts.espeak.voice import EspeakVoice
from frametalk.adapters.tts.fixed import AMPLITUDE, FixedVoice
from frametalk.config import CharacterSettings, FrametalkSettings
from frametalk.engines import Engines
from frametalk.wire import messages as m
from frametalk.wire.codec import Media
from player import Player, engines, playing

RATE_HZ = 22_050
LINE = "We were away a year ago, and you know all of it."  # voiced from end to end
SETTINGS = FrametalkSettings(
    character=CharacterSettings(voice="en-us"),
    characters={
        "smith": CharacterSettings(voice="en-us+m3", speed=0.9),
        "innkeeper": CharacterSettings(voice="en-us+f2", interruptible="never"),
    },
)


@pytest.fixture
def mind(tmp_path: Path) -> ScriptedMind:
    """Two characters who say the same."""
    for name in SETTINGS.characters:
        text = f'name = "{name}"\nnot_understood = ["{LINE}"]\n'
        (tmp_path / f"{name}.toml").write_text(text)
    return ScriptedMind(tuple(str(tmp_path / f"{name}.toml") for name in SETTINGS.characters))


@pytest_asyncio.fixture
async def espeak() -> AsyncIterator[EspeakVoice]:
    one = EspeakVoice()
    await one.start()
    yield one
    await one.close()


@pytest.mark.real
async def test_two_sessions_at_once_get_two_voices(mind: ScriptedMind, espeak: EspeakVoice) -> None:
    parts = engines(mind)
    cast = Engines(parts.vad, parts.asr, mind, espeak)
    async with playing(cast, SETTINGS) as first:
        welcomes = [await first.hello(character="smith")]
        async with playing(cast, SETTINGS) as second:
            welcomes.append(await second.hello(character="innkeeper"))
            async with asyncio.TaskGroup() as group:
                told = [group.create_task(ask(player)) for player in (first, second)]
    smith, innkeeper = (task.result() for task in told)
    assert [welcome.interruptible for welcome in welcomes] == ["words", "never"]
    assert pitch_hz(innkeeper) > 1.3 * pitch_hz(smith)
    for sound, name in ((smith, "smith"), (innkeeper, "innkeeper")):
        alone = await said(espeak, SETTINGS.characters[name])
        assert pitch_hz(sound) == pytest.approx(pitch_hz(alone), rel=0.05)
        assert len(sound) == pytest.approx(len(alone), rel=0.05)


async def ask(player: Player) -> npt.NDArray[np.int16]:
    """The sound of one answer."""
    player.link.send(m.Say(text="anything"))
    await player.until(m.ReplyEnd)
    await player.until(m.TurnStateChanged, lambda item: item.state == "idle")
    return np.frombuffer(b"".join(item.payload for item in player.of(Media)), "<i2")


async def said(voice: EspeakVoice, manner: CharacterSettings) -> npt.NDArray[np.int16]:
    """The line as the engine says it for this character."""
    request = SpeechRequest(LINE, voice=manner.voice, speed=manner.speed)
    return np.frombuffer(b"".join([chunk.pcm async for chunk in voice.speak(request)]), "<i2")


def pitch_hz(sound: npt.NDArray[np.int16]) -> float:
    """Median pitch of the voiced parts, by autocorrelation between 60 and 400 Hz."""
    return float(np.median(list(_pitches(sound.astype(float)))))


def _pitches(sound: npt.NDArray[np.float64]) -> Iterator[float]:
    shortest, longest = RATE_HZ // 400, RATE_HZ // 60
    window = 3 * longest
    for at in range(0, len(sound) - window, window // 2):
        part = sound[at : at + window] - sound[at : at + window].mean()
        power = float(part @ part)
        if power < window * 300**2:
            continue
        matches = [part[:-lag] @ part[lag:] / (len(part) - lag) for lag in range(shortest, longest)]
        best = int(np.argmax(matches))
        if matches[best] * window > 0.5 * power:
            yield RATE_HZ / (shortest + best)


@pytest.mark.looptime
async def test_each_character_has_its_own_loudness_and_pace(mind: ScriptedMind) -> None:
    ways = {
        "smith": CharacterSettings(volume=0.5, speed=0.5),
        "innkeeper": CharacterSettings(volume=1.5),
    }
    peaks, lengths = [], []
    for name in ways:
        parts = engines(mind)
        cast = Engines(parts.vad, parts.asr, mind, FixedVoice(rate_hz=RATE_HZ))
        async with playing(cast, FrametalkSettings(characters=ways)) as player:
            await player.hello(character=name)
            sound = await ask(player)
        peaks.append(int(np.abs(sound).max()))
        lengths.append(len(sound))
    assert peaks == pytest.approx([AMPLITUDE * 0.5, AMPLITUDE * 1.5], rel=0.01)
    assert lengths[0] == pytest.approx(2 * lengths[1], rel=0.01)
