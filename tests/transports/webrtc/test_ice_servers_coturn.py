"""The short-lived passwords, with Debian's coturn: a peer connection that goes by a TURN server only."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from conftest import require_program
from frametalk import handshake
from frametalk.bench.server import free_port
from frametalk.config import FrametalkSettings, WebRtcSettings
from frametalk.headless.upgraded import PeerOptions
from frametalk.transports.webrtc.ice_servers import ice_servers
from limits import SOON_S
from peers import LOOPBACK, until, visit

pytestmark = pytest.mark.real

SECRET = "s3cret"  # noqa: S105  (a sample)
RELAYED = PeerOptions(via="channel", relayed=True, addresses=LOOPBACK)


@asynccontextmanager
async def coturn(folder: Path) -> AsyncIterator[str]:
    """A TURN server on loopback, as the page on transports sets it up: its address for clients."""
    program, port = require_program("turnserver"), free_port()
    process = await asyncio.create_subprocess_exec(
        program,
        *("-n", "--no-cli", "--no-tls", "--no-dtls", "--allow-loopback-peers"),
        *("--listening-ip", "127.0.0.1", "--relay-ip", "127.0.0.1"),
        *("--listening-port", str(port), "--realm", "frametalk"),
        *("--use-auth-secret", "--static-auth-secret", SECRET),
        *("--pidfile", str(folder / "pid"), "--log-file", "stdout"),
        cwd=folder,
        env={**os.environ, "TMPDIR": str(folder)},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(SOON_S):
            while not await _listens(port):  # noqa: ASYNC110  (another process)
                await asyncio.sleep(0.02)
        yield f"turn:127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


async def _listens(port: int) -> bool:
    try:
        _reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


def settings(url: str, secret: str = SECRET) -> FrametalkSettings:
    return FrametalkSettings(webrtc=WebRtcSettings(ice_servers=(url,), turn_secret=secret))


async def test_the_microphone_moves_to_a_relayed_connection(tmp_path: Path) -> None:
    async with coturn(tmp_path) as url, visit(RELAYED, settings(url), alone=False) as guest:
        await until(lambda: guest.link.moved and guest.upgrade.routes.via)
        sent = len(guest.sent)
        await until(lambda: len(guest.sent) > sent + 20)
        [pair] = guest.upgrade._peer._pc.sctp.transport.transport._connection._nominated.values()
        [relayed] = guest.link.peer._pc.sctp.transport.transport._connection.local_candidates  # type: ignore[union-attr]
        assert relayed.type == "relay"
        assert pair.remote_addr == (relayed.host, relayed.port)
        await guest.all_heard()


@pytest.mark.parametrize("wrong", ["another secret", "expired"])
async def test_a_wrong_or_expired_password_is_of_no_use(
    wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if wrong == "expired":
        monkeypatch.setattr(
            handshake, "ice_servers", lambda given, user, _now_s: ice_servers(given, user, 0)
        )
    secret = "another" if wrong == "another secret" else SECRET
    async with coturn(tmp_path) as url, visit(RELAYED, settings(url, secret), alone=False) as guest:
        await until(lambda: guest.upgrade._peer is not None)
        peer = guest.link.peer
        assert peer is not None
        assert peer._pc.sctp is not None
        assert peer._pc.sctp.transport.transport._connection.local_candidates == []
        await until(lambda: len(guest.sent) > 0)
        await guest.all_heard()
        assert not guest.link.moved
