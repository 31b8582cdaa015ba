"""espeak-ng in its worker: sound, words, mouth shapes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest
import pytest_asyncio

from frametalk.adapters.base import SpeechChunk, SpeechRequest
from frametalk.adapters.tts.espeak import EspeakVoice
from frametalk.core.visemes import weights
from frametalk.errors import AdapterError

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

RATE_HZ = 22_050
FRAME_90_HZ = RATE_HZ // 90
SENTENCES = (
    "The blacksmith opened the red door.",
    "Bring me a pair of old boots before supper.",
    "My father made five beautiful swords for the baron.",
    "Put the map back upon the table, please.",
    "A brave man never begs for mercy.",
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def voice() -> AsyncIterator[EspeakVoice]:
    one = EspeakVoice()
    await one.start()
    yield one
    await one.close()
    await one.close()


async def say(speaker: EspeakVoice, text: str, voice: str = "", speed: float = 1) -> SpeechChunk:
    """All of a clause as one chunk."""
    request = SpeechRequest(text, voice=voice, speed=speed)
    chunks = [chunk async for chunk in speaker.speak(request)]
    return SpeechChunk(
        b"".join(chunk.pcm for chunk in chunks),
        tuple(mark for chunk in chunks for mark in chunk.marks),
    )


def words_of(chunk: SpeechChunk) -> list[str]:
    """The words of a chunk, in order."""
    return [mark.name for mark in chunk.marks if mark.kind == "word"]


async def test_words_are_named_as_written_and_lie_in_order(voice: EspeakVoice) -> None:
    spoken = await say(voice, "Very well, friend: that's 25 gold.")
    words = [mark for mark in spoken.marks if mark.kind == "word"]
    assert [mark.name for mark in words][:4] == ["Very", "well", "friend", "that"]
    assert words[-1].name == "gold"
    assert [mark.at for mark in words] == sorted(mark.at for mark in words)
    assert all(0 <= mark.at < mark.end <= len(spoken.pcm) // 2 for mark in spoken.marks)


async def test_it_is_loud_where_it_speaks_and_begins_at_once(voice: EspeakVoice) -> None:
    spoken = await say(voice, SENTENCES[0])
    sound = np.frombuffer(spoken.pcm, "<i2").astype(float)
    onset = int(np.flatnonzero(np.abs(sound) >= 104)[0])
    assert onset <= RATE_HZ * 0.021
    assert np.sqrt(np.mean(sound**2)) > 500


async def test_closed_lips_are_quiet_in_the_sound(voice: EspeakVoice) -> None:
    closures, vowels = [], []
    for sentence in SENTENCES:
        spoken = await say(voice, sentence)
        sound = np.frombuffer(spoken.pcm, "<i2").astype(float)
        for mark in spoken.marks:
            if mark.kind == "viseme" and mark.end - mark.at > 200:
                level = float(np.sqrt(np.mean(sound[mark.at : mark.end] ** 2)))
                if mark.name == "PP":
                    closures.append(level)
                elif mark.name in {"aa", "E", "oh", "ih", "ou"}:
                    vowels.append(level)
    assert len(closures) >= 10
    assert np.median(closures) < 0.5 * np.median(vowels)


async def test_the_mouth_follows_and_is_at_rest_at_the_end(voice: EspeakVoice) -> None:
    spoken = await say(voice, SENTENCES[1])
    marks = [mark for mark in spoken.marks if mark.kind == "viseme"]
    total = len(spoken.pcm) // 2
    rest = weights(marks, total + RATE_HZ // 4, RATE_HZ)
    assert all(value < 0.01 for name, value in rest.items() if name != "sil")
    for mark in marks:
        if mark.name == "PP" and mark.end - mark.at > FRAME_90_HZ:
            shut = weights(marks, (mark.at + mark.end) / 2, RATE_HZ)
            assert shut["PP"] > 0.5


@pytest.mark.parametrize("text", ["", "   ", "...", "\U0001f5e1\ufe0f", "\u2014"])
async def test_what_has_no_sound_yields_nothing(voice: EspeakVoice, text: str) -> None:
    assert (await say(voice, text)).pcm == b""


async def test_markup_and_other_scripts_are_only_text(voice: EspeakVoice) -> None:
    plain = await say(voice, "hello there")
    for text in ("[[h@l'oU]] hello there", "<speak>hello there</speak>", "\u4f60\u597d hello"):
        spoken = await say(voice, text)
        assert len(spoken.pcm) >= len(plain.pcm) * 0.8


async def test_an_unknown_voice_is_refused_by_name(voice: EspeakVoice) -> None:
    with pytest.raises(AdapterError, match="no voice 'klingon-7'"):
        await say(voice, "hello", voice="klingon-7")
    assert (await say(voice, "hello")).pcm


async def test_speed_changes_the_length(voice: EspeakVoice) -> None:
    slow, fast = [len((await say(voice, SENTENCES[0], speed=s)).pcm) for s in (0.7, 1.5)]
    assert fast < slow * 0.7


async def test_a_clause_that_is_dropped_leaves_the_voice_free(voice: EspeakVoice) -> None:
    for _ in range(5):
        speech = voice.speak(SpeechRequest("This is a long story. " * 200))
        task = asyncio.ensure_future(anext(speech))  # type: ignore[arg-type]  # noqa: TID251
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert (await say(voice, "hello")).pcm


async def test_speakers_at_once_are_not_mixed_up(voice: EspeakVoice) -> None:
    alone = [await say(voice, text) for text in SENTENCES]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(say(voice, text)) for text in SENTENCES]
    for task, spoken in zip(tasks, alone, strict=True):
        assert words_of(task.result()) == words_of(spoken)
        assert len(task.result().pcm) == pytest.approx(len(spoken.pcm), rel=0.05)
