"""The web client plays the scenario that every client plays, beside the headless client."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from chromium import PAGE, UNLOCKED, browser, pages, pcm_list, plain_page
from conftest import ROOT
from frametalk.config import FrametalkSettings, ServerSettings
from frametalk.headless.speech import read
from frametalk.headless.worldfile import WorldFile
from frametalk.netlab.relay import relaying
from serving import serving

PARITY = ROOT / "engine_clients" / "parity"
sys.path.insert(0, str(PARITY))

import headless_player  # noqa: E402
import play  # noqa: E402
import sounds  # noqa: E402

pytestmark = pytest.mark.real

RATE_HZ = 16_000


async def headless(port: int, world: WorldFile, steps: list[Any], folder: Path) -> dict[str, Any]:
    """What the headless client writes."""
    async with relaying(port) as (door, relay):
        return await headless_player.play(
            f"ws://127.0.0.1:{door}", world, steps, folder, cut=relay.close
        )


async def in_a_page(port: int, arguments: list[Any]) -> dict[str, Any]:
    """What the web client writes."""
    async with (
        relaying(port) as (door, relay),
        browser(UNLOCKED) as chromium,
        plain_page(chromium, f"http://127.0.0.1:{door}/") as talk,
    ):
        await talk.page.expose_function("cut", relay.close)
        written: dict[str, Any] = await talk.run("given => play(...given)", arguments)
        return written


async def test_the_web_client_writes_the_same_transcript_as_the_headless_one(
    tmp_path: Path,
) -> None:
    path = PARITY / "tavern.json"
    scenario = json.loads(path.read_text(encoding="utf-8"))
    world = (PARITY / scenario["world"]).read_bytes()
    folder = tmp_path / "sounds"
    sounds.write_sounds(path, folder)
    spoken = {
        line: {"rate": RATE_HZ, "samples": pcm_list(read(folder / sounds.file_of(line)).samples)}
        for line in sounds.lines(path)
    }
    served = pages(tmp_path, PAGE / "parity.js")
    settings = FrametalkSettings(server=ServerSettings(port=0, pages=str(served)))
    async with serving(settings) as server:
        expected, found = await asyncio.gather(
            headless(
                server.port,
                msgspec.json.decode(world, type=WorldFile),
                scenario["steps"],
                folder,
            ),
            in_a_page(server.port, [scenario, json.loads(world), spoken]),
        )
    assert (expected["failure"], found["failure"]) == ("", "")
    assert play.differences(play.comparable(expected), play.comparable(found)) == []
