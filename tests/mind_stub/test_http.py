"""One HTTP connection, byte by byte."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from frametalk.mind_stub.http import MAX_BODY_BYTES, HttpConnection, Refused

Pair = tuple[HttpConnection, asyncio.StreamReader, asyncio.StreamWriter]
HOST = b"Host: x\r\n"


@asynccontextmanager
async def connected() -> AsyncIterator[Pair]:
    """The server's connection and the client's two streams."""
    accepted: asyncio.Queue[HttpConnection] = asyncio.Queue()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted.put_nowait(HttpConnection(reader, writer))

    async with await asyncio.start_server(accept, "127.0.0.1", 0) as server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        connection = await accepted.get()
        try:
            yield connection, reader, writer
        finally:
            writer.close()
            await connection.close()
            await connection.close()


async def answer(connection: HttpConnection, text: bytes) -> bool:
    await connection.begin(200, "text/plain")
    await connection.send(text)
    return await connection.end()


async def test_requests_follow_each_other_on_one_connection() -> None:
    async with connected() as (connection, reader, writer):
        writer.write(b"POST /a?x=1 HTTP/1.1\r\n" + HOST + b"Content-Length: 4\r\n\r\nbody")
        first = await connection.request()
        assert first is not None
        assert (first.method, first.path, first.body) == ("POST", "/a", b"body")
        assert await answer(connection, b"one")
        writer.write(b"GET /b HTTP/1.1\r\n" + HOST + b"\r\n")
        second = await connection.request()
        assert second is not None
        assert (second.path, second.body) == ("/b", b"")
        assert await answer(connection, b"two")
        writer.close()
        assert await connection.request() is None
        assert b"3\r\none\r\n0" in await reader.read()


async def test_a_client_that_expects_100_continue_gets_it() -> None:
    async with connected() as (connection, reader, writer):
        head = b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n"
        writer.write(head)
        async with asyncio.TaskGroup() as group:
            request = group.create_task(connection.request())
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100 ")
            writer.write(b"ok")
        received = request.result()
        assert received is not None
        assert received.body == b"ok"


async def test_an_http_1_0_client_gets_one_answer() -> None:
    async with connected() as (connection, reader, writer):
        writer.write(b"GET / HTTP/1.0\r\n\r\n")
        assert await connection.request() is not None
        assert not await answer(connection, b"text")
        await connection.close()
        assert (await reader.read()).endswith(b"\r\n\r\ntext")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"x" * 100_000, 431),
        (b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: two\r\n\r\n", 400),
    ],
)
async def test_invalid_http_is_refused(sent: bytes, status: int) -> None:
    async with connected() as (connection, _reader, writer):
        writer.write(sent)
        with pytest.raises(Refused) as refused:
            await connection.request()
        assert refused.value.status == status
        assert not await answer(connection, b"why")


async def test_a_body_beyond_the_limit_is_refused() -> None:
    async with connected() as (connection, _reader, writer):
        size = 2 * MAX_BODY_BYTES
        writer.write(b"POST / HTTP/1.1\r\n" + HOST + f"Content-Length: {size}\r\n\r\n".encode())
        writer.write(bytes(size))
        with pytest.raises(Refused) as refused:
            await connection.request()
        assert refused.value.status == 413


@pytest.mark.parametrize("bytes_sent", [b"", b"GET / HTTP/1.1\r\n", b"POST / HTTP/1.1\r\nHo"])
async def test_a_client_that_leaves_early_makes_no_request(bytes_sent: bytes) -> None:
    async with connected() as (connection, _reader, writer):
        writer.write(bytes_sent)
        writer.close()
        if bytes_sent:
            with pytest.raises(Refused):
                await connection.request()
        else:
            assert await connection.request() is None


async def test_a_client_that_leaves_is_noticed() -> None:
    async with connected() as (connection, _reader, writer):
        writer.write(b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")
        await connection.request()
        writer.transport.abort()
        await connection.gone()


async def test_bytes_during_an_answer_belong_to_the_next_request() -> None:
    async with connected() as (connection, _reader, writer):
        writer.write(b"GET /a HTTP/1.1\r\n" + HOST + b"\r\n")
        await connection.request()
        async with asyncio.TaskGroup() as group:
            gone = group.create_task(connection.gone())
            writer.write(b"GET /b HTTP/1.1\r\n" + HOST + b"\r\n")
            await writer.drain()
            await answer(connection, b"one")
            gone.cancel()
        request = await connection.request()
        assert request is not None
        assert request.path == "/b"


async def test_a_reset_raises_at_the_client() -> None:
    async with connected() as (connection, reader, writer):
        writer.write(b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")
        await connection.request()
        await connection.begin(200, "text/plain")
        await reader.readuntil(b"\r\n\r\n")
        connection.reset()
        with pytest.raises(ConnectionError):
            await reader.read()
