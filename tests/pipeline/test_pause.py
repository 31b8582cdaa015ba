"""A game that stands still: its time, on virtual time."""

from __future__ import annotations

import asyncio

import pytest

from frametalk.pipeline.pause import GamePause
from frametalk.wire.messages import Pause
from stages import Stage

pytestmark = pytest.mark.looptime


async def test_the_clients_time_stands_while_the_game_does() -> None:
    stage = Stage()
    pause, time = GamePause(stage.context), stage.context.client_time
    began_s = time.now()
    pause.set(Pause())
    await asyncio.sleep(100)
    assert time.now() == began_s
    assert pause.left_ms == 500_000
    pause.set(Pause(paused=False))
    await asyncio.sleep(2)
    assert time.now() == began_s + 2
    assert pause.left_ms == 0


async def test_another_pause_replaces_the_one_before() -> None:
    stage = Stage()
    pause, time = GamePause(stage.context), stage.context.client_time
    pause.set(Pause(for_ms=10_000))
    await asyncio.sleep(5)
    pause.set(Pause(for_ms=20_000))
    await asyncio.sleep(19)
    assert time.stands
    await asyncio.sleep(2)
    assert not time.stands
    pause.close()
