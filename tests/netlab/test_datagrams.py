"""The UDP relay over real sockets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import pytest

from frametalk.netlab.datagrams import MAX_CLIENTS, relaying_datagrams
from frametalk.netlab.network import Network
from frametalk.netlab.profile import Conditions, Profile

pytestmark = pytest.mark.real


class Echo(asyncio.DatagramProtocol):
    """Sends each datagram back."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.transport.sendto(data, addr)


@asynccontextmanager
async def echoing() -> AsyncIterator[tuple[str, int]]:
    loop = asyncio.get_running_loop()
    transport, _echo = await loop.create_datagram_endpoint(Echo, local_addr=("127.0.0.1", 0))
    try:
        yield transport.get_extra_info("sockname")
    finally:
        transport.close()


@asynccontextmanager
async def client(port: int) -> AsyncIterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        sender.connect(("127.0.0.1", port))
        yield sender


async def answer(sender: socket.socket, within_s: float = 5) -> bytes:
    async with asyncio.timeout(within_s):
        return await asyncio.get_running_loop().sock_recv(sender, 2_000)


async def test_each_client_gets_its_own_answers() -> None:
    async with (
        echoing() as server,
        relaying_datagrams(server) as (port, relay),
        client(port) as first,
        client(port) as second,
    ):
        first.send(b"one")
        second.send(b"two")
        assert await answer(second) == b"two"
        assert await answer(first) == b"one"
        first.send(b"three")
        assert await answer(first) == b"three"
        assert relay.connections == 2


async def test_datagrams_take_their_time_and_some_come_twice() -> None:
    network = Network(Profile(up=Conditions(delay_ms=30, duplicate=1)))
    async with (
        echoing() as server,
        relaying_datagrams(server, network) as (port, relay),
        client(port) as sender,
    ):
        began_s = asyncio.get_running_loop().time()
        sender.send(b"hello")
        assert [await answer(sender), await answer(sender)] == [b"hello", b"hello"]
        assert asyncio.get_running_loop().time() - began_s >= 0.03
        assert relay.up[0].duplicated == 1


async def test_what_is_lost_does_not_arrive() -> None:
    network = Network(Profile(down=Conditions(loss=1)))
    async with (
        echoing() as server,
        relaying_datagrams(server, network) as (port, relay),
        client(port) as sender,
    ):
        sender.send(b"hello")
        with pytest.raises(TimeoutError):
            await answer(sender, 0.1)
        assert relay.down[0].lost == 1


async def test_too_many_clients_are_not_served() -> None:
    async with echoing() as server, relaying_datagrams(server) as (port, relay):
        senders = []
        for _ in range(MAX_CLIENTS + 3):
            sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sender.setblocking(False)
            sender.sendto(b"hello", ("127.0.0.1", port))
            senders.append(sender)
        assert await answer(senders[0]) == b"hello"
        assert relay.connections <= MAX_CLIENTS
        for sender in senders:
            sender.close()
