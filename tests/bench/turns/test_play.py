"""Several players at once: only while the machine keeps up."""

from __future__ import annotations

import asyncio

import pytest

from frametalk.bench.turns.play import KEEPS_UP_MS, RECENT, Pace


def test_players_beyond_the_first_speak_only_while_timers_fire_in_time() -> None:
    pace = Pace()
    assert pace.keeps_up
    for _ in range(RECENT):
        pace.add(KEEPS_UP_MS + 1)
    assert not pace.keeps_up
    for _ in range(RECENT):
        pace.add(0.2)
    assert pace.keeps_up
    assert len(pace.lags_ms) == 2 * RECENT


@pytest.mark.looptime
async def test_a_player_waits_for_a_calm_machine_and_the_first_does_not() -> None:
    pace = Pace()
    for _ in range(RECENT):
        pace.add(99.0)
    await pace.turn(0)
    second = asyncio.ensure_future(pace.turn(1))  # noqa: TID251
    await asyncio.sleep(5)
    assert not second.done()
    for _ in range(RECENT):
        pace.add(0.2)
    await second
