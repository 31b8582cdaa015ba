"""The demo's page in Chromium, as `frametalk demo` serves it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from chromium import CLIENT, PAGE, UNLOCKED, browser, pcm_list
from conftest import ROOT, require
from frametalk.config import AdapterSettings, FrametalkSettings, ServerSettings, VoiceSettings
from frametalk.headless.speech import read
from serving import serving

BUILT = ROOT / "server" / "frametalk" / "data" / "page"
IWER = CLIENT / "node_modules" / "iwer" / "build" / "iwer.min.js"
SOFTWARE_GL = ("--use-angle=swiftshader", "--enable-unsafe-swiftshader")
SMALL = (200, 120)
WAIT_S = 60  # drawing without a GPU takes both of a small machine's cores


def tavern(**server: Any) -> FrametalkSettings:
    """What `frametalk demo` runs with, on any free port."""
    return FrametalkSettings(
        server=ServerSettings(**{"port": 0, "drain_ms": 0, "pages": str(BUILT), **server})
    )


def quick_tavern(text: str = "", **server: Any) -> FrametalkSettings:
    """The same without recognition and with a fixed voice; `text`: the answer to every turn."""
    mind = AdapterSettings(adapter="fixed", options={"text": text}) if text else None
    return FrametalkSettings(
        server=tavern(**server).server,
        vad=AdapterSettings(adapter="energy"),
        asr=AdapterSettings(adapter="fixed", options={"texts": ["open that"]}),
        llm=mind or AdapterSettings(adapter="scripted"),
        tts=VoiceSettings(adapter="fixed"),
    )


@dataclass
class Tavern:
    """The open page. Its policy forbids `wait_for_function`, so `until` polls."""

    page: Any

    async def run(self, script: str, *arguments: Any) -> Any:
        return await self.page.evaluate(script, *arguments)

    async def until(self, script: str, seconds: float = WAIT_S) -> Any:
        """The script's first result that is true; fails with the page's text after `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                while not (found := await self.run(script)):
                    await self.page.wait_for_timeout(50)
        except TimeoutError:
            shown = await self.run("document.body.innerText")
            pytest.fail(f"never true: {script}\nThe page shows:\n{shown}", pytrace=False)
        return found

    async def join(self, mode: str = "none") -> None:
        """Choose how the microphone is used, enter, and wait until the controls are shown."""
        await self.page.check(f"input[value={mode}]")
        await self.page.click("#join")
        await self.until("!document.getElementById('controls').hidden")

    async def greeted(self) -> None:
        """Wait until the character has spoken the greeting."""
        await self.until("tavern.talk.captions.heard && tavern.talk.session.turn?.state === 'idle'")

    async def type(self, text: str) -> None:
        """Send a typed turn."""
        await self.page.fill("#typed", text)
        await self.page.click("#send")

    async def say(self, file: Path) -> None:
        """Speak a recording into the microphone."""
        await self.run("sound => fakeMic.say(sound, 16000)", pcm_list(read(file).samples))

    async def problems(self) -> dict[str, str]:
        """The problems that the page shows: code -> text."""
        found: dict[str, str] = await self.run(
            "Object.fromEntries([...document.querySelectorAll('.problem')]"
            ".map(box => [box.dataset.code, box.innerText]))"
        )
        return found

    async def tapped(self) -> list[tuple[float, npt.NDArray[np.int16]]]:
        """Pieces of the voice since the last call, with the context time of each one's first sample."""
        pieces = await self.run("pieces.splice(0)")
        return [(piece["at"], np.array(piece["pcm"], np.int16)) for piece in pieces]


def drawing_browser(*flags: str) -> AbstractAsyncContextManager[Any]:
    """A browser that draws without a GPU, and plays sound without a gesture."""
    return browser(UNLOCKED, *SOFTWARE_GL, *flags)


@asynccontextmanager
async def page_in(
    chromium: Any,
    url: str,
    *,
    size: tuple[int, int] = SMALL,
    microphone: bool = True,
    headset: bool = False,
) -> AsyncIterator[Tavern]:
    """The page at an address; an uncaught error fails the test. Microphone and headset are scripted."""
    context = await chromium.new_context(viewport={"width": size[0], "height": size[1]})
    page = await context.new_page()
    thrown: list[str] = []
    page.on("pageerror", lambda error: thrown.append(str(error)))
    await page.add_init_script(path=PAGE / "watch.js")
    if microphone:
        await page.add_init_script(path=PAGE / "fakemic.js")
    if headset:
        require(IWER.is_file(), "engine_clients/webxr has no node_modules: `npm ci` there")
        await page.add_init_script(path=IWER)
        await page.add_init_script(path=PAGE / "headset.js")
    await page.goto(url)
    opened = Tavern(page)
    await opened.until("globalThis.tavern && true")
    await opened.run("drawing('seldom')")
    yield opened
    await context.close()
    assert not thrown, thrown


@asynccontextmanager
async def page_at(url: str, *flags: str, **options: Any) -> AsyncIterator[Tavern]:
    """The page at an address, in a browser of its own."""
    async with drawing_browser(*flags) as chromium, page_in(chromium, url, **options) as page:
        yield page


@asynccontextmanager
async def tavern_page(
    with_settings: FrametalkSettings, *flags: str, **options: Any
) -> AsyncIterator[Tavern]:
    """The page of a server that runs for this test."""
    async with (
        serving(with_settings) as server,
        page_at(f"http://127.0.0.1:{server.port}/", *flags, **options) as page,
    ):
        yield page


def together(pieces: list[tuple[float, npt.NDArray[np.int16]]]) -> npt.NDArray[np.int16]:
    """The pieces as one sound."""
    return np.concatenate([pcm for _, pcm in pieces])
