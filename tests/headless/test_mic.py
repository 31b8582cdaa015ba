"""The virtual microphone: paced by the clock alone, sample-exact, always open."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import numpy as np
import pytest

from frametalk.headless.clock import Clock
from frametalk.headless.mic import Microphone
from frametalk.wire.codec import Media

pytestmark = pytest.mark.looptime


class Ear:
    """Keeps frames and when they came."""

    def __init__(self) -> None:
        self.clock = Clock(asyncio.get_running_loop().time)
        self.frames: list[tuple[float, Media]] = []
        self.mic = Microphone(
            lambda frame: self.frames.append((self.clock.now_s(), frame)), self.clock
        )

    async def listen(self, ms: float, beside: Coroutine[Any, Any, None] | None = None) -> None:
        """Run the microphone so long (and half a frame, so that the last one is there)."""
        self.mic.start()
        async with asyncio.TaskGroup() as group:
            running = group.create_task(self.mic.run())
            if beside is not None:
                group.create_task(beside)
            await asyncio.sleep((ms + 10) / 1000)
            running.cancel()

    def heard(self) -> np.ndarray:
        return np.concatenate([np.frombuffer(f.payload, "<i2") for _, f in self.frames])


async def test_frames_of_20_ms_follow_each_other_without_drift() -> None:
    ear = Ear()
    began_s = ear.clock.now_s()
    await ear.listen(60_000)
    assert len(ear.frames) == 3_000
    assert [frame.sample for _, frame in ear.frames] == [320 * n for n in range(3_000)]
    assert [frame.seq for _, frame in ear.frames] == list(range(3_000))
    for n, (at_s, _) in enumerate(ear.frames):
        assert at_s == pytest.approx(began_s + 0.02 * (n + 1), abs=1e-3)
    assert ear.mic.late_frames == 0


async def test_silence_when_nobody_speaks_and_speech_at_the_sample_where_it_began() -> None:
    ear = Ear()

    async def speak() -> None:
        await asyncio.sleep(0.105)
        sound = ear.mic.play(np.full(1_000, 7, np.int16))
        await sound.done.wait()
        assert ear.mic.sent >= sound.end

    await ear.listen(300, speak())
    heard = ear.heard()
    loud = np.flatnonzero(heard)
    assert loud[0] == pytest.approx(0.105 * 16_000, abs=1)
    assert len(loud) == 1_000
    assert ear.mic.sounds[0].start == loud[0]


async def test_sounds_at_once_are_mixed_and_limited() -> None:
    ear = Ear()

    async def speak() -> None:
        await asyncio.sleep(0.05)
        ear.mic.play(np.full(640, 20_000, np.int16))
        ear.mic.play(np.full(320, 20_000, np.int16))

    await ear.listen(200, speak())
    heard = ear.heard()
    assert int(heard.max()) == 32_767
    assert np.count_nonzero(heard == 20_000) == 320


async def test_a_stalled_loop_is_caught_up_and_counted() -> None:
    ear = Ear()
    times = iter([0.0, 0.0, 0.0])

    def late() -> float:
        return next(times, 0.99)

    ear.mic = Microphone(lambda frame: ear.frames.append((0.0, frame)), Clock(late))
    ear.mic.start()
    async with asyncio.TaskGroup() as group:
        running = group.create_task(ear.mic.run())
        await asyncio.sleep(0.03)
        running.cancel()
    assert ear.mic.late_frames == 48  # the 49th, due at 0.98, is still in time
    assert ear.mic.worst_late_ms == pytest.approx(970)


async def test_the_clock_and_its_inverse_agree() -> None:
    ear = Ear()
    start = ear.mic.start()
    assert start.t_us == ear.clock.now_us()
    at_s = ear.mic.time_of(12_345)
    assert ear.mic.sample_at(at_s + 1e-9) == 12_345
