"""A game that stands still, on virtual time: its reply and its microphone do too."""

from __future__ import annotations

import asyncio

import pytest

from frametalk.wire import messages as m
from headless_server import FRAME, playing

pytestmark = pytest.mark.looptime


async def test_the_reply_and_the_microphone_stand_and_go_on() -> None:
    async with playing() as (player, server):
        server.say("a longer sentence", 50)
        await asyncio.sleep(0.5)
        player.pause(60_000)
        await asyncio.sleep(0.1)
        stood, frames = player.replies[1].playback.played, len(server.mic)
        await asyncio.sleep(30)
        assert (player.replies[1].playback.played, len(server.mic)) == (stood, frames)
        assert await server.until(m.Pause) == m.Pause(for_ms=60_000)
        assert server.of(m.MicStop)
        player.unpause()
        await server.until_done()
        assert player.replies[1].playback.played == 50 * FRAME
        assert server.of(m.Pause)[1] == m.Pause(paused=False)
        assert len(server.of(m.MicStart)) == 2
        assert player.replies[1].playback.underruns == 0
