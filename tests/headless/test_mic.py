"""The virtual microphone: paced by the clock alone, and exact to the sample."""

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


class Recorder:
    """Records a microphone's frames and when they came."""

    def __init__(self) -> None:
        self.clock = Clock(asyncio.get_running_loop().time)
        self.frames: list[tuple[float, Media]] = []
        self.mic = Microphone(
            lambda frame: self.frames.append((self.clock.now_s(), frame)), self.clock
        )

    async def record(self, ms: float, beside: Coroutine[Any, Any, None] | None = None) -> None:
        """Run the microphone for `ms`, and half a frame longer, so that the last frame comes."""
        self.mic.start()
        async with asyncio.TaskGroup() as group:
            running = group.create_task(self.mic.run())
            if beside is not None:
                group.create_task(beside)
            await asyncio.sleep((ms + 10) / 1000)
            running.cancel()

    def sound(self) -> np.ndarray:
        return np.concatenate([np.frombuffer(f.payload, "<i2") for _, f in self.frames])


async def test_frames_of_20_ms_follow_each_other_without_drift() -> None:
    recorder = Recorder()
    began_s = recorder.clock.now_s()
    await recorder.record(60_000)
    assert len(recorder.frames) == 3_000
    assert [frame.sample for _, frame in recorder.frames] == [320 * n for n in range(3_000)]
    assert [frame.seq for _, frame in recorder.frames] == list(range(3_000))
    for n, (at_s, _) in enumerate(recorder.frames):
        assert at_s == pytest.approx(began_s + 0.02 * (n + 1), abs=1e-3)
    assert recorder.mic.late_frames == 0


async def test_frames_are_as_long_as_the_server_says_from_the_next_one_on() -> None:
    recorder = Recorder()

    async def change() -> None:
        await asyncio.sleep(0.05)
        recorder.mic.frame_ms = 40

    await recorder.record(180, change())
    assert [frame.sample for _, frame in recorder.frames] == [0, 320, 640, 960, 1_600, 2_240]
    assert [len(frame.payload) // 2 for _, frame in recorder.frames] == [320] * 3 + [640] * 3


async def test_it_sends_silence_and_speech_from_the_sample_where_it_began() -> None:
    recorder = Recorder()

    async def speak() -> None:
        await asyncio.sleep(0.105)
        sound = recorder.mic.play(np.full(1_000, 7, np.int16))
        await sound.done.wait()
        assert recorder.mic.sent >= sound.end

    await recorder.record(300, speak())
    heard = recorder.sound()
    loud = np.flatnonzero(heard)
    assert loud[0] == pytest.approx(0.105 * 16_000, abs=1)
    assert len(loud) == 1_000
    assert recorder.mic.sounds[0].start == loud[0]


async def test_overlapping_sounds_are_mixed_and_limited() -> None:
    recorder = Recorder()

    async def speak() -> None:
        await asyncio.sleep(0.05)
        recorder.mic.play(np.full(640, 20_000, np.int16))
        recorder.mic.play(np.full(320, 20_000, np.int16))

    await recorder.record(200, speak())
    heard = recorder.sound()
    assert int(heard.max()) == 32_767
    assert np.count_nonzero(heard == 20_000) == 320


async def test_frames_are_caught_up_after_a_stall_and_counted_as_late() -> None:
    recorder = Recorder()
    times = iter([0.0, 0.0, 0.0])

    def late() -> float:
        return next(times, 0.99)

    recorder.mic = Microphone(lambda frame: recorder.frames.append((0.0, frame)), Clock(late))
    recorder.mic.start()
    async with asyncio.TaskGroup() as group:
        running = group.create_task(recorder.mic.run())
        await asyncio.sleep(0.03)
        running.cancel()
    assert recorder.mic.late_frames == 48  # the 49th, due at 0.98, is in time
    assert recorder.mic.worst_late_ms == pytest.approx(970)


async def test_time_of_is_the_inverse_of_sample_at() -> None:
    recorder = Recorder()
    recorder.mic.start()
    assert recorder.mic.time_of(0) == pytest.approx(recorder.clock.now_s())
    at_s = recorder.mic.time_of(12_345)
    assert recorder.mic.sample_at(at_s + 1e-9) == 12_345


async def test_a_microphone_that_ends_leaves_no_sound_to_wait_for() -> None:
    recorder = Recorder()

    async def speak() -> None:
        sound = recorder.mic.play(np.full(64_000, 7, np.int16))
        await sound.done.wait()

    await asyncio.wait_for(recorder.record(100, speak()), 1)
    assert recorder.mic.play(np.full(320, 7, np.int16)).done.is_set()
