"""The web client's library in a real browser, against a real server in the same loop."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from chromium import PAGE, READY, UNLOCKED, Talk, browser, measured, pages, pcm_list, plain_page
from frametalk.config import AdapterSettings, FrametalkSettings
from frametalk.headless.speech import read
from frametalk.netlab.relay import relaying
from limits import SOON_S
from serving import Running, serving, settings

pytestmark = pytest.mark.real

LONG = "This is a long story of a sword, a king, and a road."


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
    with_settings: FrametalkSettings, *flags: str, options: dict[str, Any] | None = None
) -> AsyncIterator[tuple[Talk, Running]]:
    """A page that has joined."""
    async with (
        serving(with_settings) as server,
        browser(UNLOCKED, *flags) as chromium,
        plain_page(chromium, f"http://127.0.0.1:{server.port}/") as talk,
    ):
        await talk.run("options => talk(options)", options or {})
        yield talk, server


async def frames(talk: Talk, since: float = 0) -> list[dict[str, Any]]:
    """The mouth in each frame of the page from `since` on, in milliseconds of the page's clock."""
    found: list[dict[str, Any]] = await talk.run("frames_")
    return [frame for frame in found if frame["at"] >= since]


async def until_frames(talk: Talk, since: float, count: int = 1) -> None:
    """Wait until so many frames from `since` on are recorded: a busy machine has few."""
    await talk.run("([at, count]) => untilMany('frames_', at, count)", [since, count])


def openness(frame: dict[str, Any]) -> float:
    return 1.0 - float(frame["weights"]["sil"])


async def test_a_typed_turn_gets_sound_mouth_shapes_and_captions(folder: Path) -> None:
    async with talking(fixed(folder)) as (talk, _):
        await talk.run("watchMouth()")
        await talk.run("session.say('hello')")
        ended = await talk.wait_for("reply", phase="ended")
        idle = await talk.wait_for("turn", state="idle")
        await until_frames(talk, idle["when"] + 200)
        assert ended["how"] == "finished"
        assert [caption["text"] for caption in await talk.log("caption")] == ["Very well, friend."]
        words = [entry["mark"]["name"] for entry in await talk.log("mark")]
        assert words == ["Very", "well", "friend"]
        seen = await frames(talk)
        assert max(map(openness, seen)) > 0.9
        assert openness(seen[-1]) == 0
        # The mouth's clock never went backwards, and reached the end of the server's sound.
        samples = [frame["sample"] for frame in seen if frame["reply"] == ended["reply"]]
        assert samples == sorted(samples)
        assert samples[-1] >= ended["sample"]
        assert not await talk.log("error")


async def test_a_cut_silences_the_reply_and_closes_the_mouth(folder: Path) -> None:
    async with talking(fixed(folder, LONG)) as (talk, _):
        await talk.run("tap(); watchMouth(); session.say('a story, please')")
        await talk.wait_for("reply", phase="sounding")
        await talk.run("untilLevel(0.01, 1)")
        await talk.run("session.interrupt()")
        ended = await talk.wait_for("reply", phase="ended")
        quiet_ms = ended["when"] + 100
        await talk.run("at => untilMany('taps', at, 10)", quiet_ms)
        await until_frames(talk, quiet_ms, 10)
        assert ended["how"] == "stopped"
        taps = await talk.run("taps")
        assert max(tap["peak"] for tap in taps if tap["at"] >= quiet_ms) == 0
        assert max(map(openness, await frames(talk, since=quiet_ms))) == 0


async def test_tools_act_on_the_page_and_are_refused_with_a_reason(folder: Path) -> None:
    spoken = replace(fixed(folder), llm=AdapterSettings(adapter="scripted"))
    async with talking(spoken) as (talk, _):
        await talk.run("session.say('open the red door')")
        done = await talk.wait_for("tool", state="done")
        assert done["args"] == {"target": "door"}
        assert await talk.run("session.scene.state('door', 'open')") is True
        await talk.wait_for("turn", state="idle")
        await talk.run("session.say('open the chest')")
        refused = await talk.wait_for("tool", state="refused")
        assert refused["reason"] == "the chest is locked"
        assert await talk.run("session.scene.state('chest', 'open')") is False


@pytest.mark.parametrize("scopes", [["doors"], []])
async def test_a_tool_is_called_only_in_sessions_that_grant_its_scope(
    folder: Path, scopes: list[str]
) -> None:
    spoken = replace(fixed(folder), llm=AdapterSettings(adapter="scripted"))
    async with talking(spoken, options={"scope": "doors", "scopes": scopes}) as (talk, _):
        await talk.run("session.say('open the red door')")
        await talk.wait_for("reply", phase="ended")
        assert [call["state"] for call in await talk.log("tool")] == ["called", "done"] * len(
            scopes
        )
        assert await talk.run("session.scene.state('door', 'open')") is bool(scopes)


async def test_speech_into_the_microphone_is_answered(folder: Path, speech: Path) -> None:
    sound = pcm_list(read(speech / "open_red_door.flac").samples)
    async with talking(fixed(folder)) as (talk, _):
        await talk.run("session.mic.start({ mode: 'open' })")
        await talk.wait_for("mic", open=True)
        await talk.page.wait_for_timeout(300)
        await talk.run("sound => fakeMic.say(sound, 16000)", sound)
        transcript = await talk.wait_for("transcript", final=True)
        await talk.wait_for("reply", phase="sounding")
        waterfall = await talk.wait_for("latency")
        assert transcript["text"] == "open the door"
        assert waterfall["mouthToEarMs"] > 0, waterfall["unmeasured"]
        stages = [stage["stage"] for stage in waterfall["stages"]]
        assert "capture" in stages
        assert "client_buffer" in stages
        assert sum(s["ms"] for s in waterfall["stages"]) == pytest.approx(
            waterfall["mouthToEarMs"], abs=1
        )


async def test_the_library_works_without_a_worker(folder: Path) -> None:
    async with talking(fixed(folder), options={"workerUrl": False}) as (talk, _):
        assert talk.page.workers == []
        await talk.run("session.say('hello')")
        assert (await talk.wait_for("reply", phase="ended"))["how"] == "finished"


# ---- failures ------------------------------------------------------------------------------------


async def test_the_session_reconnects_after_the_server_died_during_a_reply(folder: Path) -> None:
    async with browser(UNLOCKED) as chromium, AsyncExitStack() as stack:
        async with serving(fixed(folder, LONG)) as server:
            port = server.port
            opened = plain_page(chromium, f"http://127.0.0.1:{port}/")
            talk = await stack.enter_async_context(opened)
            await talk.run("talk()")
            await talk.run("watchMouth()")
            await talk.run("session.mic.start()")
            await talk.run("session.say('a story, please')")
            await talk.wait_for("reply", phase="sounding")
        lost = await talk.wait_for("reply", phase="ended")
        waiting = await talk.wait_for("connection", state="waiting")
        assert lost["how"] in {"disconnected", "failed"}
        assert waiting["error"]["remedy"]
        before = await talk.mark()
        async with serving(fixed(folder, port=port)):
            await talk.wait_for("connection", at=before, state="open")
            await talk.wait_for("mic", at=before, open=True)
            # The device still had buffered sound when the connection was lost.
            quiet_ms = waiting["when"] + 250
            await until_frames(talk, quiet_ms)
            await talk.run("session.say('hello again')")
            begun = await talk.wait_for("reply", at=before, phase="begin")
            resting = await frames(talk, since=quiet_ms)
            silent = [frame for frame in resting if frame["at"] < begun["when"]]
            assert max(map(openness, silent)) == 0
            ended = await talk.wait_for("reply", at=before, phase="ended")
            assert ended["how"] == "finished"


async def test_a_reply_goes_on_in_the_word_where_the_connection_broke(folder: Path) -> None:
    async with (
        serving(fixed(folder, LONG)) as server,
        relaying(server.port) as (door, relay),
        browser(UNLOCKED) as chromium,
        plain_page(chromium, f"http://127.0.0.1:{door}/") as talk,
    ):
        await talk.run("talk()")
        await talk.run("session.say('a story, please')")
        await talk.wait_for("reply", phase="sounding")
        took_ms = []
        for _ in range(3):
            await talk.page.wait_for_timeout(400)
            before = await talk.mark()
            await relay.close()
            waiting = await talk.wait_for("connection", at=before, state="waiting")
            again = await talk.wait_for("connection", at=before, state="open")
            assert (waiting["resumable"], again["resumable"]) == (True, False)
            assert await talk.run("session.welcome.resumed")
            took_ms.append(again["when"] - waiting["when"])
        measured("resumed in the browser, ms", took_ms)
        ended = await talk.wait_for("reply", phase="ended")
        assert ended["how"] == "finished"
        words = [entry["mark"]["name"] for entry in await talk.log("mark")]
        assert words == re.findall(r"\w+", LONG)
        assert not await talk.log("error")
        await talk.wait_for("turn", state="idle")


async def test_no_server_is_an_error_with_a_remedy(folder: Path) -> None:
    async with (
        serving(fixed(folder)) as server,
        browser(UNLOCKED) as chromium,
        plain_page(chromium, f"http://127.0.0.1:{server.port}/") as talk,
    ):
        code = await talk.run(
            "talk({ url: location.origin + '/nowhere' }).then(() => 'joined', ({ code }) => code)"
        )
        assert code == "cannot_connect"
        refused = await talk.run(
            "talk({ character: 'nobody' }).then(() => 'joined', ({ code }) => code)"
        )
        assert refused == "character_unknown"


async def test_an_unplugged_microphone_is_opened_again(folder: Path) -> None:
    async with talking(fixed(folder)) as (talk, _):
        await talk.run("session.mic.start()")
        await talk.wait_for("mic", open=True)
        await talk.run("fakeMic.unplug()")
        lost = await talk.wait_for("error", code="mic_lost")
        await talk.wait_for("mic", state="lost")
        assert lost["remedy"]
        before = await talk.mark()
        await talk.run("fakeMic.plugIn()")
        await talk.wait_for("mic", at=before, state="on", open=True)


async def test_a_denied_microphone_is_an_error_with_a_remedy(folder: Path) -> None:
    async with talking(fixed(folder)) as (talk, _):
        await talk.run("fakeMic.allow(false)")
        start = "session.mic.start().then(() => 'on', ({ code, remedy }) => code + ': ' + remedy)"
        answer = await talk.run(start)
        assert answer.startswith("mic_denied: allow it")
        assert await talk.run("session.mic.state") == "off"
        await talk.run("fakeMic.allow(true)")
        assert await talk.run(start) == "on"


async def test_hello_has_the_echo_policy_that_the_microphone_allows(folder: Path) -> None:
    async with (
        serving(fixed(folder)) as server,
        browser(UNLOCKED) as chromium,
        plain_page(chromium, f"http://127.0.0.1:{server.port}/") as talk,
    ):
        await talk.run("fakeMic.set({ echoCancellation: false })")
        assert (await talk.run("talk()"))["echo"] == "platform_aec"
        await talk.run("session.mic.start()")
        assert (await talk.wait_for("error"))["code"] == "echo_not_cancelled"
        before = await talk.mark()
        await talk.run("session.close()")
        # If the microphone is started before hello, its echo cancellation is known.
        assert (await talk.run("talk({}, { micFirst: true })"))["echo"] == "duck"
        await talk.wait_for("mic", at=before, open=True)


async def test_a_suspended_context_stops_the_reply_and_resumes_it(folder: Path) -> None:
    async with talking(fixed(folder, LONG)) as (talk, _):
        await talk.run("session.say('a story, please')")
        await talk.wait_for("reply", phase="sounding")
        await talk.run("session.audio.context.suspend()")
        await talk.wait_for("sound", running=False)
        stopped_at = await talk.run("session.mouth.sample")
        await talk.page.wait_for_timeout(5_500)  # longer than the server waits for a report
        assert await talk.run("session.mouth.sample") == stopped_at
        assert not [entry for entry in await talk.log("reply") if entry["phase"] == "ended"]
        await talk.run("session.unlock()")
        assert (await talk.wait_for("reply", phase="ended"))["how"] == "finished"


async def test_an_insecure_page_gets_an_error(folder: Path) -> None:
    rules = "--host-resolver-rules=MAP game.test 127.0.0.1"
    async with (
        serving(fixed(folder)) as server,
        browser(UNLOCKED, rules) as chromium,
    ):
        page = await chromium.new_page()
        await page.goto(f"http://game.test:{server.port}/")
        await page.evaluate(READY)
        code = await page.evaluate("talk().then(() => 'joined', ({ code }) => code)")
        assert code == "insecure_page"


@pytest.mark.parametrize("shared", [True, False], ids=["one audio", "audio of its own"])
async def test_ended_sessions_do_not_leak(folder: Path, *, shared: bool) -> None:
    async with (
        serving(fixed(folder)) as server,
        browser(UNLOCKED, "--js-flags=--expose-gc") as chromium,
        plain_page(chromium, f"http://127.0.0.1:{server.port}/") as talk,
    ):
        await talk.run("window.shared = new frametalk.FrametalkAudio()")
        heap = []
        for _ in range(20):
            await talk.run("talk({ audio: shared })" if shared else "talk()")
            await talk.run("session.mic.start()")
            await talk.run("session.say('hello')")
            await talk.wait_for("reply", phase="sounding")
            await talk.run("session.close(); log.length = 0; gc()")
            heap.append(await talk.run("performance.memory.usedJSHeapSize"))
        async with asyncio.timeout(SOON_S):
            while talk.page.workers:
                await talk.page.wait_for_timeout(50)
        measured("heap after each session, bytes", heap)
        grown = (heap[-1] - heap[4]) / (len(heap) - 5)
        assert grown < 64 * 1024, heap
