"""A TCP relay that cuts connections: at a time, or at a byte, in either direction."""

from __future__ import annotations

import asyncio
import logging
import random
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Literal

from frametalk.tasks import Tasks

log = logging.getLogger(__name__)

How = Literal["reset", "close", "half_open"]
CHUNK_BYTES = 65_536
RESET = struct.pack("ii", 1, 0)  # linger 0: the other end gets a reset, and what is queued is lost


@dataclass(frozen=True, slots=True)
class Cut:
    """When one connection ends: after so many seconds or bytes, whichever comes first; None: not by that.

    `up` is from the client. `reset`: both ends get a reset at once. `close`: both get a proper end.
    `half_open`: the client gets a reset, and the server hears nothing more.
    """

    after_s: float | None = None
    up_bytes: int | None = None
    down_bytes: int | None = None
    how: How = "reset"


def random_cuts(seed: int, shortest_s: float, longest_s: float) -> Callable[[], Cut]:
    """Cuts after random times; half of them at the first byte, or within the bytes, that follow."""
    dice = random.Random(seed)  # noqa: S311  (a repeatable network, not a secret)

    def next_cut() -> Cut:
        after_s = dice.uniform(shortest_s, longest_s)
        how: How = dice.choice(("reset", "reset", "close", "half_open"))
        if dice.random() < 0.5:  # noqa: PLR2004
            return Cut(after_s, how=how)
        # A second of conversation is about 32 kB up, and while a reply plays 45 kB down.
        up = dice.choice((None, int(after_s * 40_000)))
        down = None if up is not None else int(after_s * 20_000)
        return Cut(longest_s, up, down, how)

    return next_cut


class Relay:
    """Carries connections to `port` on this machine. Each ends as the next of `cuts` says.

    `cut` counts the connections that it has ended. With `cuts` None, none is cut.
    """

    def __init__(self, port: int, cuts: Callable[[], Cut] | None) -> None:
        self.cuts = cuts
        self.cut = 0
        self._port = port
        self._carrying: set[asyncio.Task[None]] = set()
        self._tasks = Tasks(lambda name, error: log.error("%s failed: %s", name, error))

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of a client."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  (for the type checker: this is a coroutine)
        self._carrying.add(task)
        try:
            server = await asyncio.open_connection("127.0.0.1", self._port)
            await self._carry((reader, writer), server)
        except OSError:
            _end(writer, "reset")
        except asyncio.CancelledError:
            pass  # by `close`; asyncio's streams would report it as a failure
        finally:
            self._carrying.discard(task)

    async def _carry(self, client: _End, server: _End) -> None:
        cut = Cut() if self.cuts is None else self.cuts()
        pumps = (
            self._tasks.start(_pump(client[0], server[1], cut.up_bytes), "up"),
            self._tasks.start(_pump(server[0], client[1], cut.down_bytes), "down"),
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

    async def close(self) -> None:
        """End all connections."""
        carrying = list(self._carrying)
        for task in carrying:
            task.cancel()
        if carrying:
            await asyncio.wait(carrying)
        await self._tasks.close()


_End = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def relaying(
    to_port: int, cuts: Callable[[], Cut] | None = None
) -> AsyncIterator[tuple[int, Relay]]:
    """A relay to a port of this machine while the context is open: (its own port, the relay)."""
    relay = Relay(to_port, cuts)
    server = await asyncio.start_server(relay.handle, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], relay
    finally:
        server.close()
        await relay.close()


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, most_bytes: int | None
) -> bool:
    """Carry bytes in one direction; True when `most_bytes` were carried, False when an end closed."""
    left = most_bytes
    try:
        while left is None or left > 0:
            data = await reader.read(CHUNK_BYTES)
            if not data:
                return False
            data = data if left is None else data[:left]
            writer.write(data)
            await writer.drain()
            left = None if left is None else left - len(data)
    except OSError:
        return False
    return True


def _end(writer: asyncio.StreamWriter, how: Literal["reset", "close"]) -> None:
    if how == "close":
        writer.close()
        return
    raw: socket.socket | None = writer.get_extra_info("socket")
    if raw is not None and raw.fileno() >= 0:
        with suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    writer.transport.abort()
