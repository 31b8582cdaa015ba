"""A voice speaks a text: clauses on one clock, and the time of each. Time is virtual."""

from __future__ import annotations

import asyncio
import wave
from pathlib import Path

import pytest

from frametalk.adapters.base import SpeechRequest
from frametalk.adapters.tts.fixed import FixedVoice
from frametalk.byhand.saying import say, write_wav
from frametalk.errors import AdapterError
from frametalk.text import spoken_text
from frametalk.text.spoken_text import Wording

pytestmark = pytest.mark.looptime
TEXT = "Well met, traveller. What do you need?"


def reword(text: str) -> Wording:
    return spoken_text.reword(
        text, "en", lambda value, _form, _language: {"25": "twenty-five"}[value]
    )


async def test_clauses_follow_each_other_on_one_clock() -> None:
    voice = FixedVoice(rate_hz=16_000, ms_per_char=50)
    said = await say(voice, SpeechRequest(TEXT), reword)
    assert [clause.shown for clause in said.clauses] == [
        "Well met, traveller.",
        "What do you need?",
    ]
    assert [clause.sound_ms for clause in said.clauses] == [1_000, 850]
    assert len(said.samples) == 16 * 1_850
    assert [word.name for word in said.words()] == "Well met traveller What do you need".split()
    assert said.words()[3].at == 16_000
    assert all(mark.end <= len(said.samples) for mark in said.marks)


async def test_each_clause_has_the_times_of_its_first_and_last_sound() -> None:
    voice = FixedVoice(first_chunk_ms=40, real_time_factor=0.1, ms_per_char=50)
    said = await say(voice, SpeechRequest(TEXT), reword, now=asyncio.get_running_loop().time)
    first, second = said.clauses
    assert first.first_sound_ms == pytest.approx(40 + 10, abs=0.1)
    assert first.took_ms == pytest.approx(40 + 100, abs=0.1)
    assert second.took_ms == pytest.approx(40 + 85, abs=0.1)
    assert said.real_time_factor == pytest.approx((140 + 125) / 1_850, abs=1e-3)


async def test_every_clause_keeps_voice_and_speed_of_the_request() -> None:
    requests: list[SpeechRequest] = []

    class Recording(FixedVoice):
        def speak(self, request: SpeechRequest):
            requests.append(request)
            return super().speak(request)

    await say(Recording(), SpeechRequest(TEXT, voice="bram", speed=1.2), reword)
    assert [(request.voice, request.speed) for request in requests] == [("bram", 1.2)] * 2


async def test_directions_and_numbers_are_handled_as_in_a_reply() -> None:
    said = await say(FixedVoice(), SpeechRequest("*nods* [happy] That's 25 gold."), reword)
    (clause,) = said.clauses
    assert (clause.shown, clause.spoken) == ("That's 25 gold.", "That's twenty-five gold.")
    assert [word.name for word in said.words()] == ["That's", "25", "gold"]
    assert [(mark.kind, mark.at) for mark in said.cues()] == [("gesture", 0), ("emotion", 0)]


@pytest.mark.parametrize("text", ["...", " \n", "?!"])
async def test_a_text_without_sound_is_refused(text: str) -> None:
    with pytest.raises(AdapterError, match="no sound"):
        await say(FixedVoice(), SpeechRequest(text), reword)


async def test_the_file_contains_every_sample(tmp_path: Path) -> None:
    said = await say(FixedVoice(rate_hz=22_050), SpeechRequest(TEXT), reword)
    write_wav(said, tmp_path / "said.wav")
    with wave.open(str(tmp_path / "said.wav")) as file:
        assert (file.getframerate(), file.getnchannels()) == (22_050, 1)
        assert file.readframes(file.getnframes()) == said.samples.tobytes()
