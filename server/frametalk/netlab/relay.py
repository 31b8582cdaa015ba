"""A TCP relay: carries connections through a network, and cuts them at a time, or at a byte."""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Literal

from frametalk.netlab.cuts import Cut
from frametalk.netlab.network import PERFECT, Network
from frametalk.netlab.schedule import Counts, StreamPath
from frametalk.tasks import Tasks

log = logging.getLogger(__name__)

CHUNK_BYTES = 65_536
MAX_UNDER_WAY = 1_024  # chunks between the two ends; beyond, the sender waits
RESET = struct.pack("ii", 1, 0)  # linger 0: the other end gets a reset, and what is queued is lost

Address = tuple[str, int]
_End = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Relay:
    """Carries connections to an address. Each ends as the next of `cuts` says, if there are any.

    `connections` counts those that came, `cut` those that the relay has ended.
    """

    def __init__(
        self, to: Address, cuts: Callable[[], Cut] | None = None, network: Network = PERFECT
    ) -> None:
        self.cuts = cuts
        self.cut = 0
        self.connections = 0
        self.up: list[Counts] = []
        self.down: list[Counts] = []
        self._to = to
        self._network = network
        self._carrying: set[asyncio.Task[None]] = set()
        self._tasks = Tasks(lambda name, error: log.error("%s failed: %s", name, error))

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of a client."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  (for the type checker: this is a coroutine)
        self._carrying.add(task)
        try:
            server = await asyncio.open_connection(*self._to)
            await self._carry((reader, writer), server)
        except OSError:
            _end(writer, "reset")
        except asyncio.CancelledError:
            pass  # by `close`; asyncio's streams would report it as a failure
        finally:
            self._carrying.discard(task)

    async def _carry(self, client: _End, server: _End) -> None:
        cut = Cut() if self.cuts is None else self.cuts()
        up, down = self._network.streams(self.connections)
        self.connections += 1
        self.up.append(up.counts)
        self.down.append(down.counts)
        pumps = (
            self._tasks.start(self._pump(client[0], server[1], up, cut.up_bytes), "up"),
            self._tasks.start(self._pump(server[0], client[1], down, cut.down_bytes), "down"),
        )
        try:
            done, _ = await asyncio.wait(
                pumps, timeout=cut.after_s, return_when=asyncio.FIRST_COMPLETED
            )
            ended = any(not pump.result() for pump in done)
            if not ended:
                self.cut += 1
            for pump in pumps:
                pump.cancel()
            await asyncio.wait(pumps)
            _end(client[1], "close" if ended or cut.how == "close" else "reset")
            if not ended and cut.how == "half_open":
                with suppress(OSError):  # until the server itself ends it
                    while await server[0].read(CHUNK_BYTES):
                        pass
            _end(server[1], "close" if ended or cut.how == "close" else "reset")
        finally:
            for pump in pumps:
                pump.cancel()
            for _, writer in (client, server):
                writer.close()

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        path: StreamPath,
        most_bytes: int | None,
    ) -> bool:
        """Carry bytes in one direction; True when `most_bytes` were carried, False when an end closed."""
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(MAX_UNDER_WAY)
        taking = self._tasks.start(_take(reader, path, under_way), "take")
        try:
            return await _deliver(under_way, writer, most_bytes)
        except OSError:
            return False
        finally:
            taking.cancel()

    async def close(self) -> None:
        """End all connections."""
        carrying = list(self._carrying)
        for task in carrying:
            task.cancel()
        if carrying:
            await asyncio.wait(carrying)
        await self._tasks.close()


@asynccontextmanager
async def relaying(
    to_port: int,
    cuts: Callable[[], Cut] | None = None,
    network: Network = PERFECT,
    *,
    to_host: str = "127.0.0.1",
    listen: Address = ("127.0.0.1", 0),
) -> AsyncIterator[tuple[int, Relay]]:
    """A relay to a port while the context is open: (its own port, the relay). Raises OSError."""
    relay = Relay((to_host, to_port), cuts, network)
    server = await asyncio.start_server(relay.handle, *listen)
    try:
        yield server.sockets[0].getsockname()[1], relay
    finally:
        server.close()
        await relay.close()


async def _take(
    reader: asyncio.StreamReader, path: StreamPath, under_way: asyncio.Queue[tuple[float, bytes]]
) -> None:
    """Take bytes from the sender, as fast as the network does; no bytes are its end."""
    loop = asyncio.get_running_loop()
    data = b"begin"
    while data:
        await _until(path.room_s(loop.time()))
        try:
            data = await reader.read(CHUNK_BYTES)
        except OSError:
            data = b""
        await under_way.put((path.send(loop.time(), len(data)), data))


async def _deliver(
    under_way: asyncio.Queue[tuple[float, bytes]],
    writer: asyncio.StreamWriter,
    most_bytes: int | None,
) -> bool:
    left = most_bytes
    while left is None or left > 0:
        arrive_s, data = await under_way.get()
        await _until(arrive_s)
        if not data:
            return False
        data = data if left is None else data[:left]
        writer.write(data)
        await writer.drain()
        left = None if left is None else left - len(data)
    return True


async def _until(at_s: float) -> None:
    wait_s = at_s - asyncio.get_running_loop().time()
    if wait_s > 0:
        await asyncio.sleep(wait_s)


def _end(writer: asyncio.StreamWriter, how: Literal["reset", "close"]) -> None:
    if how == "close":
        writer.close()
        return
    raw: socket.socket | None = writer.get_extra_info("socket")
    if raw is not None and raw.fileno() >= 0:
        with suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    writer.transport.abort()
