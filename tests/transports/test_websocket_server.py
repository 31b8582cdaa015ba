from __future__ import annotations

import asyncio

import pytest

from frametalk.errors import FrametalkError
from frametalk.transports import websocket_server
from frametalk.transports.http import Page, Request
from frametalk.transports.websocket import WebSocketLink
from frametalk.transports.websocket_server import listen
from limits import SOON_S
from linked import end_of, listening, no_pages
from sockets import get, open_peer

pytestmark = pytest.mark.real

UPGRADE = "Upgrade: websocket\r\nConnection: Upgrade\r\n"


async def leave(link: WebSocketLink) -> None:
    """Close the link at once."""
    await link.close()


async def test_pages_come_from_the_callers_answer() -> None:
    requests: list[Request] = []

    def answer(request: Request) -> Page | None:
        requests.append(request)
        return Page(200, b"{}", "application/json") if request.path == "/here" else None

    async with listen(leave, answer, host="127.0.0.1", port=0, stalled_ms=1000) as port:
        assert await get(port, "/here?token=x") == (200, "application/json", b"{}")
        status, content_type, body = await get(port, "/there")
        assert (status, content_type) == (404, "text/plain; charset=utf-8")
        assert b"/v1" in body
        assert (await get(port, "/there", UPGRADE))[0] == 404
    assert requests == [
        Request("/here", upgrade=False, address="127.0.0.1", query="token=x"),
        Request("/there", upgrade=False, address="127.0.0.1"),
        Request("/there", upgrade=True, address="127.0.0.1"),
    ]


async def test_a_browser_at_the_websockets_path_gets_an_explanation() -> None:
    async with listening() as door:
        status, _, body = await get(door.port, "/v1")
        assert status == 426
        assert b"WebSocket" in body


async def raw(port: int, request: str) -> bytes:
    """Everything that the server answers to a request."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request.encode())
    async with asyncio.timeout(SOON_S):
        answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


async def test_head_gets_the_headers_of_get_without_the_body() -> None:
    def answer(request: Request) -> Page | None:
        return Page(200, b"hello")

    async with listen(leave, answer, host="127.0.0.1", port=0, stalled_ms=1000) as port:
        head, body = (await raw(port, "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")).split(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200")
        assert b"Content-Length: 5" in head
        assert body == b""


@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST", "OPTIONS", "TRACE", "PATCH", "get"])
async def test_other_methods_are_refused(method: str) -> None:
    async with listening() as door:
        answer = await raw(door.port, f"{method} /v1 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 405")
        assert b"Allow: GET, HEAD" in answer


@pytest.mark.parametrize("name", ["Origin", "Host"])
async def test_a_repeated_header_that_decides_who_may_connect_is_refused(name: str) -> None:
    headers = f"{name}: http://localhost\r\n{name}: http://evil.example\r\n"
    async with listening() as door:
        answer = await raw(door.port, f"GET /v1 HTTP/1.1\r\n{headers}{UPGRADE}\r\n")
        assert answer.startswith(b"HTTP/1.1 400")


async def test_pages_of_other_sites_are_refused_and_those_of_this_machine_are_not() -> None:
    async with listening() as door:
        headers = "Origin: https://evil.example\r\n"
        async with open_peer(door.port, headers=headers) as refused:
            assert refused.response.startswith(b"HTTP/1.1 403")
        headers = f"Origin: http://127.0.0.1:{door.port}\r\n"
        async with open_peer(door.port, headers=headers) as allowed:
            assert allowed.response.startswith(b"HTTP/1.1 101")
            await door.links.get()


async def test_neither_compression_nor_a_subprotocol_is_accepted() -> None:
    headers = "Sec-WebSocket-Extensions: permessage-deflate\r\nSec-WebSocket-Protocol: chat\r\n"
    async with listening() as door, open_peer(door.port, headers=headers) as peer:
        await door.links.get()
        fields = peer.response.lower()
        assert fields.startswith(b"http/1.1 101")
        assert b"sec-websocket-extensions" not in fields
        assert b"sec-websocket-protocol" not in fields
        assert b"server:" not in fields


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x16\x03\x01\x02\x00\x01\x00",  # TLS
        b"GET\r\n\r\n",
        b"POST /v1 HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
        b"GET /v1 HTTP/1.1\r\n" + b"X: y\r\n" * 1000 + b"\r\n",
        b"GET /" + b"a" * 100_000,
    ],
)
async def test_a_bad_handshake_is_disconnected(request_bytes: bytes) -> None:
    async with listening() as door:
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        writer.write(request_bytes)
        if not request_bytes.startswith((b"GET", b"POST")):
            writer.write_eof()
        try:
            async with asyncio.timeout(SOON_S):
                assert b" 101 " not in await reader.read()
        except ConnectionResetError:
            pass
        writer.close()
        async with open_peer(door.port) as peer:
            assert peer.response.startswith(b"HTTP/1.1 101")
            await door.links.get()


async def test_a_slow_handshake_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket_server, "HANDSHAKE_TIMEOUT_S", 0.02)
    async with listening() as door:
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        writer.write(b"GET /v1 HTTP/1.1\r\nHost:")
        async with asyncio.timeout(SOON_S):
            assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()


async def test_leaving_closes_links_with_1001_and_waits_for_their_handlers() -> None:
    ended: list[int] = []

    async def until_the_end(link: WebSocketLink) -> None:
        ended.append((await end_of(link)).code)

    async with listen(until_the_end, no_pages, host="127.0.0.1", port=0, stalled_ms=1000) as port:
        peers = [open_peer(port), open_peer(port)]
        for peer in peers:
            await peer.__aenter__()
    assert ended == [1001, 1001]
    for peer in peers:
        await peer.__aexit__(None, None, None)


async def test_a_port_in_use_is_an_error_with_a_remedy() -> None:
    async with listening() as door:
        with pytest.raises(FrametalkError, match=f"port {door.port}") as failure:
            async with listen(leave, no_pages, host="127.0.0.1", port=door.port, stalled_ms=1000):
                pass
        assert failure.value.code == "cannot_listen"
        assert "--port" in failure.value.remedy
