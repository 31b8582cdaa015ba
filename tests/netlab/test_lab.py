"""The laboratory as a program: what it says, and that it ends."""

from __future__ import annotations

import asyncio
import socket

import pytest

from frametalk.errors import FrametalkError
from frametalk.netlab.lab import describe, laboratory, total
from frametalk.netlab.network import PERFECT, Network
from frametalk.netlab.profile import load_profile
from frametalk.netlab.schedule import Counts

pytestmark = pytest.mark.real


@pytest.mark.parametrize("udp", [False, True])
async def test_it_says_what_it_does_and_at_the_end_what_happened(udp: bool) -> None:
    lines: list[str] = []
    stop = asyncio.Event()
    stop.set()
    network = Network(load_profile("bad-wifi"))
    await laboratory(
        ("127.0.0.1", 0), ("127.0.0.1", 9), network, udp=udp, stop=stop, show=lines.append
    )
    assert lines[0].startswith(f"relaying {'UDP' if udp else 'TCP'} 127.0.0.1:")
    assert "80 +- 60 ms" in lines[2]
    assert lines[-3] == ("0 clients" if udp else "0 connections, 0 cut")
    assert lines[-1].startswith("down: 0 packets")


async def test_a_port_in_use_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen = taken.getsockname()
        with pytest.raises(FrametalkError) as refused:
            await laboratory(
                listen, listen, PERFECT, udp=False, stop=asyncio.Event(), show=lambda _: None
            )
    assert refused.value.code == "cannot_listen"
    assert str(listen[1]) in refused.value.text


def test_only_what_a_transport_does_is_described() -> None:
    profile = load_profile("headset-asleep")
    assert any("cut after 40 s" in line for line in describe(profile, udp=False))
    assert not any("cut after" in line for line in describe(profile, udp=True))
    bad = load_profile("bad-wifi")
    assert any("come twice" in line for line in describe(bad, udp=True))
    assert not any("come twice" in line for line in describe(bad, udp=False))


def test_counts_add_up() -> None:
    assert total([Counts(1, 10, stalls=1), Counts(2, 20, lost=1)]) == Counts(3, 30, 1, stalls=1)
    assert total([]) == Counts()
