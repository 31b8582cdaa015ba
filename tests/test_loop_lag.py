"""How late the event loop is, on virtual time, and what it refuses."""

from __future__ import annotations

import asyncio

import pytest

from frametalk.errors import Fault, FrametalkError
from frametalk.loop_lag import EVERY_S, LoopLag


def after(*lags_ms: float, limit_ms: float = 100) -> LoopLag:
    """What has observed these."""
    lag = LoopLag(limit_ms)
    for each in lags_ms:
        lag.observe(each)
    return lag


def test_a_loop_in_time_takes_sessions() -> None:
    lag = after(*[100.0] * 20)
    assert (lag.lag_ms, lag.is_high) == (100, False)
    lag.check()


def test_a_loop_that_stays_late_takes_no_session() -> None:
    lag = after(*[101.0] * 4)
    with pytest.raises(FrametalkError, match="server_busy") as refused:
        lag.check()
    assert (refused.value.fatal, refused.value.fault) == (True, Fault.SERVER)
    assert refused.value.retry_after_ms == 5_000


@pytest.mark.parametrize("lags_ms", [[60_000.0], [500.0] * 3, [500.0, 0.0] * 10 + [0.0]])
def test_stalls_between_punctual_timers_are_no_load(lags_ms: list[float]) -> None:
    assert not after(*lags_ms).is_high


def test_the_server_takes_sessions_again_when_its_loop_is_in_time() -> None:
    assert not after(*[500.0] * 20, *[0.0] * 4).is_high


def test_no_limit_measures_and_refuses_nothing() -> None:
    lag = after(*[60_000.0] * 20, limit_ms=0)
    assert (lag.lag_ms, lag.is_high) == (60_000, False)
    lag.check()


@pytest.mark.looptime
async def test_the_lag_is_how_much_too_late_a_timer_is() -> None:
    clock = asyncio.get_running_loop()
    late_s = 0.0
    lag = LoopLag(100)

    def now() -> float:
        nonlocal late_s
        late_s += 0.15  # between any two looks at the clock
        return clock.time() + late_s

    async with asyncio.TaskGroup() as group:
        running = group.create_task(lag.run(now))
        await asyncio.sleep(EVERY_S * 3.5)
        assert not lag.is_high
        await asyncio.sleep(EVERY_S)
        assert (lag.lag_ms, lag.is_high) == (pytest.approx(150), True)
        running.cancel()
