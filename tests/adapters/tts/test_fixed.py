"""The fixed voice makes a tone with evenly spread marks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from adapters.conformance.voices import VoiceConformance
from frametalk.adapters.base import SpeechRequest
from frametalk.adapters.tts.fixed import FixedVoice


class TestFixedVoice(VoiceConformance):
    @pytest.fixture(scope="class")
    @classmethod
    def make(cls) -> Callable[[], FixedVoice]:
        return FixedVoice


@pytest.mark.looptime
async def test_sound_words_and_delays_are_as_configured() -> None:
    voice = FixedVoice(rate_hz=16_000, first_chunk_ms=50, real_time_factor=0.1, ms_per_char=100)
    loop = asyncio.get_running_loop()
    began = loop.time()
    chunks = [chunk async for chunk in voice.speak(SpeechRequest("very well"))]
    assert round((loop.time() - began) * 1000) == 50 + 90
    assert sum(len(chunk.pcm) for chunk in chunks) == 2 * 9 * 1_600
    marks = [mark for chunk in chunks for mark in chunk.marks]
    words = [(mark.name, mark.at, mark.end) for mark in marks if mark.kind == "word"]
    assert words == [("very", 0, 6_400), ("well", 8_000, 14_400)]
