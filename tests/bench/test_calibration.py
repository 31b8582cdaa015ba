"""The calibration beside a run."""

from __future__ import annotations

import asyncio

import pytest

from frametalk.bench.calibration import Calibration, asleep, calibrated, loop, ratio
from frametalk.bench.samples import Distribution


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
    assert 1 <= found.awake_us.n <= found.loop_us.n
    assert found.asleep_ratio == pytest.approx(found.loop_us.p50 / found.awake_us.p50, abs=0.01)


def test_the_loop_after_a_sleep_is_compared_with_the_loop_awake():
    slow, fast = Distribution.of((2_700.0,)), Distribution.of((900.0,))
    assert ratio(Calibration(loop_us=slow, awake_us=fast)) == 3.0
    assert ratio(Calibration(loop_us=slow)) is None  # it was killed before
    found = {"asleep_ratio": 3.0, "loop_us": {"p50": 2_700.0}, "awake_us": {"p50": 900.0}}
    assert asleep(found) == "3.00 times as long (2700 us) as awake (900 us)"
    assert asleep({"loop_us": {"p50": 2_700.0}}) == ""  # of an older result
