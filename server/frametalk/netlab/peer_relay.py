"""A UDP relay between the two ends of a peer connection, which learn of it from their candidates."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from frametalk.netlab.datagrams import Way
from frametalk.netlab.network import Network
from frametalk.netlab.schedule import Counts

LOOPBACK = "127.0.0.1"
CANDIDATE = "a=candidate:"
ADDRESS, PORT, TYPE = 4, 5, 7  # fields of a candidate's line (RFC 8839, 5.1)


class _Side(asyncio.DatagramProtocol):
    """The socket that one end sends to. `end`: where that end is; None: not known yet."""

    def __init__(self, way: Way) -> None:
        self.end: Any = None
        self.other: _Side | None = None
        self.socket: asyncio.DatagramTransport | None = None
        self._way = way

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.socket = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        del addr  # only the ends know of the socket
        other = self.other
        if other is not None and other.socket is not None and other.end is not None:
            self._way.send(data, other.socket, other.end)


class PeerRelay:
    """Carries the packets of one peer connection through a network, over loopback.

    Let the client's offer and the server's answer go through `change_offer` and `change_answer`: each end
    then sees the relay in place of the other one's first candidate, and no further candidates.
    """

    def __init__(self, client: _Side, server: _Side, up: Counts, down: Counts) -> None:
        self.up = up
        self.down = down
        self._client, self._server = client, server

    def change_offer(self, sdp: str) -> str:
        """The offer as the server gets it."""
        return _through(sdp, self._client, self._server)

    def change_answer(self, sdp: str) -> str:
        """The answer as the client gets it."""
        return _through(sdp, self._server, self._client)


def _through(sdp: str, end: _Side, other: _Side) -> str:
    """Note where `end` is, and put the socket of the `other` side there instead."""
    assert other.socket is not None  # noqa: S101  (it was opened)
    port = other.socket.get_extra_info("sockname")[1]
    lines, found = [], False
    for line in sdp.splitlines():
        fields = line.split(" ")
        if not line.startswith(CANDIDATE):
            lines.append(line)
        elif not found and fields[2].lower() == "udp" and fields[TYPE] == "host":
            found = True
            end.end = fields[ADDRESS], int(fields[PORT])
            fields[ADDRESS], fields[PORT] = LOOPBACK, str(port)
            lines.append(" ".join(fields))
    return "\r\n".join(lines) + "\r\n"


@asynccontextmanager
async def relaying_peer(network: Network, number: int = 0) -> AsyncIterator[PeerRelay]:
    """A relay for one peer connection while the context is open."""
    loop = asyncio.get_running_loop()
    up, down = network.datagrams(number)
    client, server = _Side(Way(up)), _Side(Way(down))
    client.other, server.other = server, client
    for side in (client, server):
        door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        door.bind((LOOPBACK, 0))
        await loop.create_datagram_endpoint(lambda side=side: side, sock=door)  # type: ignore[misc]
    try:
        yield PeerRelay(client, server, up.counts, down.counts)
    finally:
        for side in (client, server):
            if side.socket is not None:
                side.socket.close()
        await asyncio.sleep(0)  # sockets close in the next turn of the loop
