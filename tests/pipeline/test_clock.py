"""Two clocks compared by pings."""

from __future__ import annotations

import asyncio

import pytest

from frametalk.pipeline.clock import ClockSync
from frametalk.wire.messages import Ping, Pong
from stages import Stage

AHEAD_US = 5_000_000


@pytest.mark.looptime
async def test_the_offset_is_known_within_the_round_trip() -> None:
    loop = asyncio.get_running_loop()
    stage = Stage()
    sent: list[Ping | Pong] = stage.sent
    clock = ClockSync(stage.context)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(clock.run())
        for expected in range(3):
            while len(sent) <= expected:  # noqa: ASYNC110  (virtual time)
                await asyncio.sleep(0.001)
            ping = sent[expected]
            await asyncio.sleep(0.004)
            theirs = int(loop.time() * 1e6) + AHEAD_US
            await asyncio.sleep(0.002)
            clock.take(Pong(id=ping.id, t_us=ping.t_us, received_us=theirs, sent_us=theirs))
        task.cancel()
    assert abs(clock.offset.offset_us - AHEAD_US) <= clock.offset.uncertainty_us + 1
    assert clock.offset.uncertainty_us <= 4_000


@pytest.mark.looptime
async def test_a_pong_for_an_unknown_ping_is_ignored() -> None:
    stage = Stage()
    sent: list[Ping | Pong] = stage.sent
    clock = ClockSync(stage.context)
    clock.take(Pong(id=0, t_us=0, received_us=5, sent_us=5))
    async with asyncio.TaskGroup() as group:
        task = group.create_task(clock.run())
        await asyncio.sleep(0.01)
        (ping,) = sent
        clock.take(Pong(id=ping.id, t_us=ping.t_us + 1, received_us=5, sent_us=5))
        task.cancel()
    assert not clock.offset.known


@pytest.mark.looptime
async def test_a_ping_is_answered_with_our_clock() -> None:
    stage = Stage()
    sent: list[Ping | Pong] = stage.sent
    clock = ClockSync(stage.context)
    await asyncio.sleep(1)
    clock.answer(Ping(id=4, t_us=77))
    pong = sent[0]
    assert isinstance(pong, Pong)
    assert (pong.id, pong.t_us) == (4, 77)
    assert pong.received_us == pytest.approx(1e6, abs=1e4)
