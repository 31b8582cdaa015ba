"""The demo's page: where it is served, and how other machines reach it."""

from __future__ import annotations

import asyncio
import queue
import re
import ssl
import sys
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen

import msgspec
import pytest

import frametalk.demo
from frametalk.config import FrametalkSettings
from frametalk.demo import lan, page
from frametalk.errors import ConfigError
from limits import SOON_S
from serving import settings

pytestmark = pytest.mark.real


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path


@asynccontextmanager
async def open_tavern(
    with_settings: FrametalkSettings, *, on_lan: bool = False, browser: bool = False
) -> AsyncIterator[list[str]]:
    """Serve the page for the block; gives the lines that were printed."""
    said: list[str] = []
    ready = asyncio.Event()

    def say(line: str) -> None:
        said.append(line)
        asyncio.get_running_loop().call_soon(ready.set)

    serving = page.serve_page(with_settings, lan=on_lan, browser=browser, say=say)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(serving)
        await ready.wait()
        yield said
        task.cancel()


def address_in(line: str) -> str:
    found = re.search(r"https?://\S+", line)
    assert found is not None, line
    return found[0]


def read(url: str, trusting: ssl.SSLContext | None = None) -> str:
    with urlopen(url, context=trusting) as answer:  # noqa: S310  (our own server)
        return str(answer.read().decode())


async def test_the_page_is_served_at_the_printed_address() -> None:
    async with open_tavern(settings(drain_ms=0)) as said:
        url = address_in(said[0])
        html = await asyncio.to_thread(read, url)
        assert 'id="stage"' in html
        for part in re.findall(r'(?:src|href)="\./([^"]+)"', html):
            assert await asyncio.to_thread(read, url + part)


async def test_a_browser_is_opened_only_if_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: queue.SimpleQueue[str] = queue.SimpleQueue()
    monkeypatch.setattr(webbrowser, "open", opened.put)
    async with open_tavern(settings(drain_ms=0)):
        pass
    async with open_tavern(settings(drain_ms=0), browser=True) as said:
        assert await asyncio.to_thread(opened.get, timeout=SOON_S) == address_in(said[0])
    assert opened.empty()


async def test_a_page_from_the_settings_is_served_instead(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<title>my game</title>")
    async with open_tavern(settings(drain_ms=0, pages=str(tmp_path))) as said:
        assert await asyncio.to_thread(read, address_in(said[0])) == "<title>my game</title>"


async def test_other_machines_get_an_encrypted_page_and_a_code_to_scan(
    own_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lan, "addresses", lambda: ["127.0.0.2"])
    async with open_tavern(settings(drain_ms=0), on_lan=True) as said:
        (line,) = [line for line in said if "headset" in line]
        assert lan.code(address_in(line)) in said
        certificate = own_data / "frametalk" / "lan" / "certificate.pem"
        trusting = ssl.create_default_context(cafile=str(certificate))
        for url in (address_in(line), address_in(said[0])):
            assert 'id="stage"' in await asyncio.to_thread(read, url, trusting)


async def test_a_certificate_from_the_settings_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lan, "addresses", list)
    own = lan.identity(tmp_path / "own", ["localhost"], datetime.now(UTC))
    base = settings(drain_ms=0)
    server = msgspec.structs.replace(
        base.server, tls_certificate=str(own.certificate), tls_key=str(own.key)
    )
    async with open_tavern(msgspec.structs.replace(base, server=server), on_lan=True) as said:
        assert said[1].startswith("Other machines cannot reach this one")
        trusting = ssl.create_default_context(cafile=str(own.certificate))
        assert 'id="stage"' in await asyncio.to_thread(read, address_in(said[0]), trusting)


async def test_without_its_packages_lan_names_the_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "frametalk.demo.lan")
    monkeypatch.delattr(frametalk.demo, "lan")
    monkeypatch.setitem(sys.modules, "segno", None)
    with pytest.raises(ConfigError) as caught:
        await page.serve_page(settings(), lan=True, browser=False, say=print)
    assert caught.value.remedy == 'pip install "frametalk[lan]"'


def test_a_screen_is_detected_by_its_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert not page.has_screen()
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert page.has_screen()
