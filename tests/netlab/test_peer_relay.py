"""The relay between the ends of a peer connection: what each end learns, and what it carries."""

from __future__ import annotations

import asyncio
import socket

import pytest

from frametalk.netlab.network import PERFECT, Network
from frametalk.netlab.peer_relay import relaying_peer
from frametalk.netlab.profile import Conditions, Profile

pytestmark = pytest.mark.real


def sdp(*ports: int) -> str:
    candidates = [
        f"a=candidate:{port} 1 udp 2130706431 127.0.0.1 {port} typ host" for port in ports
    ]
    lines = ["v=0", "m=audio 9 UDP/TLS/RTP/SAVPF 96", *candidates, "a=end-of-candidates"]
    return "\r\n".join(lines) + "\r\n"


def port_in(text: str) -> int:
    """The port of the one candidate."""
    (line,) = [line for line in text.splitlines() if line.startswith("a=candidate:")]
    assert line.split()[4] == "127.0.0.1"
    return int(line.split()[5])


def end() -> socket.socket:
    peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    peer.bind(("127.0.0.1", 0))
    peer.setblocking(False)
    return peer


async def came(peer: socket.socket, within_s: float = 5) -> bytes:
    async with asyncio.timeout(within_s):
        return await asyncio.get_running_loop().sock_recv(peer, 2_000)


async def test_both_ends_see_the_relay_in_place_of_each_other() -> None:
    with end() as client, end() as server:
        async with relaying_peer(PERFECT) as relay:
            offer = relay.change_offer(sdp(client.getsockname()[1], 50_001))
            answer = relay.change_answer(sdp(server.getsockname()[1]))
            assert offer.startswith("v=0\r\nm=audio")
            assert "end-of-candidates" in offer
            client.sendto(b"check", ("127.0.0.1", port_in(answer)))
            assert await came(server) == b"check"
            server.sendto(b"answer", ("127.0.0.1", port_in(offer)))
            assert await came(client) == b"answer"
            assert (relay.up.packets, relay.down.packets) == (1, 1)


async def test_packets_meet_the_network() -> None:
    network = Network(Profile(up=Conditions(loss=1)))
    with end() as client, end() as server:
        async with relaying_peer(network) as relay:
            relay.change_offer(sdp(client.getsockname()[1]))
            answer = relay.change_answer(sdp(server.getsockname()[1]))
            client.sendto(b"check", ("127.0.0.1", port_in(answer)))
            with pytest.raises(TimeoutError):
                await came(server, 0.05)
            assert relay.up.lost == 1
