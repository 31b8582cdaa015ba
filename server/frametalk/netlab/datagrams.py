"""A UDP relay: carries datagrams through a network, for each client over a socket of its own."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from frametalk.netlab.network import PERFECT, Network
from frametalk.netlab.relay import Address
from frametalk.netlab.schedule import Counts, DatagramPath
from frametalk.tasks import Tasks

log = logging.getLogger(__name__)

MAX_CLIENTS = 64  # at once; datagrams of further ones are dropped
MAX_UNDER_WAY = 4_096  # datagrams of a direction; beyond, they are dropped
MAX_WAITING = 64  # datagrams, until the socket towards the server is open
APART_S = 1e-9  # timers of an event loop that are due at the same time fire in any order
IDLE_S = 60.0  # a client that is silent for so long is forgotten


class Way:
    """One direction of one client: delivers datagrams to `socket` when they are due."""

    def __init__(self, path: DatagramPath) -> None:
        self.path = path
        self._under_way = 0
        self._sent = 0
        self._loop = asyncio.get_running_loop()

    def send(self, data: bytes, socket: asyncio.DatagramTransport, to: Any) -> None:
        """Send a datagram from this socket, when it is due; `to` None: the socket is connected."""
        for arrive_s in self.path.send(self._loop.time(), len(data)):
            if self._under_way >= MAX_UNDER_WAY:
                self.path.counts.dropped += 1
                return
            self._under_way += 1
            self._sent += 1
            self._loop.call_at(arrive_s + self._sent * APART_S, self._deliver, data, socket, to)

    def _deliver(self, data: bytes, socket: asyncio.DatagramTransport, to: Any) -> None:
        self._under_way -= 1
        if not socket.is_closing():
            socket.sendto(data, to)


class _Client(asyncio.DatagramProtocol):
    """The socket towards the server for one client."""

    def __init__(self, relay: DatagramRelay, address: Any, up: Way, down: Way) -> None:
        self.used_s = 0.0
        self.socket: asyncio.DatagramTransport | None = None
        self.opened = asyncio.Event()
        self._relay = relay
        self._address = address
        self._up, self._down = up, down
        self._waiting: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.socket = cast(asyncio.DatagramTransport, transport)
        for data in self._waiting:
            self._up.send(data, self.socket, None)
        self._waiting.clear()
        self.opened.set()

    def up(self, data: bytes) -> None:
        self.used_s = asyncio.get_running_loop().time()
        if self.socket is not None:
            self._up.send(data, self.socket, None)
        elif len(self._waiting) < MAX_WAITING:
            self._waiting.append(data)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        del addr  # the socket is connected
        if self._relay.socket is not None:
            self._down.send(data, self._relay.socket, self._address)

    def error_received(self, exc: Exception) -> None:
        log.debug("the server refuses datagrams: %s", exc)

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()


class DatagramRelay(asyncio.DatagramProtocol):
    """Carries datagrams of any client to one address, and the answers back."""

    def __init__(self, to: Address, network: Network = PERFECT) -> None:
        self.socket: asyncio.DatagramTransport | None = None
        self.up: list[Counts] = []
        self.down: list[Counts] = []
        self._to = to
        self._network = network
        self._clients: dict[Any, _Client] = {}
        self._tasks = Tasks(lambda name, error: log.error("%s failed: %s", name, error))

    @property
    def connections(self) -> int:
        """How many clients have come."""
        return len(self.up)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """As DatagramProtocol."""
        self.socket = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """As DatagramProtocol."""
        client = self._clients.get(addr) or self._open(addr)
        if client is not None:
            client.up(data)

    def _open(self, address: Any) -> _Client | None:
        now_s = asyncio.get_running_loop().time()
        for known, client in list(self._clients.items()):
            if now_s - client.used_s > IDLE_S:
                self._clients.pop(known).close()
        if len(self._clients) >= MAX_CLIENTS:
            return None
        up, down = self._network.datagrams(self.connections)
        self.up.append(up.counts)
        self.down.append(down.counts)
        client = self._clients[address] = _Client(self, address, Way(up), Way(down))
        self._tasks.start(self._connect(client), "open a socket")
        return client

    async def _connect(self, client: _Client) -> None:
        try:
            await asyncio.get_running_loop().create_datagram_endpoint(
                lambda: client, remote_addr=self._to
            )
        finally:
            client.opened.set()

    async def close(self) -> None:
        """Close all sockets."""
        opening = [client.opened.wait() for client in self._clients.values()]
        await asyncio.gather(*opening)  # a socket that opens later would stay open
        for client in self._clients.values():
            client.close()
        if self.socket is not None:
            self.socket.close()
        await self._tasks.close()
        await asyncio.sleep(0)  # sockets close in the next turn of the loop


@asynccontextmanager
async def relaying_datagrams(
    to: Address, network: Network = PERFECT, *, listen: Address = ("127.0.0.1", 0)
) -> AsyncIterator[tuple[int, DatagramRelay]]:
    """A UDP relay to an address while the context is open: (its own port, the relay). Raises OSError."""
    family = socket.AF_INET6 if ":" in listen[0] else socket.AF_INET
    door = socket.socket(family, socket.SOCK_DGRAM)
    try:
        door.bind(listen)
    except OSError:
        door.close()
        raise
    transport, relay = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: DatagramRelay(to, network), sock=door
    )
    try:
        yield transport.get_extra_info("sockname")[1], relay
    finally:
        await relay.close()
