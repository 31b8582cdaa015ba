from __future__ import annotations

import asyncio

import pytest

from frametalk.errors import FrametalkError
from frametalk.transports import websocket_client
from frametalk.transports.http import Page
from frametalk.transports.websocket_client import connect
from frametalk.transports.websocket_server import listen
from linked import end_of, listening

pytestmark = pytest.mark.real


@pytest.mark.parametrize("path", ["", "/", "/v1"])
async def test_the_path_may_be_omitted(path: str) -> None:
    async with listening() as door:
        client = await connect(f"ws://127.0.0.1:{door.port}{path}")
        assert (await door.links.get()).peer.startswith("127.0.0.1:")
        await client.close()


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("ws://127.0.0.1:1", "refused|Connect call failed"),
        ("http://127.0.0.1:1", "not a WebSocket address"),
        ("127.0.0.1:8765", "not a WebSocket address"),
        ("ws://", "not a WebSocket address"),
    ],
)
async def test_an_unreachable_server_is_an_error_with_a_remedy(url: str, text: str) -> None:
    with pytest.raises(FrametalkError, match=text) as failure:
        await connect(url)
    assert failure.value.code == "cannot_connect"
    assert failure.value.remedy


async def test_a_refusal_contains_the_servers_text() -> None:
    page = Page(503, b"The server is stopping.\n")
    async with listen(end_of, lambda _: page, host="127.0.0.1", port=0, stalled_ms=1000) as port:
        with pytest.raises(FrametalkError, match=r"HTTP 503: The server is stopping\."):
            await connect(f"ws://127.0.0.1:{port}")


async def test_a_server_of_another_protocol_is_an_error() -> None:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ready\r\n")
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(FrametalkError) as failure:
            await connect(f"ws://127.0.0.1:{port}")
    assert failure.value.code == "cannot_connect"


async def test_a_server_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket_client, "CONNECT_TIMEOUT_S", 0.02)
    finished = asyncio.Event()

    async def keep_silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await finished.wait()
        writer.close()

    server = await asyncio.start_server(keep_silent, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(FrametalkError, match="no answer in time"):
            await connect(f"ws://127.0.0.1:{port}")
        finished.set()
