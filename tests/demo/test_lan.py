"""What a headset on the same network needs."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest
from websockets.asyncio.client import connect

from frametalk.demo import lan
from frametalk.transports.websocket import PATH
from serving import serving, settings

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
NAMES = ("localhost", "127.0.0.1", "192.168.1.5")


def test_addresses_can_be_reached_by_other_machines() -> None:
    found = [ipaddress.ip_address(address) for address in lan.addresses()]
    assert not any(ip.is_loopback or ip.is_link_local for ip in found)
    assert len(set(found)) == len(found)


def test_a_certificate_is_kept_while_it_fits(tmp_path: Path) -> None:
    first = lan.identity(tmp_path, NAMES, NOW)
    before = first.certificate.read_bytes()
    assert lan.identity(tmp_path, NAMES, NOW + timedelta(days=300)) == first
    assert lan.identity(tmp_path, NAMES[:2], NOW).certificate.read_bytes() == before


@pytest.mark.parametrize(
    ("names", "days"),
    [
        ((*NAMES, "192.168.7.7"), 0),  # another network
        (NAMES, lan.VALID_DAYS - 1),  # ends soon
        (NAMES, -1),  # a clock that was wrong
    ],
)
def test_a_certificate_that_does_not_fit_is_replaced(
    tmp_path: Path, names: tuple[str, ...], days: int
) -> None:
    before = lan.identity(tmp_path, NAMES, NOW).certificate.read_bytes()
    again = lan.identity(tmp_path, names, NOW + timedelta(days=days))
    assert again.certificate.read_bytes() != before


def test_a_broken_certificate_is_replaced(tmp_path: Path) -> None:
    lan.identity(tmp_path, NAMES, NOW).certificate.write_text("not a certificate")
    again = lan.identity(tmp_path, NAMES, NOW)
    assert again.certificate.read_bytes().startswith(b"-----BEGIN CERTIFICATE-----")


def test_only_the_owner_can_read_the_key(tmp_path: Path) -> None:
    key = lan.identity(tmp_path / "new" / "folder", NAMES, NOW).key
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_the_code_depends_on_the_address() -> None:
    drawn = lan.code("https://192.168.1.5:8765/")
    lines = drawn.splitlines()
    assert len(lines) > 10
    assert len({len(line) for line in lines if line.strip()}) == 1
    assert drawn != lan.code("https://192.168.1.6:8765/")


@pytest.mark.real
async def test_page_and_session_work_over_tls(tmp_path: Path) -> None:
    page = tmp_path / "page"
    page.mkdir()
    (page / "index.html").write_text("<!doctype html><title>tavern</title>")
    certificate, key = lan.identity(tmp_path, NAMES, datetime.now(UTC))
    secure = settings(
        drain_ms=0, pages=str(page), tls_certificate=str(certificate), tls_key=str(key)
    )
    trusting = ssl.create_default_context(cafile=str(certificate))
    async with serving(secure) as server:
        html = await asyncio.to_thread(fetch, f"https://localhost:{server.port}/", trusting)
        assert html == b"<!doctype html><title>tavern</title>"
        async with connect(f"wss://localhost:{server.port}{PATH}", ssl=trusting) as socket:
            await socket.send('{"type": "hello", "protocol": 1}')
            assert '"welcome"' in str(await socket.recv())


def fetch(url: str, trusting: ssl.SSLContext) -> bytes:
    with urlopen(url, context=trusting) as answer:  # noqa: S310  (our own server)
        content: bytes = answer.read()
    return content
