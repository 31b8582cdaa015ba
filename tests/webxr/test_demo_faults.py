"""The demo's page when something goes wrong: it shows the problem and a remedy, and continues."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from chromium import measured
from frametalk.bench.server import free_port
from frametalk.netlab.cuts import Cut
from frametalk.netlab.relay import relaying
from serving import serving
from sockets import get
from tavern_page import drawing_browser, page_at, page_in, quick_tavern, tavern_page

pytestmark = pytest.mark.real

LONG = "This is a long story of a sword, a king, and a road that does not end before the winter."
STATUS = "document.getElementById('connection')"
IDLE = "tavern.talk.sounding === null && tavern.talk.session.turn?.state === 'idle'"


async def test_the_page_reconnects_after_a_server_restart_during_a_reply() -> None:
    async with drawing_browser() as chromium, AsyncExitStack() as stack:
        async with serving(quick_tavern(LONG)) as server:
            port = server.port
            opened = page_in(chromium, f"http://127.0.0.1:{port}/")
            page = await stack.enter_async_context(opened)
            await page.run("drawing(false)")
            await page.join("open")
            await page.type("tell me a story")
            await page.until("tavern.talk.sounding !== null")
        await page.until("document.getElementById('connection').dataset.state !== 'here'")
        problems = await page.problems()
        assert {"server_stopped", "connection_lost"} & set(problems), problems
        await page.until("tavern.talk.session.mouth.weights().sil === 1")
        async with serving(quick_tavern("Well.", port=port)):
            await page.until("document.getElementById('connection').dataset.state === 'here'")
            assert await page.problems() == {}
            await page.type("are you there")
            await page.until("tavern.talk.captions.heard === 'Well.'")
            assert await page.run("tavern.talk.session.mic.event.open")


async def test_the_page_goes_on_in_its_word_when_a_server_hands_over(tmp_path: Path) -> None:
    kept = {"handover_file": str(tmp_path / "sessions.db"), "drain_ms": 20_000}
    async with drawing_browser() as chromium, AsyncExitStack() as stack:
        async with serving(quick_tavern(LONG, **kept)) as server:
            port = server.port
            opened = page_in(chromium, f"http://127.0.0.1:{port}/")
            page = await stack.enter_async_context(opened)
            await page.run("drawing(false)")
            await page.join("open")
            await page.type("tell me a story")
            await page.until("tavern.talk.sounding !== null")
        await page.until(f"{STATUS}.textContent === 'reconnecting, nothing is lost'")
        async with serving(quick_tavern(LONG, port=port, **kept)):
            await page.until(f"{STATUS}.dataset.state === 'here'")
            await page.until(IDLE)
            assert await page.problems() == {}
            assert await page.run("tavern.talk.captions.heard.endsWith('before the winter.')")
            assert await page.run("tavern.talk.session.mic.event.open")


@pytest.mark.parametrize("connected", [True, False])
async def test_the_page_goes_on_in_its_word_at_the_next_server(
    tmp_path: Path, connected: bool
) -> None:
    kept = {"handover_file": str(tmp_path / "sessions.db"), "drain_ms": 20_000}
    port = free_port()
    async with (
        serving(quick_tavern(LONG, successor_url=f"ws://127.0.0.1:{port}", **kept)) as first,
        serving(quick_tavern("Another one.", port=port, **kept)) as second,
        relaying(first.port) as (door, relay),
        drawing_browser() as chromium,
        page_in(chromium, f"http://127.0.0.1:{door}/") as page,
    ):
        await page.run("drawing(false)")
        await page.join("open")
        await page.type("tell me a story")
        await page.until("tavern.talk.sounding !== null")
        if not connected:  # it comes back to a server that stops
            relay.cuts = lambda: Cut(after_s=0)
            await relay.close()
        first.stop.set()
        relay.cuts = None
        await first.task
        await page.until(f"{STATUS}.dataset.state === 'here'")
        assert await page.run("tavern.talk.sounding !== null")
        await page.until(IDLE)
        assert await page.problems() == {}
        assert await page.run("tavern.talk.captions.heard") == LONG
        assert await page.run("tavern.talk.session.mic.event.open")
        _, _, health = await get(second.port, "/healthz")
        assert msgspec.json.decode(health)["sessions"] == 1
        await page.type("are you another one")
        await page.until("tavern.talk.captions.heard === 'Another one.'")
        assert await page.problems() == {}


async def test_the_page_shows_that_nothing_is_lost_while_it_reconnects() -> None:
    async with (
        serving(quick_tavern(LONG)) as server,
        relaying(server.port) as (door, relay),
        drawing_browser() as chromium,
        page_in(chromium, f"http://127.0.0.1:{door}/") as page,
    ):
        await page.run("drawing(false)")
        await page.join("none")
        await page.type("tell me a story")
        await page.until("tavern.talk.sounding !== null")
        relay.cuts = lambda: Cut(after_s=0)
        await relay.close()
        await page.until(f"{STATUS}.textContent === 'reconnecting, nothing is lost'")
        assert await page.problems() == {}
        relay.cuts = None
        await page.until(f"{STATUS}.dataset.state === 'here'")
        await page.until(IDLE)
        assert await page.problems() == {}
        assert await page.run("tavern.talk.captions.heard.endsWith('before the winter.')")


async def test_an_unplugged_microphone_is_reported_and_opened_again() -> None:
    async with tavern_page(quick_tavern("Well.")) as page:
        await page.run("drawing(false)")
        await page.join("open")
        label = "document.getElementById('talk-label').textContent"
        await page.until(f"{label} === 'Listening'")
        await page.run("fakeMic.unplug()")
        await page.until(f"{label} === 'No microphone'")
        assert "plug it in again" in (await page.problems())["mic_lost"]
        await page.type("typing still works")
        await page.until("tavern.talk.captions.heard === 'Well.'")
        await page.run("fakeMic.plugIn()")
        await page.until(f"{label} === 'Listening'")
        assert await page.problems() == {}


@pytest.mark.parametrize(
    ("breaks", "mends", "code", "remedy"),
    [
        ("fakeMic.allow(false)", "fakeMic.allow(true)", "mic_denied", "allow it"),
        ("fakeMic.unplug()", "fakeMic.plugIn()", "mic_absent", "plug one in, or type"),
    ],
)
async def test_without_a_microphone_the_player_can_type_and_try_again(
    breaks: str, mends: str, code: str, remedy: str
) -> None:
    async with tavern_page(quick_tavern("Well.")) as page:
        await page.run(f"drawing(false), {breaks}")
        await page.join("open")
        assert remedy in (await page.problems())[code]
        assert await page.run("document.activeElement.id") == "typed"
        await page.type("hello")
        await page.until("tavern.talk.captions.heard === 'Well.'")
        await page.run(mends)
        await page.run("document.querySelector('.problem button').click()")
        await page.until("tavern.talk.session.mic.state === 'on'")
        await page.until("document.querySelectorAll('.problem').length === 0")
        assert not await page.run("document.getElementById('talk').disabled")


async def test_a_missing_server_is_reported_and_can_be_tried_again() -> None:
    async with drawing_browser() as chromium, AsyncExitStack() as stack:
        async with serving(quick_tavern("Well.")) as server:
            port = server.port
            opened = page_in(chromium, f"http://127.0.0.1:{port}/")
            page = await stack.enter_async_context(opened)
            await page.run("drawing(false)")
        await page.page.click("#join")
        await page.until("document.querySelector('[data-code=cannot_connect] .remedy')?.innerText")
        assert await page.run("document.activeElement.id") == "join"
        async with serving(quick_tavern("Well.", port=port)):
            await page.join()
            assert await page.problems() == {}


async def test_an_insecure_page_gets_an_error() -> None:
    async with (
        serving(quick_tavern("Well.")) as server,
        page_at(
            f"http://game.test:{server.port}/",
            "--host-resolver-rules=MAP game.test 127.0.0.1",
            microphone=False,
        ) as page,
    ):
        await page.page.click("#join")
        await page.until("document.querySelector('[data-code=insecure_page]')")
        assert "https://" in (await page.problems())["insecure_page"]


async def test_stopped_sound_is_reported_and_resumes_on_a_click() -> None:
    async with tavern_page(quick_tavern(LONG)) as page:
        await page.run("drawing(false)")
        await page.join()
        await page.type("tell me a story")
        await page.until("tavern.talk.sounding !== null")
        await page.run("tavern.audio.context.suspend()")
        await page.until("document.querySelector('[data-code=audio_suspended]')")
        stopped_at = await page.run("tavern.talk.session.mouth.sample")
        await page.page.wait_for_timeout(500)
        assert await page.run("tavern.talk.session.mouth.sample") == stopped_at
        await page.run("document.querySelector('[data-code=audio_suspended] button').click()")
        await page.until(IDLE)
        assert await page.problems() == {}
        assert await page.run("tavern.talk.captions.heard") == LONG


async def test_a_hidden_tab_keeps_talking_and_is_in_sync_when_shown_again() -> None:
    async with tavern_page(quick_tavern(LONG)) as page:
        await page.join()
        await page.type("tell me a story")
        await page.until("tavern.talk.sounding !== null")
        other = await page.page.context.new_page()  # this one is behind it now
        await other.bring_to_front()
        # Some headless browsers keep drawing a hidden tab, so its frames are stopped here.
        await page.run("drawing(false), tavern.renderer.setAnimationLoop(null)")
        await page.until(IDLE)
        await other.close()
        await page.page.bring_to_front()
        await page.run(
            "tavern.renderer.setAnimationLoop((ms, frame) => tavern.frame(ms / 1000, frame))"
        )
        await page.until("tavern.stage.character.influence('sil') === 1")
        assert await page.run("tavern.talk.captions.heard") == LONG
        await page.type("once more")
        await page.until("tavern.stage.character.influence('sil') < 1")


@asynccontextmanager
async def late_relay(port: int) -> AsyncIterator[int]:
    """A relay to `port` that delays every twentieth piece, and all after it, by 300 ms."""
    handlers: set[asyncio.Task[None]] = set()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pieces = 0
        try:
            while data := await reader.read(4_096):
                pieces += 1
                if pieces % 20 == 0:
                    await asyncio.sleep(0.3)
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        handlers.add(task)
        there, back = await asyncio.open_connection("127.0.0.1", port)
        async with asyncio.TaskGroup() as group:
            group.create_task(carry(reader, back))
            group.create_task(carry(there, writer))
        handlers.discard(task)

    relay = await asyncio.start_server(accept, "127.0.0.1", 0)
    async with relay:
        yield relay.sockets[0].getsockname()[1]
        relay.close()
        while handlers:
            await asyncio.wait(handlers)


async def test_the_demo_works_over_a_network_with_late_messages() -> None:
    async with (
        serving(quick_tavern()) as server,
        late_relay(server.port) as port,
        page_at(f"http://127.0.0.1:{port}/") as page,
    ):
        await page.run("drawing(false)")
        await page.join("open")
        await page.greeted()
        for thing in ("iron_key", "golden_key", "sword"):
            name = thing.replace("_", " ")
            await page.type(f"give me the {name}")
            await page.until(f"tavern.game.entity('{thing}').state.holder === 'player'")
            await page.until(IDLE)
        assert await page.problems() == {}
        measured("underruns", await page.run("tavern.talk.session.latency.stats?.underruns"))


async def test_a_hundred_visits_do_not_leak() -> None:
    async with tavern_page(
        quick_tavern(LONG), "--js-flags=--expose-gc", "--enable-precise-memory-info"
    ) as page:
        await page.run("drawing(false)")
        began = time.monotonic()
        sizes = []
        for visit in range(100):
            await page.run("document.getElementById('join').click()")
            await page.until("!document.getElementById('controls').hidden")
            if visit % 20 == 0:
                await page.type("hello")
                await page.until("tavern.talk.sounding !== null")
            await page.run("document.getElementById('leave').click()")
            await page.until("tavern.talk === null")
            if visit % 20 == 19:
                await page.page.wait_for_timeout(300)  # a session's Worker ends a little later
                sizes.append(await page.run(SIZES))
        measured("seconds for a hundred visits", round(time.monotonic() - began))
        measured("after every twenty visits", sizes)
        assert await page.run("tavern.talk") is None
        assert len(page.page.workers) == 0
        first, last = sizes[0], sizes[-1]
        assert last["nodes"] <= first["nodes"] + 40
        assert last["geometries"] == first["geometries"]
        assert last["textures"] == first["textures"]
        assert (last["heap"] - first["heap"]) / 80 < 32 * 1024, sizes


SIZES = """() => {
  gc();
  const { geometries, textures } = tavern.renderer.info.memory;
  const nodes = document.getElementsByTagName("*").length;
  return { heap: performance.memory.usedJSHeapSize, nodes, geometries, textures };
}"""
