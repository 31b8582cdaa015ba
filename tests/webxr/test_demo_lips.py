"""Lips and cost of the demo's page at a display's rate: the face compared with the tapped voice."""

from __future__ import annotations

import gzip
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import numpy.typing as npt
import pytest

from chromium import measured
from frametalk.core.marks import Mark
from frametalk.core.visemes import VISEMES, weights
from frametalk.headless.clock import Clock
from frametalk.transports.files import Files
from frametalk.transports.websocket import WebSocketLink
from frametalk.transports.websocket_server import listen
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, MediaFlags, MediaKind
from headless_server import FRAME, RATE_HZ, FakeServer
from tavern_page import BUILT, Tavern, page_at, tavern, tavern_page

pytestmark = pytest.mark.real

FRAME_90_HZ_MS = 1000 / 90
SHAPES = ("PP", "aa", "nn", "E", "FF", "oh", "sil", "SS", "ih", "kk", "ou", "PP")
EACH = RATE_HZ // 8  # samples of one shape
CLICK_EVERY = 10 * FRAME
FRAMES = len(SHAPES) * EACH // FRAME


@asynccontextmanager
async def scripted(*flags: str) -> AsyncIterator[tuple[Tavern, FakeServer]]:
    """The page with a scripted server. Nothing is drawn."""
    servers: list[FakeServer] = []

    async def handle(link: WebSocketLink) -> None:
        servers.append(FakeServer(link, Clock(time.time)))
        await servers[-1].run()

    async with (
        listen(handle, Files(BUILT).answer, host="127.0.0.1", port=0, stalled_ms=5_000) as port,
        page_at(f"http://127.0.0.1:{port}/", *flags) as page,
    ):
        await page.run("drawing(false)")
        await page.join()
        yield page, servers[0]


async def watch(page: Tavern) -> None:
    """Record what the face shows in each frame, in the page's `faces`."""
    await page.run("names => watchFace(names)", list(VISEMES))


def speak(server: FakeServer, reply: int) -> list[Mark]:
    """Say shapes of an eighth of a second each, with a click every `CLICK_EVERY` samples."""
    marks = [
        Mark("viseme", index * EACH, (index + 1) * EACH, name) for index, name in enumerate(SHAPES)
    ]
    server.begin(reply, turn=reply)
    server.send(m.ReplyMarks(reply=reply, marks=tuple(marks)))
    for index in range(FRAMES):
        sound = np.zeros(FRAME, "<i2")
        if index * FRAME % CLICK_EVERY == 0:
            sound[:8] = 20_000
        flags = MediaFlags.LAST if index == FRAMES - 1 else MediaFlags.NONE
        media = Media(MediaKind.PCM16, reply, index, index * FRAME, sound.tobytes(), flags)
        server.link.send_media(media)
    server.send(m.ReplyEnd(reply=reply, samples=FRAMES * FRAME))
    return marks


def clicks_s(pieces: list[tuple[float, npt.NDArray[np.int16]]], rate_hz: int) -> list[float]:
    """Context times of the clicks in the output."""
    found: list[float] = []
    for at, pcm in pieces:
        for index in np.flatnonzero(np.abs(pcm.astype(np.int32)) > 2_000):
            moment = at + float(index) / rate_hz
            if not found or moment - found[-1] > 0.05:
                found.append(moment)
    return found


def percentiles(values: list[float]) -> dict[str, float]:
    p50, p95 = np.percentile(values, [50, 95])
    return {"p50": round(float(p50), 2), "p95": round(float(p95), 2), "n": len(values)}


async def test_the_face_matches_the_sound_in_every_frame() -> None:
    async with scripted() as (page, server):
        await watch(page)
        rate_hz = await page.run("tapVoice()")
        scripts = {}
        for reply in (1, 2, 3):
            scripts[reply] = speak(server, reply)
            await server.until_done(reply)
        await page.page.wait_for_timeout(300)
        faces = await page.run("faces")
        clicks = clicks_s(await page.tapped(), rate_hz)
    per_reply = -(-FRAMES * FRAME // CLICK_EVERY)
    assert len(clicks) == 3 * per_reply
    wrong, late_ms = [], []
    for reply, marks in scripts.items():
        seen = [one for one in faces if one["reply"] == reply]
        assert len(seen) > 30
        # The face shows the golden curve at the page's sample ...
        for one in seen:
            golden = weights(marks, one["sample"], RATE_HZ)
            wrong.append(max(abs(one["shown"][name] - golden[name]) for name in VISEMES))
        # ... and that sample leaves at that time, as the clicks in the tapped voice show.
        left = clicks[(reply - 1) * per_reply : reply * per_reply]
        samples = [index * CLICK_EVERY for index in range(per_reply)]
        for one in seen:
            if left[0] <= one["at"] <= left[-1]:
                truly = float(np.interp(one["at"], left, samples))
                late_ms.append((truly - one["sample"]) / RATE_HZ * 1000)
    odd = [(i, round(value, 3)) for i, value in enumerate(wrong) if value >= 1e-4]
    measured("frames that differ from the curve, and by how much", odd)
    assert np.percentile(wrong, 95) < 1e-4, odd
    apart = percentiles([abs(value) for value in late_ms])
    measured("lips against the tapped voice, ms", apart)
    measured("lips behind the tapped voice, ms", percentiles(late_ms))
    assert apart["p95"] <= FRAME_90_HZ_MS
    assert faces[-1]["shown"]["sil"] == 1
    assert sum(faces[-1]["shown"].values()) == 1


async def test_a_cut_closes_the_mouth() -> None:
    async with scripted() as (page, server):
        await watch(page)
        speak(server, 1)
        await page.until("faces.some(({ shown }) => shown.aa > 0.5)")
        server.send(m.ReplyCut(reply=1, at=0, reason="stopped"))
        await server.until_done(1)
        # It stays closed.
        await page.until(
            "faces.length > 10 && faces.slice(-10).every(({ shown }) => shown.sil === 1)"
        )
        faces = await page.run("faces")
    shut_at = max(index for index, one in enumerate(faces) if one["shown"]["sil"] < 1)
    # The mouth closed before the marks after the cut.
    assert faces[shut_at]["sample"] < (FRAMES - 10) * FRAME


async def test_sound_and_mouth_start_together() -> None:
    async with tavern_page(tavern()) as page:
        await page.run("drawing(false)")
        await page.join()
        await page.greeted()
        rate_hz = await page.run("tapVoice()")
        await watch(page)
        apart_ms = []
        for text in ("good day", "who are you", "where am i", "thank you", "farewell"):
            await page.run("pieces.length = faces.length = 0, watchEvents('reply')")
            await page.type(text)
            await page.until("events.some(({ phase }) => phase === 'ended')")
            pieces, faces = await page.tapped(), await page.run("faces")
            loud = next(
                at + float(np.flatnonzero(np.abs(pcm) > 300)[0]) / rate_hz
                for at, pcm in pieces
                if np.abs(pcm).max() > 300
            )
            # It began to move after the last frame in which it rested; a busy machine has few frames.
            moved = next(n for n, one in enumerate(faces) if one["shown"]["sil"] < 0.8)
            early, late = faces[moved]["at"] - loud, faces[moved - 1]["at"] - loud
            apart_ms.append((early if early < 0 else max(0.0, late)) * 1000)
    measured("mouth moves after the sound's onset, ms", [round(value, 1) for value in apart_ms])
    # Slightly early lips look right; late ones do not: people notice 45 ms of late lips and 125 ms of
    # early ones (ITU-R BT.1359). On a busy machine the median is up to 63 ms early.
    assert -80 <= np.median(apart_ms) <= 45


async def test_a_frame_costs_little() -> None:
    async with scripted("--enable-precise-memory-info", "--js-flags=--expose-gc") as (page, server):
        speak(server, 1)
        await page.until("tavern.talk.session.mouth.weights().sil < 1")
        await page.run(TWO_HUNDRED_FRAMES)  # so that the code is compiled
        costs = await page.run(
            f"[1, 2, 3, 4, 5].map({TWO_HUNDRED_FRAMES})"
            ".reduce((least, run) => least.map((ms, i) => Math.min(ms, run[i])))"
        )
        frames = 200  # few enough that no garbage is collected meanwhile
        garbage = await page.run(f"{GARBAGE}({frames})") / frames
        calls = await page.run("drawing(true), tavern.draw(), tavern.renderer.info.render")
        shown = await page.run("[tavern.cost.oursMs.at(0.5), tavern.cost.oursMs.at(0.99)]")
    p50, p99 = np.percentile(costs, [50, 99])
    measured("our part of a frame, ms, p50 and p99 of the quickest of five", [p50, p99])
    measured("the same from the page's own overlay, on this machine", shown)
    measured("bytes that a frame leaves behind", garbage)
    measured("draw calls and triangles", [calls["calls"], calls["triangles"]])
    assert garbage < 16_384
    assert calls["calls"] <= 100
    assert calls["triangles"] <= 120_000


# Runs frames as fast as possible, with times a 90th of a second apart, to measure only our own work.
TWO_HUNDRED_FRAMES = """() => Array.from({ length: 200 }, (_, i) => {
  const before = performance.now();
  tavern.compose(before / 1000 + i / 90, undefined);
  return performance.now() - before;
})"""
GARBAGE = """((frames) => {
  gc();
  const before = performance.memory.usedJSHeapSize;
  for (let i = 0; i < frames; i++) tavern.compose(i / 90, undefined);
  return performance.memory.usedJSHeapSize - before;
})"""


def test_the_page_is_small() -> None:
    weight = sum(
        len(gzip.compress(file.read_bytes())) for file in BUILT.rglob("*") if file.is_file()
    )
    measured("compressed bytes of the page", weight)
    assert weight <= 1_500_000
