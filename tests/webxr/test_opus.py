"""Opus in a real browser: both ways, against a real server in the same loop."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from chromium import PAGE, UNLOCKED, Talk, browser, pages, pcm_list, plain_page
from frametalk.config import AdapterSettings, FrametalkSettings
from frametalk.headless.speech import read
from frametalk.netlab.relay import Relay, relaying
from frametalk.transports.opus import OpusDecoder
from frametalk.wire.opus import PRE_SKIP, RATE_HZ
from opus_sounds import a_voice
from serving import serving, settings

pytestmark = pytest.mark.real

LONG = "This is a long story of a sword, a king, and a road."
# What the library configures, in the page.
ENCODED = """async (sound) => {
    const packets = [];
    let head = null;
    const encoder = new AudioEncoder({
        output: (chunk, metadata) => {
            const bytes = new Uint8Array(chunk.byteLength);
            chunk.copyTo(bytes);
            packets.push(btoa(String.fromCharCode(...bytes)));
            head ??= metadata?.decoderConfig?.description ?? null;
        },
        error: (error) => { throw error; },
    });
    encoder.configure({ codec: "opus", sampleRate: 48000, numberOfChannels: 1, bitrate: 24000,
        opus: { frameDuration: 20000, format: "opus" } });
    for (let at = 0; at + 960 <= sound.length; at += 960) {
        const data = Int16Array.from(sound.slice(at, at + 960));
        encoder.encode(new AudioData({ format: "s16", sampleRate: 48000, numberOfFrames: 960,
            numberOfChannels: 1, timestamp: at * 1e6 / 48000, data }));
    }
    await encoder.flush();
    return { packets, preSkip: head ? new DataView(head.buffer ?? head).getUint16(10, true) : null };
}"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The page's folder, which the server serves."""
    return pages(tmp_path, PAGE / "plain.js")


def fixed(folder: Path, text: str = "Very well, friend.") -> FrametalkSettings:
    """Settings with fixed engines; the character says `text`."""
    mind = AdapterSettings(adapter="fixed", options={"text": text})
    return replace(settings(drain_ms=0, pages=str(folder)), llm=mind)


@asynccontextmanager
async def talking(
    with_settings: FrametalkSettings, **options: Any
) -> AsyncIterator[tuple[Talk, Relay]]:
    """A page that has joined with Opus, over a relay."""
    async with (
        serving(with_settings) as server,
        relaying(server.port) as (door, relay),
        browser(UNLOCKED) as chromium,
        plain_page(chromium, f"http://127.0.0.1:{door}/") as talk,
    ):
        await talk.run("options => talk(options)", {"opus": True, **options})
        yield talk, relay


async def test_the_browsers_encoder_has_the_delay_that_it_says(folder: Path) -> None:
    sound = a_voice(2)
    async with (
        serving(fixed(folder)) as server,
        browser() as chromium,
        plain_page(chromium, f"http://127.0.0.1:{server.port}/") as talk,
    ):
        made = await talk.run(ENCODED, sound.tolist())
    decoder = OpusDecoder()
    packets = map(base64.b64decode, made["packets"])
    decoded = np.frombuffer(b"".join(map(decoder.decode, packets)), "<i2").astype(float)
    piece = sound[24_000:72_000].astype(float)
    likeness = [piece @ decoded[24_000 + d : 72_000 + d] for d in range(1_000)]
    pre_skip = PRE_SKIP if made["preSkip"] is None else made["preSkip"]
    assert abs(int(np.argmax(likeness)) - pre_skip) < RATE_HZ // 1_000


@pytest.mark.parametrize("worker", [True, False], ids=["worker", "no worker"])
async def test_a_reply_in_opus_is_heard_whole(folder: Path, *, worker: bool) -> None:
    where = {} if worker else {"workerUrl": False}
    async with talking(fixed(folder, LONG), **where) as (talk, _relay):
        welcome = await talk.run("session.welcome")
        assert (welcome["codec"], welcome["rate_hz"]) == ("opus", RATE_HZ)
        await talk.run("tap(); watchMouth(); session.say('a story, please')")
        ended = await talk.wait_for("reply", phase="ended")
        await talk.wait_for("turn", state="idle")
        assert ended["how"] == "finished"
        words = [entry["mark"]["name"] for entry in await talk.log("mark")]
        assert words == re.findall(r"\w+", LONG)
        taps = await talk.run("taps")
        assert max(tap["peak"] for tap in taps) > 0.1
        stats = await talk.run("session.latency.stats")
        assert stats["underruns"] == 0
        assert not await talk.log("error")


async def test_speech_in_opus_is_understood(folder: Path, speech: Path) -> None:
    heard = replace(
        fixed(folder),
        vad=AdapterSettings(adapter="silero"),
        asr=AdapterSettings(adapter="pocketsphinx"),
    )
    sound = pcm_list(read(speech / "open_red_door.flac").samples)
    async with talking(heard) as (talk, _relay):
        await talk.run("session.mic.start({ mode: 'open' })")
        await talk.wait_for("mic", open=True)
        await talk.page.wait_for_timeout(300)
        await talk.run("sound => fakeMic.say(sound, 16000)", sound)
        transcript = await talk.wait_for("transcript", final=True)
        assert transcript["text"].startswith("open the red door")
        assert not await talk.log("error")


async def test_push_to_talk_sends_what_was_said_until_the_end(folder: Path, speech: Path) -> None:
    sound = pcm_list(read(speech / "open_red_door.flac").samples)
    async with talking(fixed(folder)) as (talk, _relay):
        await talk.run("session.mic.start({ mode: 'ptt' })")
        for _ in range(2):
            before = await talk.mark()
            await talk.run("session.mic.press()")
            await talk.wait_for("mic", at=before, open=True)
            await talk.run("sound => fakeMic.say(sound, 16000)", sound)
            await talk.page.wait_for_timeout(1_500)
            await talk.run("session.mic.release()")
            await talk.wait_for("transcript", at=before, final=True)
            await talk.wait_for("reply", at=before, phase="ended")
        assert not await talk.log("error")


async def test_nothing_is_lost_when_the_connection_breaks(folder: Path) -> None:
    async with talking(fixed(folder, LONG)) as (talk, relay):
        await talk.run("session.mic.start({ mode: 'open' })")
        await talk.wait_for("mic", open=True)
        await talk.run("session.say('a story, please')")
        await talk.wait_for("reply", phase="sounding")
        for _ in range(3):
            await talk.page.wait_for_timeout(400)
            before = await talk.mark()
            await relay.close()
            await talk.wait_for("connection", at=before, state="open")
            assert await talk.run("session.welcome.resumed")
        ended = await talk.wait_for("reply", phase="ended")
        assert ended["how"] == "finished"
        words = [entry["mark"]["name"] for entry in await talk.log("mark")]
        assert words == re.findall(r"\w+", LONG)
        assert not await talk.log("error"), "a gap in the microphone would be an error"


async def test_a_browser_without_webcodecs_sends_pcm16(folder: Path) -> None:
    async with (
        serving(fixed(folder)) as server,
        browser(UNLOCKED) as chromium,
        plain_page(chromium, f"http://127.0.0.1:{server.port}/") as talk,
    ):
        await talk.run("delete window.AudioEncoder")
        welcome = await talk.run("talk({ opus: true, workerUrl: false })")
        assert welcome.get("codec", "pcm16") == "pcm16"
        await talk.run("session.say('hello')")
        assert (await talk.wait_for("reply", phase="ended"))["how"] == "finished"
