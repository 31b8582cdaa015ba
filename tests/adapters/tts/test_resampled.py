"""A voice at another sample rate."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import numpy as np
import pytest

from frametalk.adapters.base import SpeechChunk, SpeechRequest
from frametalk.adapters.tts.fixed import FixedVoice
from frametalk.adapters.tts.resampled import ResampledVoice
from frametalk.core.audio import first_audible
from frametalk.core.marks import Mark

REQUEST = SpeechRequest("hello")


@dataclass
class Chunks:
    """A voice that gives these chunks."""

    chunks: list[SpeechChunk]
    rate_hz: int = 22_050
    prepared: list[SpeechRequest] = field(default_factory=list)

    async def start(self) -> None: ...

    async def close(self) -> None: ...

    async def prepare(self, request: SpeechRequest) -> None:
        self.prepared.append(request)

    async def speak(self, _request: SpeechRequest) -> AsyncGenerator[SpeechChunk, None]:
        for chunk in self.chunks:
            yield chunk


async def spoken(voice: ResampledVoice) -> tuple[np.ndarray, list[Mark]]:  # type: ignore[type-arg]
    chunks = [chunk async for chunk in voice.speak(REQUEST)]
    sound = np.frombuffer(b"".join(chunk.pcm for chunk in chunks), "<i2")
    return sound, [mark for chunk in chunks for mark in chunk.marks]


@pytest.mark.parametrize("from_hz", [8_000, 16_000, 22_050, 24_000, 44_100, 48_000])
@pytest.mark.parametrize("samples", [1, 441, 5_000, 22_051])
async def test_a_clause_is_as_long_as_before(from_hz: int, samples: int) -> None:
    pieces = [SpeechChunk(bytes(2 * min(1_000, samples - at))) for at in range(0, samples, 1_000)]
    sound, _marks = await spoken(ResampledVoice(Chunks(pieces, from_hz), 48_000))
    assert len(sound) == round(samples * 48_000 / from_hz)


async def test_sound_and_marks_stay_together() -> None:
    silence, tone = np.zeros(4_410, "<i2"), (8_000 * np.sin(np.arange(4_410) / 8)).astype("<i2")
    mark = Mark("viseme", 4_410, 8_820, "aa")
    voice = Chunks([SpeechChunk(silence.tobytes()), SpeechChunk(tone.tobytes(), (mark,))])
    sound, marks = await spoken(ResampledVoice(voice, 48_000))
    assert [(mark.at, mark.end) for mark in marks] == [(9_600, 19_200)]
    assert first_audible(sound) == pytest.approx(9_600, abs=20)


async def test_chunks_come_one_by_one_and_marks_not_after_their_sound() -> None:
    made, chunks = 0, 0
    async for chunk in ResampledVoice(FixedVoice(), 48_000).speak(
        SpeechRequest("Very well, friend. The door is open.")
    ):
        assert all(mark.at >= made for mark in chunk.marks)
        made += len(chunk.pcm) // 2
        chunks += 1
    assert chunks > 10


async def test_it_prepares_what_the_other_voice_can_prepare() -> None:
    voice = Chunks([])
    await ResampledVoice(voice, 48_000).prepare(REQUEST)
    assert voice.prepared == [REQUEST]
    await ResampledVoice(FixedVoice(), 48_000).prepare(REQUEST)


async def test_a_clause_without_sound_stays_without() -> None:
    sound, marks = await spoken(ResampledVoice(Chunks([]), 48_000))
    assert len(sound) == 0
    assert marks == []
