"""What every recogniser must do, whichever it is."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from adapters.conformance.lives import PATIENCE_S, Lives, works_or_says_why
from adapters.conformance.texts import STRANGE
from frametalk.adapters.base import Bias, Hypothesis, Recogniser, RecogniserStream

SPEECH = Path(__file__).resolve().parents[2] / "speech"
PLAIN = Bias(("door", "red door"), ("open",), ("open the {thing}",))


class Ear:
    """One stretch of speech, and all that a recogniser says of it; looks at each."""

    def __init__(self, recogniser: Recogniser, bias: Bias = PLAIN) -> None:
        self.rate_hz = recogniser.rate_hz
        self.fed = 0
        self.partials: list[Hypothesis] = []
        self.stable = ""
        self.stream: RecogniserStream = recogniser.open(bias, self._on_partial)

    async def feed(self, sound: np.ndarray, frame_ms: int = 20) -> None:
        """Sound as a microphone gives it."""
        frame = self.rate_hz * frame_ms // 1000
        for at in range(0, len(sound), frame):
            part = sound[at : at + frame]
            self.stream.feed(part.tobytes())
            self.fed += len(part)
            await asyncio.sleep(0)

    async def finalize(self) -> Hypothesis:
        async with asyncio.timeout(PATIENCE_S):
            final = await self.stream.finalize()
        self._check(final)
        return final

    def _on_partial(self, heard: Hypothesis) -> None:
        assert not self.partials or heard.text != self.partials[-1].text, "a partial is news"
        self.partials.append(heard)
        self._check(heard)

    def _check(self, heard: Hypothesis) -> None:
        assert heard.text.startswith(self.stable), "what was stable has changed"
        assert 0 <= heard.stable <= len(heard.text)
        self.stable = max(self.stable, heard.text[: heard.stable], key=len)
        if heard.words:
            assert " ".join(word.text for word in heard.words) == heard.text
        starts = [word.at for word in heard.words]
        assert starts == sorted(starts)
        assert all(0 <= word.at < word.end for word in heard.words)
        assert all(0.0 <= word.confidence <= 1.0 for word in heard.words)


@pytest.mark.asyncio(loop_scope="class")
class RecogniserConformance(Lives):
    """Subclasses give the fixture `make` of `Lives`; `said` where it must hear the words right."""

    said: str | None = None
    """What is heard in `sound`; None for models that hear noise."""
    long_s = 20
    """How long very long speech is."""

    @pytest.fixture
    def sound(self, adapter: Recogniser) -> np.ndarray:
        """ "Open the door", with silence before and after it, at the recogniser's rate."""
        said, rate_hz = soundfile.read(SPEECH / "open_door.flac", dtype="int16")
        padded = np.concatenate((np.zeros(4_800, np.int16), said, np.zeros(8_000, np.int16)))
        return soxr.resample(padded, rate_hz, adapter.rate_hz)

    async def use(self, adapter: Recogniser) -> str:
        ear = Ear(adapter)
        try:
            await ear.feed(np.zeros(adapter.rate_hz // 4, np.int16))
            return (await ear.finalize()).text
        finally:
            ear.stream.cancel()

    async def hear(self, adapter: Recogniser, sound: np.ndarray) -> str:
        ear = Ear(adapter)
        await ear.feed(sound)
        final = await ear.finalize()
        ear.stream.cancel()
        assert self.said is None or final.text == self.said
        assert all(word.end <= ear.fed for word in final.words)
        return final.text

    async def test_speech_becomes_text(self, adapter: Recogniser, sound: np.ndarray) -> None:
        await adapter.prepare(PLAIN)
        await adapter.prepare(PLAIN)
        await self.hear(adapter, sound)

    async def test_nothing_was_said(self, adapter: Recogniser) -> None:
        ear = Ear(adapter)
        ear.stream.feed(b"")
        assert (await ear.finalize()).text == ""
        ear.stream.cancel()

    async def test_finalizing_twice_gives_the_same_text(
        self, adapter: Recogniser, sound: np.ndarray
    ) -> None:
        ear = Ear(adapter)
        await ear.feed(sound)
        assert await ear.finalize() == await ear.finalize()
        ear.stream.cancel()

    async def test_after_finalizing_it_hears_on(
        self, adapter: Recogniser, sound: np.ndarray
    ) -> None:
        ear, half = Ear(adapter), len(sound) // 2
        await ear.feed(sound[:half])
        await ear.finalize()
        await ear.feed(sound[half:])
        final = await ear.finalize()
        ear.stream.cancel()
        assert self.said is None or final.text == self.said

    async def test_frames_of_any_size(self, adapter: Recogniser, sound: np.ndarray) -> None:
        for frame_ms in (7, 100, 2_000):
            ear = Ear(adapter)
            await ear.feed(sound, frame_ms)
            final = await ear.finalize()
            ear.stream.cancel()
            assert self.said is None or final.text == self.said

    async def test_a_cancelled_stream_says_nothing_more(
        self, adapter: Recogniser, sound: np.ndarray
    ) -> None:
        ear = Ear(adapter)
        await ear.feed(sound)
        ear.stream.cancel()
        ear.stream.cancel()
        told = len(ear.partials)
        ear.stream.feed(sound.tobytes())
        await self.hear(adapter, sound)
        assert len(ear.partials) == told

    async def test_a_finalize_under_way_ends_with_its_stream(
        self, adapter: Recogniser, sound: np.ndarray
    ) -> None:
        ear = Ear(adapter)
        await ear.feed(sound)
        async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as group:
            finalizing = group.create_task(ear.stream.finalize(), name="finalize")
            await asyncio.sleep(0)
            under_way = not finalizing.done()
            ear.stream.cancel()
            await asyncio.wait([finalizing])
            assert finalizing.cancelled() == under_way
        await self.hear(adapter, sound)

    async def test_who_finalizes_after_cancel_is_told(self, adapter: Recogniser) -> None:
        ear = Ear(adapter)
        ear.stream.cancel()
        async with asyncio.TaskGroup() as group:
            finalizing = group.create_task(
                works_or_says_why(ear.stream.finalize()), name="finalize"
            )
            await asyncio.wait([finalizing], timeout=PATIENCE_S)
            assert finalizing.done()

    async def test_speakers_at_once_are_not_mixed_up(
        self, adapter: Recogniser, sound: np.ndarray
    ) -> None:
        alone = [await self.hear(adapter, sound), await self.hear_any(adapter, sound[::-1])]
        both = await asyncio.gather(
            self.hear(adapter, sound), self.hear_any(adapter, sound[::-1].copy())
        )
        assert both == alone

    async def hear_any(self, adapter: Recogniser, sound: np.ndarray) -> str:
        """What is made of a sound that is no speech."""
        ear = Ear(adapter)
        await ear.feed(sound)
        final = await ear.finalize()
        ear.stream.cancel()
        return final.text

    async def test_streams_that_are_forgotten_cost_the_next_nothing(
        self, adapter: Recogniser, sound: np.ndarray
    ) -> None:
        for _ in range(20):
            ear = Ear(adapter)
            await ear.feed(sound[: adapter.rate_hz // 10])
            ear.stream.cancel()
        await self.hear(adapter, sound)

    async def test_very_long_speech(self, adapter: Recogniser, sound: np.ndarray) -> None:
        ear = Ear(adapter)
        rounds = self.long_s * adapter.rate_hz // len(sound) + 1
        await ear.feed(np.tile(sound, rounds), 1_000)
        await ear.finalize()
        ear.stream.cancel()

    @pytest.mark.parametrize("level", [-32_768, 32_767])
    async def test_sound_at_its_limits(self, adapter: Recogniser, level: int) -> None:
        await self.hear_any(adapter, np.full(adapter.rate_hz // 2, level, np.int16))

    @pytest.mark.parametrize(
        "bias",
        [
            Bias(),
            Bias(("",), (" ",), ("", "\0")),
            *(
                Bias((text, "door"), (text, "open"), (text, "open the {thing}"))
                for text in STRANGE.values()
            ),
            Bias(("door", "x" * 10_000), ("open",), ("open the {thing} " * 200,)),
        ],
        ids=["nothing", "empty", *STRANGE, "long"],
    )
    async def test_any_bias_can_be_prepared(
        self, adapter: Recogniser, sound: np.ndarray, bias: Bias
    ) -> None:
        async with asyncio.timeout(PATIENCE_S):
            await adapter.prepare(bias)
        ear = Ear(adapter, bias)
        await ear.feed(sound[: adapter.rate_hz // 2], 100)
        await ear.finalize()
        ear.stream.cancel()
