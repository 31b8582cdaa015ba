"""The conformance suite of voices."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import numpy as np
import pytest

from adapters.conformance.life_cycle import TIMEOUT_S, LifeCycleConformance, works_or_fails_cleanly
from adapters.conformance.texts import HALF_A_SURROGATE, LONG_SENTENCE, SILENT, STRANGE
from frametalk.adapters.abilities import ListsVoices
from frametalk.adapters.base import SpeechChunk, SpeechRequest, Voice
from frametalk.core.visemes import REST, VISEMES

TWO = ("The blacksmith opened the red door.", "Bring me seven old boots.")


@pytest.mark.asyncio(loop_scope="class")
class VoiceConformance(LifeCycleConformance):
    """Subclasses define the fixture `make` of `LifeCycleConformance`."""

    async def use(self, adapter: Voice) -> bytes:
        return (await say(adapter, "hello there")).pcm

    @pytest.mark.parametrize("text", [*TWO, "Very well, friend: that's 25 gold!"])
    async def test_sound_words_and_mouth_keep_the_contract(self, adapter: Voice, text: str) -> None:
        spoken = await say(adapter, text)
        words = [mark.name for mark in spoken.marks if mark.kind == "word"]
        assert words[0] == text.split(maxsplit=1)[0]
        assert any(mark.kind == "viseme" for mark in spoken.marks)
        assert np.frombuffer(spoken.pcm, "<i2").any()

    @pytest.mark.parametrize("text", SILENT)
    async def test_text_without_sound_yields_nothing(self, adapter: Voice, text: str) -> None:
        assert (await say(adapter, text)).pcm == b""

    @pytest.mark.parametrize(
        "text", [*STRANGE.values(), HALF_A_SURROGATE], ids=[*STRANGE, "half a surrogate"]
    )
    async def test_strange_text_is_spoken(self, adapter: Voice, text: str) -> None:
        assert (await say(adapter, text)).pcm

    async def test_a_very_long_clause_is_spoken_whole(self, adapter: Voice) -> None:
        spoken = await say(adapter, LONG_SENTENCE * 20)
        once = await say(adapter, LONG_SENTENCE)
        assert len(spoken.pcm) > 10 * len(once.pcm)
        words = [mark.name for mark in spoken.marks if mark.kind == "word"]
        assert len(words) == 20 * len(LONG_SENTENCE.split())

    async def test_a_cancelled_clause_leaves_the_voice_usable(self, adapter: Voice) -> None:
        for _ in range(3):
            async with contextlib.aclosing(
                adapter.speak(SpeechRequest(LONG_SENTENCE * 20))
            ) as speech:
                assert (await anext(speech)).pcm
        assert await self.use(adapter)

    async def test_a_long_clause_can_be_cancelled_before_its_first_sound(
        self, adapter: Voice
    ) -> None:
        async with asyncio.timeout(TIMEOUT_S):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.02):
                    await say(adapter, LONG_SENTENCE * 2_000)
            assert await self.use(adapter)

    async def test_concurrent_clauses_are_independent(self, adapter: Voice) -> None:
        alone = [await say(adapter, text) for text in TWO]
        both = await asyncio.gather(*(say(adapter, text) for text in TWO * 2))
        for spoken, expected in zip(both, alone * 2, strict=True):
            assert names(spoken) == names(expected)
            # Not equal to the sample: a voice may vary its lengths at random.
            assert len(spoken.pcm) == pytest.approx(len(expected.pcm), rel=0.3)

    async def test_speed_and_volume_change_the_sound(self, adapter: Voice) -> None:
        plain, quick, soft = [
            await say(adapter, TWO[0], **changed)
            for changed in ({}, {"speed": 1.6}, {"volume": 0.4})
        ]
        assert len(quick.pcm) < 0.85 * len(plain.pcm)
        assert 0.2 * level(plain) < level(soft) < 0.7 * level(plain)

    async def test_listed_voices_speak(self, adapter: Voice) -> None:
        listed = await adapter.voices() if isinstance(adapter, ListsVoices) else ("",)
        assert len(set(listed)) == len(listed)
        for name in (listed[0], listed[-1]):
            assert (await say(adapter, "hello there", voice=name)).pcm

    async def test_an_unknown_voice_leaves_the_engine_usable(self, adapter: Voice) -> None:
        for name in ("no such voice", "\0", "\ud83d", "x" * 10_000, "../../etc/passwd"):
            await works_or_fails_cleanly(say(adapter, "hello", voice=name))
        assert await self.use(adapter)


async def say(speaker: Voice, text: str, **changed: Any) -> SpeechChunk:
    """A whole clause as one chunk; each of its chunks is checked."""
    pcm, marks = bytearray(), []
    async for chunk in speaker.speak(SpeechRequest(text, **changed)):
        assert chunk.pcm, "a chunk has sound"
        assert len(chunk.pcm) % 2 == 0, "a chunk ends with a whole sample"
        first = len(pcm) // 2
        assert all(mark.at >= first for mark in chunk.marks), (
            "a mark comes with the chunk in which it begins"
        )
        pcm += chunk.pcm
        marks += chunk.marks
    whole = SpeechChunk(bytes(pcm), tuple(marks))
    check_marks(text, whole)
    return whole


def check_marks(text: str, spoken: SpeechChunk) -> None:
    """Check that marks are inside the sound, in order, with words as written and known visemes."""
    total, read_to = len(spoken.pcm) // 2, 0
    assert all(0 <= mark.at < mark.end <= total for mark in spoken.marks)
    for kind in ("word", "viseme"):
        starts = [mark.at for mark in spoken.marks if mark.kind == kind]
        assert starts == sorted(starts), f"{kind} marks in order"
    for mark in spoken.marks:
        if mark.kind == "word":
            found = text.find(mark.name, read_to)
            assert mark.name, "a word mark has a word"
            assert found >= 0, f"{mark.name!r} is not written in the rest of the clause"
            read_to = found + len(mark.name)
        elif mark.kind == "viseme":
            assert mark.name in VISEMES


def names(spoken: SpeechChunk) -> list[list[str]]:
    """The words, and the shapes other than rest: lengths may vary, and with them short rests."""
    return [
        [mark.name for mark in spoken.marks if mark.kind == kind and mark.name != REST]
        for kind in ("word", "viseme")
    ]


def level(spoken: SpeechChunk) -> float:
    return float(np.sqrt(np.mean(np.frombuffer(spoken.pcm, "<i2").astype(float) ** 2)))
