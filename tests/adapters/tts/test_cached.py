"""The cache of spoken clauses: what the engine speaks, what is cached, and for how long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.conformance.voices import VoiceConformance
from frametalk.adapters.base import SpeechChunk, SpeechRequest
from frametalk.adapters.tts.cached import CachedVoice
from frametalk.adapters.tts.fixed import FixedVoice
from frametalk.errors import AdapterError, Stage

MEGABYTE = 1_000_000


class TestCachedVoice(VoiceConformance):
    @pytest.fixture(scope="class")
    @classmethod
    def make(cls) -> Callable[[], CachedVoice]:
        return lambda: CachedVoice(FixedVoice(), 64 * MEGABYTE)


class Engine(FixedVoice):
    """Records its requests."""

    def __init__(self) -> None:
        super().__init__(rate_hz=8_000)
        self.requests: list[str] = []
        self.closed = 0

    async def speak(self, request: SpeechRequest) -> AsyncGenerator[SpeechChunk, None]:
        self.requests.append(request.text)
        try:
            async for chunk in super().speak(request):
                yield chunk
                if request.text == "Breaks in the middle.":
                    raise AdapterError("voice_failed", "broken", stage=Stage.SPEAK)
        finally:
            self.closed += 1


async def say(voice: CachedVoice, text: str) -> list[SpeechChunk]:
    """All chunks of a clause."""
    return [chunk async for chunk in voice.speak(SpeechRequest(text))]


def test_its_languages_are_the_engines() -> None:
    class German(FixedVoice):
        def languages(self, voice: str) -> tuple[str, ...]:
            return ("de", voice)

    assert CachedVoice(German(), MEGABYTE).languages("anna") == ("de", "anna")
    assert CachedVoice(FixedVoice(), MEGABYTE).languages("anna") == ()


async def test_a_repeated_clause_comes_from_the_cache() -> None:
    engine, looked_up = Engine(), []
    voice = CachedVoice(engine, MEGABYTE, looked_up.append)
    first = await say(voice, "Very well, friend.")
    again = await say(voice, "Very well, friend.")
    assert again == first
    assert any(chunk.marks for chunk in first)
    assert engine.requests == ["Very well, friend."]
    assert looked_up == [False, True]


@pytest.mark.parametrize(
    "other",
    [
        SpeechRequest("Well.", voice="en+f2"),
        SpeechRequest("Well.", language="de"),
        SpeechRequest("Well.", speed=1.1),
        SpeechRequest("Well.", volume=0.5),
    ],
)
async def test_a_clause_with_other_parameters_is_another_clause(other: SpeechRequest) -> None:
    engine = Engine()
    voice = CachedVoice(engine, MEGABYTE)
    await say(voice, "Well.")
    assert [chunk async for chunk in voice.speak(other)]
    assert len(engine.requests) == 2


async def test_a_cancelled_clause_is_not_cached_and_the_engine_stops() -> None:
    engine = Engine()
    voice = CachedVoice(engine, MEGABYTE)
    async with aclosing(voice.speak(SpeechRequest("A clause of several chunks."))) as speech:
        await anext(speech)
    assert engine.closed == 1
    whole = await say(voice, "A clause of several chunks.")
    assert len(engine.requests) == 2
    assert await say(voice, "A clause of several chunks.") == whole
    assert len(engine.requests) == 2


async def test_a_failed_clause_is_not_cached() -> None:
    engine = Engine()
    voice = CachedVoice(engine, MEGABYTE)
    for _ in range(2):
        with pytest.raises(AdapterError, match="broken"):
            await say(voice, "Breaks in the middle.")
    assert len(engine.requests) == 2
    assert voice.bytes == 0


async def test_the_least_recently_used_clause_goes_first() -> None:
    engine = Engine()
    voice = CachedVoice(engine, MEGABYTE)
    await say(voice, "One.")
    voice = CachedVoice(engine, 3 * voice.bytes)
    for text in ("One.", "Two.", "Six.", "One.", "Ten.", "One.", "Two."):
        await say(voice, text)
    assert engine.requests == ["One.", "One.", "Two.", "Six.", "Ten.", "Two."]


async def test_a_prepared_clause_is_in_the_cache() -> None:
    engine, looked_up = Engine(), list[bool]()
    voice = CachedVoice(engine, MEGABYTE, looked_up.append)
    for _ in range(2):
        await voice.prepare(SpeechRequest("One."))
    for _ in range(20):
        await asyncio.sleep(0)  # the rest of the clause is made meanwhile
    assert (engine.requests, looked_up) == (["One."], [])
    assert await say(voice, "One.") == await say(CachedVoice(Engine(), MEGABYTE), "One.")
    assert (engine.requests, looked_up) == (["One."], [True])


class Slow(Engine):
    """Waits before every chunk until it may go on."""

    def __init__(self) -> None:
        super().__init__()
        self.may = asyncio.Semaphore(0)

    async def speak(self, request: SpeechRequest) -> AsyncGenerator[SpeechChunk, None]:
        async with aclosing(super().speak(request)) as speech:
            async for chunk in speech:
                await self.may.acquire()
                yield chunk


async def test_a_clause_that_is_being_prepared_is_spoken_from_its_beginning() -> None:
    engine = Slow()
    voice = CachedVoice(engine, MEGABYTE)
    request = SpeechRequest("A clause of several chunks.")
    engine.may.release()
    await voice.prepare(request)
    async with aclosing(voice.speak(request)) as speech:
        first = await anext(speech)
        for _ in range(50):
            engine.may.release()
        rest = [chunk async for chunk in speech]
    assert [first, *rest] == await say(CachedVoice(Engine(), MEGABYTE), request.text)
    assert len(rest) > 0
    assert engine.requests == [request.text]


async def test_a_speaker_who_stops_ends_what_was_prepared() -> None:
    engine = Slow()
    voice = CachedVoice(engine, MEGABYTE)
    request = SpeechRequest("A clause of several chunks.")
    engine.may.release()
    await voice.prepare(request)
    async with aclosing(voice.speak(request)) as speech:
        await anext(speech)
    await asyncio.sleep(0)
    assert (engine.closed, voice.bytes) == (1, 0)


async def test_a_clause_that_cannot_be_prepared_fails_for_both() -> None:
    class Broken(Engine):
        async def speak(self, request: SpeechRequest) -> AsyncGenerator[SpeechChunk, None]:
            self.requests.append(request.text)
            raise AdapterError("voice_failed", "broken", stage=Stage.SPEAK)
            yield

    voice = CachedVoice(Broken(), MEGABYTE)
    with pytest.raises(AdapterError, match="broken"):
        await voice.prepare(SpeechRequest("One."))
    with pytest.raises(AdapterError, match="broken"):
        await say(voice, "One.")


async def test_a_clause_that_is_larger_than_the_cache_evicts_nothing() -> None:
    engine = Engine()
    voice = CachedVoice(engine, 10_000)
    await say(voice, "One.")
    assert sum(len(chunk.pcm) for chunk in await say(voice, "word " * 50)) > 10_000
    await say(voice, "One.")
    assert engine.requests.count("One.") == 1


async def test_concurrent_requests_for_a_new_clause_are_both_served() -> None:
    voice = CachedVoice(Engine(), MEGABYTE)
    async with asyncio.TaskGroup() as group:
        both = [group.create_task(say(voice, "Very well.")) for _ in range(2)]
    before = voice.bytes
    assert both[0].result() == both[1].result() == await say(voice, "Very well.")
    assert voice.bytes == before


@given(st.lists(st.text("ab", max_size=8), max_size=30), st.integers(0, 30_000))
def test_the_cache_is_bounded(texts: list[str], bound: int) -> None:
    async def talk() -> None:
        voice = CachedVoice(FixedVoice(rate_hz=8_000), bound)
        for text in texts:
            await say(voice, text)
            assert 0 <= voice.bytes <= bound
        await voice.close()
        assert voice.bytes == 0

    asyncio.run(talk())
