"""The conformance suite of voice activity detectors."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from adapters.conformance.life_cycle import LifeCycleConformance
from frametalk.adapters.base import Vad, VadStream
from frametalk.core.audio import Rechunker, Samples
from limits import SOON_S

SPEECH = Path(__file__).resolve().parents[2] / "speech"


def windows(vad: Vad, sound: Samples) -> list[Samples]:
    return [window for _at, window in Rechunker(vad.window_samples).feed(sound)]


def recording(vad: Vad, name: str) -> Samples:
    """One of the repository's recordings, at the detector's rate."""
    sound, rate_hz = soundfile.read(SPEECH / f"{name}.flac", dtype="int16")
    return np.asarray(soxr.resample(sound, rate_hz, vad.rate_hz), np.int16)


def probabilities(stream: VadStream, sound: list[Samples]) -> list[float]:
    found = [stream.process(window) for window in sound]
    assert all(0.0 <= p <= 1.0 for p in found)
    return found


@pytest.mark.asyncio(loop_scope="class")
class VadConformance(LifeCycleConformance):
    """Subclasses define the fixture `make` of `LifeCycleConformance`."""

    async def use(self, adapter: Vad) -> list[float]:
        return probabilities(adapter.open(), [np.zeros(adapter.window_samples, np.int16)] * 3)

    @pytest.fixture
    def said(self, adapter: Vad) -> list[Samples]:
        return windows(adapter, recording(adapter, "new_sword"))

    async def test_speech_is_found_and_silence_is_not(
        self, adapter: Vad, said: list[Samples]
    ) -> None:
        quiet = [np.zeros(adapter.window_samples, np.int16)] * 20
        found = probabilities(adapter.open(), said)
        assert sum(p >= 0.5 for p in found) > len(found) / 2
        assert max(probabilities(adapter.open(), quiet)) < 0.35

    async def test_streams_are_independent(self, adapter: Vad, said: list[Samples]) -> None:
        alone = probabilities(adapter.open(), said)
        one, other = adapter.open(), adapter.open()
        both = [(one.process(a), other.process(b)) for a, b in zip(said, said[::-1], strict=True)]
        assert [p for p, _ in both] == pytest.approx(alone, abs=1e-6)

    async def test_reset_clears_the_state(self, adapter: Vad, said: list[Samples]) -> None:
        stream = adapter.open()
        first = probabilities(stream, said)
        stream.reset()
        stream.reset()
        assert probabilities(stream, said) == pytest.approx(first, abs=1e-6)

    @pytest.mark.parametrize("level", [-32_768, 32_767])
    async def test_samples_at_full_scale_are_accepted(self, adapter: Vad, level: int) -> None:
        full = [np.full(adapter.window_samples, level, np.int16)] * 3
        assert probabilities(adapter.open(), full)

    async def test_a_window_is_not_written_to(self, adapter: Vad, said: list[Samples]) -> None:
        window = said[20].copy()
        window.setflags(write=False)
        adapter.open().process(window)
        assert (window == said[20]).all()

    async def test_long_sound_is_accepted(self, adapter: Vad, said: list[Samples]) -> None:
        stream = adapter.open()
        assert all(0.0 <= stream.process(window) <= 1.0 for window in said * 20)

    async def test_submitted_windows_get_the_same_probabilities_in_order(
        self, adapter: Vad, said: list[Samples]
    ) -> None:
        alone = probabilities(adapter.open(), said)
        stream, other = adapter.open(), adapter.open()
        found: list[float] = []
        for number, window in enumerate(said):
            stream.submit(window, found.append)
            other.submit(window, lambda _probability: None)
            if number % 5 == 0:
                stream.settle()
                assert len(found) == number + 1
        stream.settle()
        assert found == pytest.approx(alone, abs=0.05)

    async def test_submitted_windows_are_judged_without_settle(
        self, adapter: Vad, said: list[Samples]
    ) -> None:
        everything, found = asyncio.Event(), []

        def judged(number: int, _probability: float) -> None:
            found.append(number)
            if len(found) == 9:
                everything.set()

        streams = [adapter.open() for _ in range(3)]
        for window in said[:3]:
            for number, stream in enumerate(streams):
                stream.submit(window, partial(judged, number))
        async with asyncio.timeout(SOON_S):
            await everything.wait()
        assert sorted(found) == [0, 0, 0, 1, 1, 1, 2, 2, 2]

    async def test_a_reset_drops_what_was_submitted_and_not_judged(
        self, adapter: Vad, said: list[Samples]
    ) -> None:
        first = probabilities(adapter.open(), said[20:30])
        stream, other = adapter.open(), adapter.open()
        found: list[float] = []
        other.submit(said[0], lambda _probability: None)
        stream.submit(said[20], found.append)
        judged = len(found)
        stream.reset()
        stream.settle()
        assert len(found) == judged
        for window in said[20:30]:
            stream.submit(window, found.append)
        stream.settle()
        assert found[judged:] == pytest.approx(first, abs=1e-4)

    async def test_what_one_stream_raises_touches_no_other(
        self, adapter: Vad, said: list[Samples]
    ) -> None:
        def fail(_probability: float) -> None:
            raise RuntimeError("of one session")

        loop, caught = asyncio.get_running_loop(), []
        loop.set_exception_handler(lambda _loop, context: caught.append(context))
        streams, found = [adapter.open() for _ in range(5)], []
        for number, stream in enumerate(streams):
            with suppress(RuntimeError):
                stream.submit(said[0], fail if number == 2 else found.append)
        for stream in streams:
            with suppress(RuntimeError):
                stream.settle()
        assert len(found) == 4

    async def test_an_open_stream_outlives_close(
        self, make: Callable[[], Vad], said: list[Samples]
    ) -> None:
        one = make()
        await one.start()
        stream = one.open()
        await one.close()
        assert probabilities(stream, said[:3])
