"""Debian's Chromium, driven by Playwright, in the test's own loop."""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from conftest import ROOT, require, require_program
from frametalk.headless.clock import Clock
from frametalk.transports.files import Files
from frametalk.transports.websocket import WebSocketLink
from frametalk.transports.websocket_server import listen
from frametalk.wire import messages as m
from headless_server import FakeServer

CLIENT = ROOT / "engine_clients" / "webxr"
LIBRARY = CLIENT / "dist"
PAGE = ROOT / "tests" / "webxr" / "page"
PARTS = ("frametalk.js", "frametalk-worker.js", "frametalk-audio.js")

_FLAGS = [
    "--no-sandbox",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
]
# Playwright's own waiting evaluates text, which the served page's policy forbids.
READY = """new Promise((resolve) => {
    const timer = setInterval(() => {
        if (window.ready) resolve(clearInterval(timer));
    }, 10);
})"""
UNLOCKED = "--autoplay-policy=no-user-gesture-required"


def require_library() -> Path:
    """The folder of the built web client; skips or fails where it was not built."""
    require(
        all((LIBRARY / part).is_file() for part in PARTS),
        "engine_clients/webxr is not built: `npm ci && npm run build` there",
    )
    return LIBRARY


def pages(folder: Path, *scripts: Path) -> Path:
    """A folder to serve: the library, these scripts, and a page that loads the last of them."""
    for file in (*(require_library() / part for part in PARTS), *scripts):
        shutil.copy(file, folder / file.name)
    (folder / "index.html").write_text(
        '<!doctype html><meta charset=utf-8><title>test</title><link rel="icon" href="data:,">'
        f'<script type="module" src="/{scripts[-1].name}"></script>',
        encoding="utf-8",
    )
    return folder


@asynccontextmanager
async def browser(*flags: str) -> AsyncIterator[Any]:
    """A browser of Playwright's; skips or fails where Chromium or Playwright is absent."""
    program = require_program("chromium")
    try:
        from playwright.async_api import async_playwright
    except ImportError:
        async_playwright = None
    require(async_playwright, "the package playwright is not installed")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=program, headless=True, args=[*_FLAGS, *flags]
        )
        try:
            yield chromium
        finally:
            await chromium.close()


def measured(what: str, value: object) -> None:
    """Log a number; `-o log_cli=true --log-cli-level=INFO` shows it."""
    logging.getLogger("measured").info("%s: %s", what, value)


def pcm_list(samples: npt.NDArray[np.int16]) -> list[float]:
    """Samples as numbers from -1 to 1, for a page."""
    return [float(value) for value in samples / 32_768]


class Talk:
    """A page with a session; its `log` has every event."""

    def __init__(self, page: Any) -> None:
        self.page = page

    async def run(self, script: str, *arguments: Any) -> Any:
        """Evaluate in the page."""
        return await self.page.evaluate(script, *arguments)

    async def wait_for(self, name: str, /, at: int = 0, **fields: Any) -> dict[str, Any]:
        """The first event with this name and these fields, from log entry `at` on; fails after 15 s."""
        try:
            async with asyncio.timeout(15):
                found: dict[str, Any] = await self.run(
                    "([name, fields, from]) => waitFor(name, fields, from)", [name, fields, at]
                )
        except TimeoutError:
            lines = "\n".join(map(str, await self.run("log")))
            pytest.fail(f"no {name} {fields} among\n{lines}", pytrace=False)
        return found

    async def log(self, name: str) -> list[dict[str, Any]]:
        """All events with this name so far."""
        entries: list[dict[str, Any]] = await self.run("log")
        return [entry for entry in entries if entry["happened"] == name]

    async def mark(self) -> int:
        """Where the log ends now."""
        return int(await self.run("log.length"))


@asynccontextmanager
async def plain_page(chromium: Any, url: str) -> AsyncIterator[Talk]:
    """The plain page with a scripted microphone. An uncaught error fails the test."""
    context = await chromium.new_context()
    page = await context.new_page()
    thrown: list[str] = []
    page.on("pageerror", lambda error: thrown.append(str(error)))
    await page.add_init_script(path=PAGE / "fakemic.js")
    await page.goto(url)
    await page.evaluate(READY)
    yield Talk(page)
    await context.close()
    assert not thrown, thrown


@dataclass
class Watched:
    """A page on a scripted server; `server.mic` has each frame with its time of arrival."""

    talk: Talk
    server: FakeServer


@asynccontextmanager
async def watched(folder: Path, *, worker: bool = True) -> AsyncIterator[Watched]:
    """A page with an open microphone. Times are seconds since the epoch."""
    servers: list[FakeServer] = []

    async def handle(link: WebSocketLink) -> None:
        server = FakeServer(link, Clock(time.time))
        servers.append(server)
        await server.run()

    files = Files(pages(folder, PAGE / "plain.js"))
    async with (
        listen(handle, files.answer, host="127.0.0.1", port=0, stalled_ms=5_000) as port,
        browser(UNLOCKED) as chromium,
        plain_page(chromium, f"http://127.0.0.1:{port}/") as talk,
    ):
        await talk.run("options => talk(options)", {} if worker else {"workerUrl": False})
        await talk.run("session.mic.start()")
        await servers[0].until(m.MicStart)
        yield Watched(talk, servers[0])
        await talk.run("session.close()")
