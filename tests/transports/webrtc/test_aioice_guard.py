"""What is replaced in aioice must be there, and strangers' packets do no harm."""

from __future__ import annotations

import asyncio
import logging
import socket
from importlib.metadata import version

import pytest
from aioice import Connection, ice

from frametalk.transports.webrtc import aioice_guard
from frametalk.transports.webrtc.aioice_guard import GuardedStun, all_addresses, gathering

LOOPBACK = "127.0.0.1"
STUN_HEADER = bytes.fromhex("00010010 2112a442") + bytes(12)
JUNK = [
    b"",
    b"\x00",
    bytes(36),
    STUN_HEADER + bytes(16),
    STUN_HEADER + b"\xff" * 16,
    bytes.fromhex("01010004 2112a442") + bytes(12) + b"\x00\x20\x00\x00",
    bytes.fromhex("00010008 2112a442") + bytes(12) + b"\x00\x08\x00\x04\x00\x00\x00\x00",
    b"\x16\xfe\xfd" + bytes(60),
    b"\x80" * 100,
    b"x" * 1_500,
]


async def gathered() -> Connection:
    connection = Connection(ice_controlling=False)
    with gathering((LOOPBACK,)):
        await connection.gather_candidates()
    return connection


def test_aioice_has_the_names_that_are_replaced() -> None:
    """If this fails, another aioice has changed them: look at Connection.gather_candidates."""
    assert ice.get_host_addresses is aioice_guard._host_addresses, version("aioice")
    assert ice.StunProtocol is GuardedStun
    assert "get_host_addresses" in ice.Connection.gather_candidates.__code__.co_names
    code = ice.Connection.get_component_candidates.__code__
    names = {
        name for const in code.co_consts if hasattr(const, "co_names") for name in const.co_names
    }
    assert "StunProtocol" in names


async def test_candidates_are_on_the_addresses_that_were_chosen() -> None:
    connection = await gathered()
    assert {candidate.host for candidate in connection.local_candidates} == {LOOPBACK}
    await connection.close()
    assert LOOPBACK not in all_addresses()


async def test_junk_neither_raises_nor_is_queued_nor_fills_the_log(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: raised.append(context))
    monkeypatch.setattr(aioice_guard, "_junk", aioice_guard.RateLimit(10.0))
    caplog.set_level(logging.WARNING)
    connection = await gathered()
    [candidate] = connection.local_candidates
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for _ in range(20):
            for packet in JUNK:
                stranger.sendto(packet, (candidate.host, candidate.port))
        await asyncio.sleep(0)
        for _ in range(1_000):
            await asyncio.sleep(0)
        assert not raised
        assert connection._queue.empty()
        assert len(caplog.records) <= 1
    protocol = connection._protocols[0]
    assert not protocol.transport.is_closing()
    await connection.close()


async def test_a_known_side_can_send_what_is_no_stun() -> None:
    connection = await gathered()
    protocol = connection._protocols[0]
    await connection.add_remote_candidate(ice.Candidate("1", 1, "udp", 1, LOOPBACK, 50_000, "host"))
    protocol.datagram_received(b"\x16data", (LOOPBACK, 50_000))
    protocol.datagram_received(b"\x16data", (LOOPBACK, 50_001))
    assert connection._queue.qsize() == 1
    await connection.close()
