"""The page outlives its server's death, and a phone that freezes it."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import psutil
import pytest
from msgspec.structs import replace

from chromium import PAGE, UNLOCKED, Talk, browser, measured, pages, plain_page
from frametalk.config import AdapterSettings, FrametalkSettings
from frametalk.transports.websocket_client import connect
from serving import serving, settings

pytestmark = pytest.mark.real

LONG = "This is a long story of a sword, a king, and a road."
KEPT_S = 2  # of the microphone, by the page
STOPPED_S = 8  # longer than a reply waits for reports of what was played


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The page's folder, which the server serves."""
    return pages(tmp_path, PAGE / "plain.js")


def fixed(folder: Path, text: str) -> FrametalkSettings:
    """Settings with fixed engines; the character says `text`."""
    mind = AdapterSettings(adapter="fixed", options={"text": text})
    return replace(settings(drain_ms=0, pages=str(folder)), llm=mind)


def flags(**values: object) -> list[str]:
    """Settings as arguments; `__` separates the parts of a name."""
    found = []
    for name, value in values.items():
        found += ["--set", f"{name.replace('__', '.')}={value}"]
    return found


@asynccontextmanager
async def server_process(
    folder: Path, port: int, *more: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """`frametalk serve` with fixed engines, in a process that a test may kill."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "import sys; from frametalk.cli import main; sys.exit(main())",
        "serve",
        *flags(
            server__port=port,
            server__pages=folder,
            vad__adapter="energy",
            asr__adapter="fixed",
            llm__adapter="fixed",
            llm__options__text=LONG,
            tts__adapter="fixed",
            turn__adapter="",
        ),
        *more,
    )
    try:
        async with asyncio.timeout(30):
            while True:
                try:
                    await (await connect(f"ws://127.0.0.1:{port}")).close()
                    break
                except Exception:  # noqa: BLE001  (it does not listen yet)
                    await asyncio.sleep(0.05)
        yield child
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()


async def a_port() -> int:
    """A port that is free now."""
    server = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    async with server:
        return int(server.sockets[0].getsockname()[1])


async def words_heard(talk: Talk) -> list[str]:
    return [entry["mark"]["name"] for entry in await talk.log("mark")]


# ---- the server dies -----------------------------------------------------------------------------


async def test_after_a_kill_a_new_session_begins_and_says_so(folder: Path) -> None:
    port = await a_port()
    async with (
        browser(UNLOCKED) as chromium,
        server_process(folder, port) as server,
        plain_page(chromium, f"http://127.0.0.1:{port}/") as talk,
    ):
        await talk.run("talk()")
        await talk.run("session.mic.start({ mode: 'open' })")
        await talk.run("session.say('a story, please')")
        await talk.wait_for("reply", phase="sounding")
        await talk.page.wait_for_timeout(500)
        server.kill()
        await server.wait()
        before = await talk.mark()
        async with server_process(folder, port):
            await talk.wait_for("connection", at=before, state="open")
            welcome = await talk.run("session.welcome")
            assert welcome["not_resumed"] == "resume_unknown"
            said = await talk.wait_for("error", code="resume_unknown")
            assert said["remedy"]
            assert (await talk.wait_for("reply", phase="ended"))["how"] == "disconnected"
            await talk.wait_for("mic", at=before, open=True)
            await talk.run("session.say('a story, please')")
            again = await talk.wait_for("reply", at=before, phase="begin")
            ended = await talk.wait_for(
                "reply", phase="ended", reply=again["reply"], how="finished"
            )
            assert ended["how"] == "finished"


async def test_a_reply_goes_on_in_its_word_when_the_server_is_started_again(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    port = await a_port()
    file = tmp_path_factory.mktemp("sessions") / "sessions.sqlite"
    keeps = flags(server__handover_file=file)
    async with (
        browser(UNLOCKED) as chromium,
        server_process(folder, port, *keeps) as server,
        plain_page(chromium, f"http://127.0.0.1:{port}/") as talk,
    ):
        await talk.run("talk()")
        await talk.run("session.mic.start({ mode: 'open' })")
        await talk.run("session.say('a story, please')")
        await talk.wait_for("reply", phase="sounding")
        await talk.page.wait_for_timeout(800)
        server.terminate()
        gone_s = time.monotonic()
        await server.wait()
        async with server_process(folder, port, *keeps):
            away_s = time.monotonic() - gone_s
            ended = await talk.wait_for("reply", phase="ended")
            assert await talk.run("session.welcome.resumed")
            assert ended["how"] == "finished"
            assert await words_heard(talk) == re.findall(r"\w+", LONG)
            errors = {error["code"] for error in await talk.log("error")}
            # Of a longer absence sound is lost.
            assert errors <= ({"mic_sequence"} if away_s > KEPT_S else set())


async def test_a_conversation_goes_on_when_a_server_that_hands_over_was_killed(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    port = await a_port()
    file = tmp_path_factory.mktemp("sessions") / "sessions.sqlite"
    keeps = flags(server__handover_file=file)
    async with (
        browser(UNLOCKED) as chromium,
        server_process(folder, port, *keeps) as server,
        plain_page(chromium, f"http://127.0.0.1:{port}/") as talk,
    ):
        await talk.run("talk()")
        await talk.run("session.mic.start({ mode: 'open' })")
        await talk.run("session.say('a story, please')")
        await talk.wait_for("reply", phase="sounding")
        await talk.page.wait_for_timeout(1_500)  # it writes twice a second
        before = await talk.mark()
        server.kill()
        await server.wait()
        async with server_process(folder, port, *keeps):
            await talk.wait_for("connection", at=before, state="open")
            assert await talk.run("session.welcome.resumed")
            assert (await talk.wait_for("error", at=before))["code"] == "restart_lost"
            await talk.wait_for("reply", at=before, phase="ended")
            before = await talk.mark()
            await talk.run("session.say('a story, please')")
            ended = await talk.wait_for("reply", at=before, phase="ended")
            assert ended["how"] == "finished"


# ---- the page stands still -----------------------------------------------------------------------


@asynccontextmanager
async def frozen(talk: Talk) -> AsyncIterator[None]:
    """The page as phones freeze one that is not seen."""
    session = await talk.page.context.new_cdp_session(talk.page)
    await session.send("Page.setWebLifecycleState", {"state": "frozen"})
    yield
    await session.send("Page.setWebLifecycleState", {"state": "active"})


@asynccontextmanager
async def suspended(_talk: Talk) -> AsyncIterator[None]:
    """The whole browser, as phones suspend it: with its sound and its sockets."""
    stopped = signal_chromium(psutil.Process().children(recursive=True), signal.SIGSTOP)
    assert stopped
    try:
        yield
    finally:
        signal_chromium(stopped, signal.SIGCONT)


def signal_chromium(processes: list[psutil.Process], number: int) -> list[psutil.Process]:
    """Signal the browser's processes; returns those that got it.

    Some may be gone: Chromium ends processes of services that nothing uses.
    """
    signalled = []
    for each in processes:
        with suppress(psutil.NoSuchProcess):
            if "chromium" in each.name():
                each.send_signal(number)
                signalled.append(each)
    return signalled


@pytest.mark.parametrize("how", [frozen, suspended])
async def test_a_page_that_stood_still_comes_back(folder: Path, how: object) -> None:
    async with (
        serving(fixed(folder, LONG)) as server,
        browser(UNLOCKED) as chromium,
        plain_page(chromium, f"http://127.0.0.1:{server.port}/") as talk,
    ):
        await talk.run("talk()")
        await talk.run("session.mic.start({ mode: 'open' })")
        await talk.run("session.say('a story, please')")
        await talk.wait_for("reply", phase="sounding")
        await talk.page.wait_for_timeout(500)
        async with how(talk):  # type: ignore[operator]
            await asyncio.sleep(STOPPED_S)
        ended = await talk.wait_for("reply", phase="ended")
        measured("errors", await talk.log("error"))
        assert ended["how"] == "finished"
        assert await words_heard(talk) == re.findall(r"\w+", LONG)
        before = await talk.mark()
        await talk.run("session.say('again, please')")
        assert (await talk.wait_for("reply", at=before, phase="ended"))["how"] == "finished"
