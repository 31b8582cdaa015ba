"""The calibration beside a run."""

from __future__ import annotations

import asyncio

import pytest

from frametalk.bench.calibration import Calibration, calibrated, loop


def test_the_loop_takes_processor_time():
    assert loop() > 0


@pytest.mark.real
def test_the_machine_is_measured_beside_the_block():
    async def measure() -> Calibration:
        async with calibrated() as found:
            assert found.step_ms.n == 0
        return found

    found = asyncio.run(measure())
    assert found.loop_us.n == found.step_ms.n >= 1
    assert 0 < found.loop_us.p50 / 1000 <= found.step_ms.p50
    assert found.step_ms.values == ()  # only the percentiles are kept
