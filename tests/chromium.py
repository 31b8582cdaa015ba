"""Debian's Chromium, driven by Playwright, in the test's own loop."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from conftest import ROOT, require, require_program

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
    """A number for people; `-o log_cli=true --log-cli-level=INFO` shows it."""
    logging.getLogger("measured").info("%s: %s", what, value)


def pcm_list(samples: npt.NDArray[np.int16]) -> list[float]:
    """Samples as a page takes them."""
    return [float(value) for value in samples / 32_768]


class Talk:
    """A page that holds a session; `log` in it has every event."""

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
    """The plain page with a scripted microphone. Whatever it throws fails the test."""
    context = await chromium.new_context()
    page = await context.new_page()
    thrown: list[str] = []
    page.on("pageerror", lambda error: thrown.append(str(error)))
    await page.add_init_script(path=PAGE / "fakemic.js")
    await page.goto(url)
    await page.wait_for_function("window.ready")
    yield Talk(page)
    await context.close()
    assert not thrown, thrown
