"""The conformance suite of recognisers."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from adapters.conformance.life_cycle import TIMEOUT_S, LifeCycleConformance, works_or_fails_cleanly
from adapters.conformance.texts import STRANGE
from frametalk.adapters.base import Bias, Hypothesis, Recogniser, RecogniserStream

SPEECH = Path(__file__).resolve().parents[2] / "speech"
PLAIN = Bias(("door", "red door"), ("open",), ("open the {thing}",))


class CheckedStream:
    """A stream whose partials and finals are checked and collected."""

    def __init__(self, recogniser: Recogniser, bias: Bias = PLAIN) -> None:
        self.rate_hz = recogniser.rate_hz
        self.fed = 0
        self.partials: list[Hypothesis] = []
        self.stable = ""
        self.stream: RecogniserStream = recogniser.open(bias, self._on_partial)

    async def feed(self, sound: np.ndarray, frame_ms: int = 20) -> None:
        """Feed sound in frames, as a microphone does."""
        frame = self.rate_hz * frame_ms // 1000
        for at in range(0, len(sound), frame):
            part = sound[at : at + frame]
            self.stream.feed(part.tobytes())
            self.fed += len(part)
            await asyncio.sleep(0)

    async def finalize(self) -> Hypothesis:
        async with asyncio.timeout(TIMEOUT_S):
            final = await self.stream.finalize()
        self._check(final)
        return final

    def _on_partial(self, hypothesis: Hypothesis) -> None:
        assert not self.partials or hypothesis.text != self.partials[-1].text, (
            "a partial changes the text"
        )
        self.partials.append(hypothesis)
        self._check(hypothesis)

    def _check(self, hypothesis: Hypothesis) -> None:
        assert hypothesis.text.startswith(self.stable), "what was stable has changed"
        assert 0 <= hypothesis.stable <= len(hypothesis.text)
        self.stable = max(self.stable, hypothesis.text[: hypothesis.stable], key=len)
        if hypothesis.words:
            assert " ".join(word.text for word in hypothesis.words) == hypothesis.text
        starts = [word.at for word in hypothesis.words]
        assert starts == sorted(starts)
        assert all(0 <= word.at < word.end for word in hypothesis.words)
        assert all(0.0 <= word.confidence <= 1.0 for word in hypothesis.words)


@pytest.mark.asyncio(loop_scope="class")
class RecogniserConformance(LifeCycleConformance):
    """Subclasses define the fixture `make` of `LifeCycleConformance`, and `said` if it recognises words."""

    said: str | None = None
    """The text of `sound`; None for models of random weights."""
    long_s = 20
    """How long very long speech is."""

    @pytest.fixture
    def sound(self, adapter: Recogniser) -> np.ndarray:
        """ "Open the door", with silence before and after it, at the recogniser's rate."""
        said, rate_hz = soundfile.read(SPEECH / "open_door.flac", dtype="int16")
        padded = np.concatenate((np.zeros(4_800, np.int16), said, np.zeros(8_000, np.int16)))
        return soxr.resample(padded, rate_hz, adapter.rate_hz)

    async def use(self, adapter: Recogniser) -> str:
        checked = CheckedStream(adapter)
        try:
            await checked.feed(np.zeros(adapter.rate_hz // 4, np.int16))
            return (await checked.finalize()).text
        finally:
            checked.stream.cancel()

    async def recognise(self, adapter: Recogniser, sound: np.ndarray, frame_ms: int = 20) -> str:
        await adapter.prepare(PLAIN)
        checked = CheckedStream(adapter)
        await checked.feed(sound, frame_ms)
        final = await checked.finalize()
        checked.stream.cancel()
        assert self.said is None or final.text == self.said
        assert all(word.end <= checked.fed for word in final.words)
        return final.text

    async def test_speech_becomes_text(self, adapter: Recogniser, sound: np.ndarray) -> None:
        await adapter.prepare(PLAIN)
        await adapter.prepare(PLAIN)
        await self.recognise(adapter, sound)

    async def test_no_sound_gives_empty_text(self, adapter: Recogniser) -> None:
        checked = CheckedStream(adapter)
        checked.stream.feed(b"")
        assert (await checked.finalize()).text == ""
        checked.stream.cancel()

    async def test_finalizing_twice_gives_the_same_text(
        self, adapter: Recogniser, sound: np.ndarray
    ) -> None:
        checked = CheckedStream(adapter)
        await checked.feed(sound)
        assert await checked.finalize() == await checked.finalize()
        checked.stream.cancel()

    async def test_a_stream_goes_on_after_finalize(
        self, adapter: Recogniser, sound: np.ndarray
    ) -> None:
        await adapter.prepare(PLAIN)
        checked, half = CheckedStream(adapter), len(sound) // 2
        await checked.feed(sound[:half])
        await checked.finalize()
        await checked.feed(sound[half:])
        final = await checked.finalize()
        checked.stream.cancel()
        assert self.said is None or final.text == self.said

    async def test_frames_may_have_any_size(self, adapter: Recogniser, sound: np.ndarray) -> None:
        for frame_ms in (7, 100, 2_000):
            checked = CheckedStream(adapter)
            await checked.feed(sound, frame_ms)
            final = await checked.finalize()
            checked.stream.cancel()
            assert self.said is None or final.text == self.said

    async def test_a_cancelled_stream_emits_nothing_more(
        self, adapter: Recogniser, sound: np.ndarray
    ) -> None:
        checked = CheckedStream(adapter)
        await checked.feed(sound)
        checked.stream.cancel()
        checked.stream.cancel()
        partials = len(checked.partials)
        checked.stream.feed(sound.tobytes())
        await self.recognise(adapter, sound)
        assert len(checked.partials) == partials

    async def test_cancel_cancels_a_finalize_under_way(
        self, adapter: Recogniser, sound: np.ndarray
    ) -> None:
        checked = CheckedStream(adapter)
        await checked.feed(sound)
        async with asyncio.timeout(TIMEOUT_S), asyncio.TaskGroup() as group:
            finalizing = group.create_task(checked.stream.finalize(), name="finalize")
            await asyncio.sleep(0)
            under_way = not finalizing.done()
            checked.stream.cancel()
            await asyncio.wait([finalizing])
            assert finalizing.cancelled() == under_way
        await self.recognise(adapter, sound)

    async def test_finalize_after_cancel_ends(self, adapter: Recogniser) -> None:
        checked = CheckedStream(adapter)
        checked.stream.cancel()
        async with asyncio.TaskGroup() as group:
            finalizing = group.create_task(
                works_or_fails_cleanly(checked.stream.finalize()), name="finalize"
            )
            await asyncio.wait([finalizing], timeout=TIMEOUT_S)
            assert finalizing.done()

    async def test_concurrent_streams_are_independent(
        self, adapter: Recogniser, sound: np.ndarray
    ) -> None:
        # Few frames: when many wait on a busy machine, a recogniser may skip some work.
        frame_ms, other = 500, sound[::-1].copy()
        alone = [
            await self.recognise(adapter, sound, frame_ms),
            await self.recognise_any(adapter, other, frame_ms),
        ]
        both = await asyncio.gather(
            self.recognise(adapter, sound, frame_ms), self.recognise_any(adapter, other, frame_ms)
        )
        assert both == alone

    async def recognise_any(
        self, adapter: Recogniser, sound: np.ndarray, frame_ms: int = 20
    ) -> str:
        """The text of a sound that is not speech."""
        checked = CheckedStream(adapter)
        await checked.feed(sound, frame_ms)
        final = await checked.finalize()
        checked.stream.cancel()
        return final.text

    async def test_cancelled_streams_leave_the_recogniser_usable(
        self, adapter: Recogniser, sound: np.ndarray
    ) -> None:
        for _ in range(20):
            checked = CheckedStream(adapter)
            await checked.feed(sound[: adapter.rate_hz // 10])
            checked.stream.cancel()
        await self.recognise(adapter, sound)

    async def test_very_long_speech_is_recognised(
        self, adapter: Recogniser, sound: np.ndarray
    ) -> None:
        checked = CheckedStream(adapter)
        rounds = self.long_s * adapter.rate_hz // len(sound) + 1
        await checked.feed(np.tile(sound, rounds), 1_000)
        await checked.finalize()
        checked.stream.cancel()

    @pytest.mark.parametrize("level", [-32_768, 32_767])
    async def test_samples_at_full_scale_are_accepted(
        self, adapter: Recogniser, level: int
    ) -> None:
        await self.recognise_any(adapter, np.full(adapter.rate_hz // 2, level, np.int16))

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
        async with asyncio.timeout(TIMEOUT_S):
            await adapter.prepare(bias)
        checked = CheckedStream(adapter, bias)
        await checked.feed(sound[: adapter.rate_hz // 2], 100)
        await checked.finalize()
        checked.stream.cancel()
