"""The web client's costs and delays in a real browser. Counts are asserted; times are only reported:
`pytest tests/webxr/test_cost.py -o log_cli=true --log-cli-level=INFO` shows them.

The server is scripted, so the times of each frame are known; its clock and the page's are of one machine.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chromium import Watched, measured, pcm_list, watched
from frametalk.wire import messages as m

pytestmark = pytest.mark.real

MIC_HZ = 16_000
FRAME = 320
CLICKS = 12
CLICK_EVERY_S = 0.39  # not a multiple of a frame, so clicks fall everywhere in one


def spread(values: list[float]) -> dict[str, float]:
    """Median, 95th percentile and count."""
    p50, p95 = np.percentile(values, [50, 95])
    return {"p50": round(float(p50), 2), "p95": round(float(p95), 2), "n": len(values)}


async def test_a_frame_is_sent_soon_after_its_last_sample(tmp_path: Path) -> None:
    clicks = np.zeros(round((CLICKS * CLICK_EVERY_S + 0.5) * 48_000), np.int16)
    for index in range(CLICKS):
        at = round(index * CLICK_EVERY_S * 48_000) + 4_800
        clicks[at : at + 48] = 20_000
    async with watched(tmp_path) as page:
        await page.talk.page.wait_for_timeout(500)
        began_s = await page.talk.run("s => fakeMic.say(s, 48000)", pcm_list(clicks)) / 1000
        await page.talk.page.wait_for_timeout(len(clicks) / 48 + 300)
        stats = await page.talk.run("session.latency.stats")
    frames = page.server.mic
    found = heard_clicks(frames)
    assert len(found) == CLICKS
    assert [frame.seq for _, frame in frames] == list(range(len(frames)))
    assert [frame.sample for _, frame in frames] == [FRAME * n for n in range(len(frames))]
    frame_full, in_all = [], []
    for index, (at_s, position) in enumerate(found):
        click_s = began_s + index * CLICK_EVERY_S + 0.1
        in_all.append((at_s - click_s) * 1000)
        frame_full.append((at_s - click_s) * 1000 - (FRAME - position) / MIC_HZ * 1000)
    measured("last_captured_sample_to_server_ms", spread(frame_full))
    measured("any_captured_sample_to_server_ms", spread(in_all))
    measured("capture_to_wire_ms_by_the_client", stats["captureToWireMs"])


def heard_clicks(frames: list[tuple[float, Any]]) -> list[tuple[float, int]]:
    """For each click the time of arrival of its frame, and the click's sample in that frame."""
    found: list[tuple[float, int]] = []
    last = -FRAME
    for at_s, frame in frames:
        sound = np.abs(np.frombuffer(frame.payload, "<i2").astype(np.int32))
        loud = np.flatnonzero(sound > 4_000)
        if len(loud) and frame.sample + loud[0] - last >= FRAME:
            last = frame.sample + int(loud[0])
            found.append((at_s, int(loud[0])))
    return found


async def test_a_reply_is_in_the_output_soon_after_its_first_frame_arrives(tmp_path: Path) -> None:
    async with watched(tmp_path) as page:
        sent_s = {}
        for reply in range(1, 31):
            sent_s[reply] = time.time()
            page.server.say("Yes.", 5, reply=reply, turn=reply)
            await page.server.until_done(reply)
        await page.talk.page.wait_for_timeout(1_100)
        stats = await page.talk.run("session.latency.stats")
        origin_ms = await page.talk.run("performance.timeOrigin")
        sounding = [e for e in await page.talk.log("reply") if e["phase"] == "sounding"]
    assert stats["receivedToOutputMs"]["n"] == 30
    assert stats["underruns"] == 0
    first = {played.reply: played for played in reversed(page.server.of(m.Played)) if played.sample}
    arrived_s = {reply: (played.arrived_us or 0) / 1e6 for reply, played in first.items()}
    heard = [entry["when"] + origin_ms - arrived_s[entry["reply"]] * 1000 for entry in sounding]
    measured("first_sample_received_to_output_ms", stats["receivedToOutputMs"])
    measured("first_sample_received_to_loudspeaker_ms", spread(heard))
    measured("sent_to_received_ms", spread([(arrived_s[r] - sent_s[r]) * 1000 for r in sent_s]))


@pytest.mark.parametrize("worker", [True, False], ids=["worker", "no worker"])
async def test_the_main_thread_spends_little_time_per_packet(
    tmp_path: Path, *, worker: bool
) -> None:
    async with watched(tmp_path, worker=worker) as page:
        devtools = await page.talk.page.context.new_cdp_session(page.talk.page)
        await devtools.send("Performance.enable")

        async def spent_ms() -> float:
            metrics = (await devtools.send("Performance.getMetrics"))["metrics"]
            return 1000 * next(x["value"] for x in metrics if x["name"] == "TaskDuration")

        idle = await per_packet(page, spent_ms, replies=False)
        busy = await per_packet(page, spent_ms, replies=True)
        stats = await page.talk.run("session.latency.stats")
    assert stats["micFrames"] > 100
    assert stats["speechFrames"] > 100
    measured("main_thread_ms_per_packet_listening", spread(idle))
    measured("main_thread_ms_per_packet_talking", spread(busy))


async def per_packet(page: Watched, spent_ms: Callable[[], Any], *, replies: bool) -> list[float]:
    """The main thread's time in each 200 ms, per 20 ms of sound sent or received."""
    costs = []
    reply = 0
    for _ in range(20):
        if replies and (reply == 0 or any(p.reply == reply and p.done for p in played(page))):
            reply += 1
            page.server.say("A word and another word.", 50, reply=reply, turn=reply)
        packets, before = len(page.server.mic), await spent_ms()
        await asyncio.sleep(0.2)
        packets = len(page.server.mic) - packets + (10 if replies else 0)
        costs.append((await spent_ms() - before) / max(1, packets))
    return costs


def played(page: Watched) -> list[m.Played]:
    return page.server.of(m.Played)
