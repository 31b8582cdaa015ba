"""The relay over real sockets: it carries everything, and cuts where it was told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from frametalk.netlab.cuts import Cut
from frametalk.netlab.network import Network
from frametalk.netlab.profile import Conditions, Profile
from frametalk.netlab.relay import relaying
from limits import SOON_S

pytestmark = pytest.mark.real


@asynccontextmanager
async def echoing() -> AsyncIterator[tuple[int, asyncio.Queue[bytes]]]:
    """A server that sends back what comes: its port, and what came, with b"" for an end."""
    came: asyncio.Queue[bytes] = asyncio.Queue()

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(1_000):
                came.put_nowait(data)
                writer.write(data)
        except ConnectionError:
            pass
        came.put_nowait(b"")
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1], came
    server.close()


async def rest(reader: asyncio.StreamReader) -> bytes:
    """All that still comes; a reset ends it too."""
    data = b""
    try:
        while more := await reader.read(1_000):
            data += more
    except ConnectionError:
        pass
    return data


async def test_without_cuts_everything_arrives_until_an_end_closes() -> None:
    async with echoing() as (port, came), relaying(port) as (door, relay):
        reader, writer = await asyncio.open_connection("127.0.0.1", door)
        writer.write(b"x" * 5_000)
        assert await reader.readexactly(5_000) == b"x" * 5_000
        writer.close()
        async with asyncio.timeout(SOON_S):
            while await came.get():
                pass
        assert relay.cut == 0


@pytest.mark.parametrize("how", ["reset", "close"])
async def test_a_cut_lies_at_its_byte(how: str) -> None:
    cut = Cut(up_bytes=100, how=how)  # type: ignore[arg-type]
    async with echoing() as (port, came), relaying(port, lambda: cut) as (door, relay):
        reader, writer = await asyncio.open_connection("127.0.0.1", door)
        writer.write(b"x" * 1_000)
        async with asyncio.timeout(SOON_S):
            await rest(reader)
            arrived = b""
            while data := await came.get():
                arrived += data
        assert len(arrived) <= 100
        assert relay.cut == 1
        writer.close()


async def test_a_cut_lies_at_its_time_and_the_next_connection_has_its_own() -> None:
    cuts = iter([Cut(after_s=0.01), Cut()])
    async with echoing() as (port, _came), relaying(port, lambda: next(cuts)) as (door, relay):
        reader, writer = await asyncio.open_connection("127.0.0.1", door)
        async with asyncio.timeout(SOON_S):
            assert await rest(reader) == b""
        writer.close()
        reader, writer = await asyncio.open_connection("127.0.0.1", door)
        writer.write(b"hello")
        assert await reader.readexactly(5) == b"hello"
        assert relay.cut == 1
        writer.close()


async def test_of_a_half_open_connection_the_server_notices_nothing() -> None:
    cut = Cut(after_s=0.01, how="half_open")
    async with echoing() as (port, came), relaying(port, lambda: cut) as (door, _relay):
        reader, writer = await asyncio.open_connection("127.0.0.1", door)
        async with asyncio.timeout(SOON_S):
            await rest(reader)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await came.get()
        writer.close()


async def test_bytes_take_the_time_of_their_network() -> None:
    slow = Network(Profile(up=Conditions(delay_ms=30), down=Conditions(delay_ms=20)))
    async with echoing() as (port, _came), relaying(port, network=slow) as (door, relay):
        reader, writer = await asyncio.open_connection("127.0.0.1", door)
        began_s = asyncio.get_running_loop().time()
        for _ in range(3):
            writer.write(b"x" * 10_000)
        assert await reader.readexactly(30_000) == b"x" * 30_000
        assert asyncio.get_running_loop().time() - began_s >= 0.05
        writer.close()
        assert relay.up[0].bytes == relay.down[0].bytes == 30_000


async def test_what_is_under_way_arrives_before_the_end() -> None:
    slow = Network(Profile(up=Conditions(delay_ms=30)))
    async with echoing() as (port, came), relaying(port, network=slow) as (door, _relay):
        _reader, writer = await asyncio.open_connection("127.0.0.1", door)
        writer.write(b"goodbye")
        writer.close()
        async with asyncio.timeout(SOON_S):
            assert await came.get() == b"goodbye"
            assert await came.get() == b""


async def test_where_nobody_listens_the_client_gets_a_reset() -> None:
    async with relaying(1) as (door, _relay):
        reader, writer = await asyncio.open_connection("127.0.0.1", door)
        async with asyncio.timeout(SOON_S):
            assert await rest(reader) == b""
        writer.close()
