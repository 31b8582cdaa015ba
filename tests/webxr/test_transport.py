"""A peer connection of a real browser: the microphone moves there and back."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from chromium import PAGE, UNLOCKED, Talk, browser, measured, pages, pcm_list, plain_page
from conftest import require, require_program
from frametalk.config import AdapterSettings, FrametalkSettings
from frametalk.headless.speech import read
from frametalk.netlab.profile import Conditions, Profile
from frametalk.netlab.relay import Network, relaying
from serving import serving, settings

pytestmark = pytest.mark.real


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The page's folder, which the server serves."""
    return pages(tmp_path, PAGE / "plain.js")


def fixed(folder: Path, text: str = "Very well, friend.", **server: Any) -> FrametalkSettings:
    """Settings with fixed engines; the character says `text`."""
    mind = AdapterSettings(adapter="fixed", options={"text": text})
    return replace(settings(drain_ms=0, pages=str(folder), **server), llm=mind)


@asynccontextmanager
async def talking(
    with_settings: FrametalkSettings, before: str = "", **options: Any
) -> AsyncIterator[Talk]:
    """A page that has joined. `before`: what it evaluates first."""
    async with (
        serving(with_settings) as server,
        browser(UNLOCKED) as chromium,
        plain_page(chromium, f"http://127.0.0.1:{server.port}/") as talk,
    ):
        await talk.run(before or "null")
        welcome = await talk.run("options => talk(options)", options)
        require("rtc" in welcome["features"], "the extra `webrtc` is not installed")
        yield talk


# As in browsers whose data channels cannot move to another thread.
KEPT_CHANNELS = """() => {
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (data, transfer = []) {
        if (transfer.some((each) => each instanceof RTCDataChannel)) {
            throw new DOMException("no", "DataCloneError");
        }
        post.call(this, data, transfer);
    };
}"""
WAYS: dict[str, dict[str, Any]] = {
    "worker": {},
    "no worker": {"workerUrl": False},
    "channel on the page's thread": {"before": KEPT_CHANNELS},
    "pcm16": {"opus": False},
}


@pytest.mark.parametrize("way", WAYS)
async def test_the_player_is_heard_over_a_peer_connection(
    folder: Path, speech: Path, way: str
) -> None:
    sound = pcm_list(read(speech / "open_red_door.flac").samples)
    async with talking(fixed(folder), transport="webrtc", **WAYS[way]) as talk:
        # Before it is needed: the server runs in this process, and passing it on takes a moment.
        await talk.run("sound => { window.sound = sound; }", sound)
        await talk.run("session.mic.start({ mode: 'open' })")
        moved = await talk.wait_for("transport", microphone="webrtc")
        assert moved["reason"]
        await talk.run("fakeMic.say(sound, 16000)")
        transcript = await talk.wait_for("transcript", final=True)
        assert transcript["text"] == "open the door"
        await talk.wait_for("reply", phase="sounding")
        waterfall = await talk.wait_for("latency")
        assert waterfall["mouthToEarMs"] > 0, waterfall["unmeasured"]
        # On a busy machine it may have moved back for a while, and nothing was lost: a gap is an error.
        measured("moves", await talk.log("transport"))
        assert not await talk.log("error")


async def test_on_a_quick_network_auto_stays_on_the_websocket(folder: Path) -> None:
    async with talking(fixed(folder), transport="auto") as talk:
        await talk.run("session.mic.start({ mode: 'open' })")
        await talk.page.wait_for_timeout(3_000)
        assert await talk.run("session.transport") == "websocket"
        assert not await talk.log("transport")


async def test_auto_moves_the_microphone_when_the_websocket_is_held_back(folder: Path) -> None:
    # Pings come once a second, so stalls must be so long that two of ten meet one.
    stalls = Conditions(stall_every_s=0.4, stall_ms=800)
    network = Network(Profile(up=stalls, down=stalls), seed=1)
    async with (
        serving(fixed(folder)) as server,
        relaying(server.port, network=network) as (door, _relay),
        browser(UNLOCKED) as chromium,
        plain_page(chromium, f"http://127.0.0.1:{door}/") as talk,
    ):
        welcome = await talk.run("talk({ transport: 'auto' })")
        require("rtc" in welcome["features"], "the extra `webrtc` is not installed")
        await talk.run("session.mic.start({ mode: 'open' })")
        await talk.wait_for("transport", microphone="webrtc")
        assert not await talk.log("error")


async def test_the_page_goes_on_over_the_websocket_when_udp_is_blocked(speech: Path) -> None:
    for program in ("unshare", "ip", "nft"):
        require_program(program)
    alone = await asyncio.create_subprocess_exec("unshare", "--net", "true")
    if await alone.wait():
        pytest.skip("this process may not make a network namespace")
    child = await asyncio.create_subprocess_exec(
        "unshare",
        "--net",
        sys.executable,
        str(Path(__file__).with_name("without_udp.py")),
        str(speech / "open_red_door.flac"),
        stdout=subprocess.PIPE,
    )
    printed, _ = await child.communicate()
    assert child.returncode == 0
    saw = json.loads(printed)
    measured("without UDP", saw)
    dies, never = saw["dies"], saw["never"]
    assert dies["text"].startswith("open the red door"), "words of the sentence were lost"
    assert dies["back_after_ms"] < 1_000  # 300 ms, and what a busy machine adds
    assert dies["errors"] == []
    assert never["transport"] == "websocket"
    assert never["text"].startswith("open the red door")
    assert (dies["reply"], never["reply"]) == ("finished", "finished")
