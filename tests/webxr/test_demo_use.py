"""The demo's page by keyboard, for screen readers, on small screens; and its build."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from chromium import CLIENT
from conftest import require, require_program
from tavern_page import BUILT, Tavern, quick_tavern, tavern_page

pytestmark = pytest.mark.real

FOCUSED = "document.activeElement.id || document.activeElement.value"
# The accessible name of each element that can have the focus.
NAMES = """() => [...document.querySelectorAll('button, input, select')]
  .filter((one) => one.checkVisibility() && !one.disabled)
  .map((one) => (one.labels?.[0]?.innerText || one.innerText || one.ariaLabel || '').trim())"""


async def tabs(page: Tavern, count: int) -> list[str]:
    """The focused element after each press of Tab."""
    found = []
    for _ in range(count):
        await page.page.keyboard.press("Tab")
        found.append(await page.run(FOCUSED))
    return found


async def test_everything_can_be_done_by_keyboard() -> None:
    async with tavern_page(quick_tavern()) as page:
        await page.run("drawing(false)")
        keyboard = page.page.keyboard
        assert await page.run(FOCUSED) == "join"
        assert all(await page.run(NAMES))
        await page.run("document.querySelector('input[value=ptt]').focus()")
        await keyboard.press("Space")
        await page.run("document.getElementById('join').focus()")
        await keyboard.press("Enter")
        await page.until("!document.getElementById('controls').hidden")
        assert await page.run(FOCUSED) == "talk"
        assert all(await page.run(NAMES))
        await page.until("tavern.talk.session.mic.state === 'on'")
        # The space bar presses and releases the button, without a click.
        pressed = "document.getElementById('talk').ariaPressed"
        await keyboard.down("Space")
        await page.until(f"{pressed} === 'true' && tavern.talk.session.mic.event.open")
        await keyboard.up("Space")
        await page.until(f"{pressed} === 'false' && !tavern.talk.session.mic.event.open")
        # For people who cannot hold a key, Enter presses and releases the button.
        await keyboard.press("Enter")
        await page.until(f"{pressed} === 'true'")
        await keyboard.press("Enter")
        await page.until(f"{pressed} === 'false'")
        assert await tabs(page, 5) == ["typed", "send", "mute", "show-latency", "leave"]
        await keyboard.press("m")
        assert await page.run("tavern.talk.session.voice.volume") == 0
        await keyboard.press("l")
        assert await page.run("!document.getElementById('latency').hidden")
        await keyboard.press("Shift+Tab")
        await keyboard.press("Shift+Tab")
        await keyboard.press("Shift+Tab")
        await keyboard.press("Shift+Tab")
        await keyboard.type("open the red door, my lad")
        assert (
            await page.run("tavern.talk.session.voice.volume") == 0
        )  # in the text field a letter is a letter
        await page.run("document.getElementById('leave').focus()")
        await keyboard.press("Enter")
        await page.until("document.getElementById('controls').hidden")
        assert await page.run(FOCUSED) == "join"


async def test_the_space_bar_mutes_and_unmutes_an_open_microphone() -> None:
    async with tavern_page(quick_tavern("Well.")) as page:
        await page.run("drawing(false)")
        await page.join("open")
        await page.until("tavern.talk.session.mic.state === 'on'")
        for muted in (True, False):
            await page.page.keyboard.press("Space")
            assert await page.run("tavern.talk.session.mic.muted") is muted
            label = await page.run("document.getElementById('talk-label').textContent")
            assert label == ("Not listening" if muted else "Listening")


async def test_a_screen_reader_reads_each_event_once() -> None:
    async with tavern_page(quick_tavern()) as page:
        await page.run("drawing(false)")
        # Screen readers read every change in a live region.
        await page.run(
            "window.told = [], new MutationObserver(changes => changes.forEach(({ addedNodes }) =>"
            " addedNodes.forEach(({ textContent }) => told.push(textContent))))"
            ".observe(document.getElementById('log'), { childList: true })"
        )
        assert await page.run("document.getElementById('captions').ariaLive") is None
        await page.join()
        await page.greeted()
        assert await page.run("told") == []  # the character's words are heard, so they are not read
        await page.type("open the red door")
        await page.until("told.length")
        await page.until("tavern.talk.session.turn?.state === 'idle'")
        assert await page.run("told") == ["open red door: done"]
        await page.run("document.getElementById('mute').click()")
        await page.type("thank you")
        await page.until("told.length === 2")
        assert "blacksmith: " in (await page.run("told"))[1]


@pytest.mark.parametrize("size", [(960, 600), (390, 844), (320, 568), (844, 390)], ids=str)
async def test_no_element_covers_another(size: tuple[int, int]) -> None:
    async with tavern_page(quick_tavern(), size=size) as page:
        await page.run("drawing(false)")
        assert await page.run(INSIDE, "dialog")
        await page.join("open")
        await page.type("unlock the chest")
        await page.until("document.getElementById('action').textContent")
        await page.until("tavern.talk.captions.heard")
        assert await page.run(APART, ["#captions", "#controls"])
        assert await page.run(APART, ["header", "#captions"])
        await page.run("document.getElementById('show-latency').click()")
        await page.until("document.querySelector('#latency tr')")
        assert await page.run(APART, ["#latency", "#captions"])
        for part in ("#latency", "#captions", "#controls"):
            assert await page.run(INSIDE, part)
        assert await page.run("document.documentElement.scrollWidth <= innerWidth")


INSIDE = """(of) => {
  const { left, top, right, bottom } = document.querySelector(of).getBoundingClientRect();
  return left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
}"""
APART = """([one, other]) => {
  const a = document.querySelector(one).getBoundingClientRect();
  const b = document.querySelector(other).getBoundingClientRect();
  return a.bottom <= b.top || b.bottom <= a.top || a.right <= b.left || b.right <= a.left;
}"""


async def test_the_packaged_page_is_built_from_its_sources(tmp_path: Path) -> None:
    node = require_program("node")
    vite = CLIENT / "node_modules" / "vite" / "bin" / "vite.js"
    require(vite.is_file(), "engine_clients/webxr has no node_modules: `npm ci` there")
    for arguments in (
        [],
        ["--mode", "worker"],
        ["--mode", "audio"],
        ["-c", "vite.demo.config.ts", "--outDir", str(tmp_path / "page")],
    ):
        child = await asyncio.create_subprocess_exec(
            node, str(vite), "build", "--logLevel", "error", *arguments, cwd=CLIENT
        )
        assert await child.wait() == 0
    assert parts(tmp_path / "page") == parts(BUILT), "`npm run build` in engine_clients/webxr"


def parts(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def test_the_packaged_page_has_neither_emulator_nor_source_maps() -> None:
    for name, content in parts(BUILT).items():
        assert b"IWER" not in content, name
        assert b"sourceMappingURL" not in content, name
