"""The demo's page: where it is opened, and how other machines get to it."""

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
from frametalk.demo import lan
from frametalk.demo import page as visit
from frametalk.errors import ConfigError
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
    """The page's server for the block; gives what was said when it was ready."""
    said: list[str] = []
    ready = asyncio.Event()

    def say(line: str) -> None:
        said.append(line)
        asyncio.get_running_loop().call_soon(ready.set)

    visit_ = visit.receive(with_settings, lan=on_lan, browser=browser, say=say)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(visit_)
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


async def test_the_page_is_where_it_says() -> None:
    async with open_tavern(settings(drain_ms=0)) as said:
        url = address_in(said[0])
        html = await asyncio.to_thread(read, url)
        assert 'id="stage"' in html
        for part in re.findall(r'(?:src|href)="\./([^"]+)"', html):
            assert await asyncio.to_thread(read, url + part)


async def test_a_browser_is_opened_where_one_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: queue.SimpleQueue[str] = queue.SimpleQueue()
    monkeypatch.setattr(webbrowser, "open", opened.put)
    async with open_tavern(settings(drain_ms=0)):
        pass
    async with open_tavern(settings(drain_ms=0), browser=True) as said:
        assert await asyncio.to_thread(opened.get, timeout=5) == address_in(said[0])
    assert opened.empty()


async def test_a_page_of_ones_own_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<title>my game</title>")
    async with open_tavern(settings(drain_ms=0, pages=str(tmp_path))) as said:
        assert await asyncio.to_thread(read, address_in(said[0])) == "<title>my game</title>"


async def test_other_machines_get_it_encrypted_with_a_code_to_scan(
    own_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lan, "addresses", lambda: ["127.0.0.2"])
    async with open_tavern(settings(drain_ms=0), on_lan=True) as said:
        (told,) = [line for line in said if "headset" in line]
        assert lan.code(address_in(told)) in said
        certificate = own_data / "frametalk" / "lan" / "certificate.pem"
        trusting = ssl.create_default_context(cafile=str(certificate))
        for url in (address_in(told), address_in(said[0])):
            assert 'id="stage"' in await asyncio.to_thread(read, url, trusting)


async def test_a_certificate_of_ones_own_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lan, "addresses", list)
    own = lan.identity(tmp_path / "own", ["localhost"], datetime.now(UTC))
    given = settings(drain_ms=0)
    server = msgspec.structs.replace(
        given.server, tls_certificate=str(own.certificate), tls_key=str(own.key)
    )
    async with open_tavern(msgspec.structs.replace(given, server=server), on_lan=True) as said:
        assert said[1] == "No other machine can reach this one: it is in no network."
        trusting = ssl.create_default_context(cafile=str(own.certificate))
        assert 'id="stage"' in await asyncio.to_thread(read, address_in(said[0]), trusting)


async def test_without_the_packages_for_it_the_way_to_get_them_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "frametalk.demo.lan")
    monkeypatch.delattr(frametalk.demo, "lan")
    monkeypatch.setitem(sys.modules, "segno", None)
    with pytest.raises(ConfigError) as caught:
        await visit.receive(settings(), lan=True, browser=False, say=print)
    assert caught.value.remedy == 'pip install "frametalk[lan]"'


def test_a_screen_is_known_by_its_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert not visit.has_screen()
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert visit.has_screen()
