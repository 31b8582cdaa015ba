"""The conformance suite of turn detectors."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from adapters.conformance.life_cycle import TIMEOUT_S, LifeCycleConformance
from frametalk.adapters.base import TurnDetector
from frametalk.core.audio import Samples


def noise(samples: int) -> Samples:
    return np.random.default_rng(samples).normal(0, 3_000, samples).astype(np.int16)


SOUNDS = {
    "nothing": np.zeros(0, np.int16),
    "one sample": np.zeros(1, np.int16),
    "silence": np.zeros(16_000, np.int16),
    "full scale": np.full(16_000, -32_768, np.int16),
    "a minute": noise(60 * 16_000),
}


@pytest.mark.asyncio(loop_scope="class")
class TurnDetectorConformance(LifeCycleConformance):
    """Subclasses define the fixture `make` of `LifeCycleConformance`."""

    async def use(self, adapter: TurnDetector) -> float:
        async with asyncio.timeout(TIMEOUT_S):
            return await adapter.end_probability(noise(1_600))

    @pytest.mark.parametrize("sound", SOUNDS.values(), ids=SOUNDS)
    async def test_any_sound_gets_a_probability(
        self, adapter: TurnDetector, sound: Samples
    ) -> None:
        assert 0.0 <= await adapter.end_probability(sound) <= 1.0

    async def test_concurrent_requests_are_independent(self, adapter: TurnDetector) -> None:
        sounds = [noise(16_000 * n) for n in range(1, 5)]
        alone = [await adapter.end_probability(sound) for sound in sounds]
        assert await asyncio.gather(*(adapter.end_probability(sound) for sound in sounds)) == alone

    async def test_the_samples_are_copied_at_the_call(self, adapter: TurnDetector) -> None:
        sound = noise(20_000)
        expected = await adapter.end_probability(sound)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(adapter.end_probability(sound), name="running")
            await asyncio.sleep(0)
            sound[:] = 0  # the caller reuses its buffer
        assert running.result() == expected

    async def test_only_the_last_eight_seconds_count(self, adapter: TurnDetector) -> None:
        last = noise(8 * adapter.rate_hz)
        before = np.concatenate((noise(5_000), last))
        assert await adapter.end_probability(before) == await adapter.end_probability(last)
