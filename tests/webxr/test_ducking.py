"""Sound over a reply in a real browser: the web client lowers, pauses, resumes and cuts the reply."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chromium import Watched, pcm_list, watched
from frametalk.headless.volume import DUCK_GAIN
from frametalk.wire import messages as m
from limits import SOON_S

pytestmark = pytest.mark.real

FULL = 8_000 / 32_768  # how loud the scripted server's tone is
FRAMES = 200  # four seconds


async def speak(page: Watched) -> None:
    """Say a reply, wait until it is heard, and tap it."""
    page.server.say("A long word.", FRAMES)
    await page.talk.wait_for("reply", phase="sounding")
    await page.talk.run("tap()")
    await until_level(page, 0.95, 1.05)


async def levels(page: Watched) -> list[float]:
    """The reply's peak in each 10 ms; full volume is 1."""
    taps: list[dict[str, Any]] = await page.talk.run("taps.splice(0)")
    return [tap["peak"] / FULL for tap in taps]


async def until_level(page: Watched, low: float, high: float) -> None:
    """Wait for a level between `low` and `high`; fails after 10 s."""
    async with asyncio.timeout(SOON_S):
        await page.talk.run("([low, high]) => untilLevel(low, high)", [low * FULL, high * FULL])


def voice(ms: float) -> list[float]:
    """A loud sound for the microphone."""
    at = np.arange(round(48 * ms))
    return pcm_list((12_000 * np.sin(at * 0.05)).astype(np.int16))


async def test_the_players_voice_lowers_the_reply_at_once_and_for_a_moment(
    tmp_path: Path,
) -> None:
    async with watched(tmp_path) as page:
        await speak(page)
        await page.talk.run("sound => fakeMic.say(sound, 48000)", voice(150))
        # The server sends nothing: the client lowers the reply by itself, and raises it again after 400 ms.
        await until_level(page, DUCK_GAIN * 0.8, DUCK_GAIN * 1.2)
        await until_level(page, 0.95, 1.05)


async def test_the_server_lowers_pauses_and_resumes_a_reply(tmp_path: Path) -> None:
    async with watched(tmp_path) as page:
        await speak(page)
        page.server.send(m.TurnStateChanged(state="ducked", turn=2, reply=1))
        await until_level(page, DUCK_GAIN * 0.8, DUCK_GAIN * 1.2)
        page.server.send(m.TurnStateChanged(state="ducked", turn=2, reply=1, paused=True))
        await until_level(page, -1, 0.001)
        await page.talk.page.wait_for_timeout(300)
        paused_at = await page.talk.run("session.mouth.sample")
        await page.talk.page.wait_for_timeout(500)
        assert await page.talk.run("session.mouth.sample") == paused_at
        page.server.send(m.TurnStateChanged(state="speaking", turn=2, reply=1))
        await until_level(page, 0.95, 1.05)
        await page.talk.page.wait_for_timeout(
            200
        )  # the device still buffers what the tap has received
        assert await page.talk.run("session.mouth.sample") > paused_at
        done = await page.server.until_done()
        assert done.sample == FRAMES * 441
        assert done.underruns == 0
        reported = [played.sample for played in page.server.of(m.Played)]
        assert reported == sorted(reported)


async def test_a_cut_silences_the_reply_and_is_reported_where_it_stopped(tmp_path: Path) -> None:
    async with watched(tmp_path) as page:
        await speak(page)
        page.server.send(m.ReplyCut(reply=1, at=100, reason="interrupted"))
        await until_level(page, -1, 0.001)
        done = await page.server.until_done()
        assert 0 < done.sample < FRAMES * 441
        assert max(await levels(page)) <= 1.05
        await page.talk.page.wait_for_timeout(200)
        assert max((await levels(page))[-10:]) == 0
        assert (await page.talk.run("session.mouth.weights().sil")) == 1
