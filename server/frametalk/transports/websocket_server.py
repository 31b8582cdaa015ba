"""Accepts WebSocket links, and answers plain HTTP on the same port."""

from __future__ import annotations

import http
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from functools import partial

from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request as HandshakeRequest
from websockets.http11 import Response

from frametalk.errors import Fault, FrametalkError, Stage
from frametalk.transports.http import Answer, Page, Request, origin_allowed
from frametalk.transports.intake import Pace
from frametalk.transports.websocket import (
    OPTIONS,
    PATH,
    PINGS,
    QUIET_PINGS,
    Pings,
    ServerSide,
    WebSocketLink,
)
from frametalk.wire.codec import client_codec

HANDSHAKE_TIMEOUT_S = 5.0

OnLink = Callable[[WebSocketLink], Awaitable[None]]

_UPGRADE_REQUIRED = Page(
    426,
    b"This is the address of frametalk's WebSocket.\n"
    b"Connect with a game client, or `frametalk simulate hello --server URL`.\n",
)
_WRONG_METHOD = Page(405, b"Use GET or HEAD.\n", headers={"Allow": "GET, HEAD"})
_REPEATED = Page(400, b"Host or Origin is there more than once.\n")
_WRONG_PATH = Page(404, f"Not found. The WebSocket is at {PATH}.\n".encode())
_ORIGIN_REFUSED = Page(
    403,
    b"origin_refused: a page of another site may not connect.\n"
    b"Serve the page from this machine, or list its origin in the setting server.origins.\n",
)


@asynccontextmanager
async def listen(
    on_link: OnLink,
    answer: Answer,
    *,
    host: str,
    port: int,
    stalled_ms: float,
    pings: Pings = PINGS,
    origins: Collection[str] = (),
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[int]:
    """Accept links while the context is open; yields the port, a free one if `port` is 0.

    `on_link` runs in a task of its own for each link, which ends with it. `answer` is called first for
    every request. Pages of `origins` may connect too. A client from which nothing comes for two of the
    `pings` is quiet; one that does not answer in their time is disconnected with 1011. Leaving the context
    closes the remaining links with 1001 and waits for each `on_link` to return. Raises FrametalkError
    `cannot_listen`.
    """

    class Accepted(ServerSide):
        """A connection of this server."""

        crowd = Pace()

    async def handle(connection: ServerConnection) -> None:
        assert isinstance(connection, ServerSide)  # noqa: S101  (create_connection says so)
        link = WebSocketLink(
            connection,
            client_codec,
            json=None,
            stalled_reason="client_stalled",
            stalled_ms=stalled_ms,
        )
        link.watch(QUIET_PINGS * pings.every_ms / 1000)
        await on_link(link)

    try:
        server = await serve(
            handle,
            host,
            port,
            process_request=partial(_process_request, answer, origins),
            create_connection=Accepted,
            ssl=tls,
            open_timeout=HANDSHAKE_TIMEOUT_S,
            server_header=None,
            **{**OPTIONS, **pings.options},
        )
    except OSError as error:
        raise FrametalkError(
            "cannot_listen",
            f"cannot listen on {host} port {port}: {error.strerror or error}",
            stage=Stage.LINK,
            fault=Fault.USER,
            remedy="stop the other server there, or use `--port 0` for any free port",
            fatal=True,
        ) from None
    async with server:
        yield next(iter(server.sockets)).getsockname()[1]


def _process_request(
    answer: Answer,
    origins: Collection[str],
    connection: ServerConnection,
    request: HandshakeRequest,
) -> Response | None:
    """The page for a request; None continues with the upgrade."""
    page = _page(answer, origins, connection, request)
    return None if page is None else _response(page, with_body=request.method != "HEAD")


def _page(
    answer: Answer,
    origins: Collection[str],
    connection: ServerConnection,
    request: HandshakeRequest,
) -> Page | None:
    headers = request.headers
    if request.method not in {"GET", "HEAD"}:
        return _WRONG_METHOD
    if any(len(headers.get_all(name)) > 1 for name in ("Host", "Origin")):
        return _REPEATED
    path, _, query = request.path.partition("?")
    upgrade = request.method == "GET" and "websocket" in _header(headers, "Upgrade").lower()
    accepted, known = _header(headers, "Accept-Encoding"), _header(headers, "If-None-Match")
    address = connection.remote_address
    page = answer(
        Request(
            path,
            upgrade,
            accept_encoding=accepted,
            if_none_match=known,
            authorization=_header(headers, "Authorization"),
            address=str(address[0]) if address else "",
            query=query,
        )
    )
    return _refusal(path, upgrade, headers, origins) if page is None else page


def _header(headers: Headers, name: str) -> str:
    """A header's value; several headers of one name become a list."""
    return ", ".join(headers.get_all(name))


def _refusal(path: str, upgrade: bool, headers: Headers, origins: Collection[str]) -> Page | None:
    if path != PATH:
        return _WRONG_PATH
    if not upgrade:
        return _UPGRADE_REQUIRED
    allowed = origin_allowed(headers.get("Origin"), headers.get("Host", ""), origins)
    return None if allowed else _ORIGIN_REFUSED


def _response(page: Page, *, with_body: bool) -> Response:
    headers = Headers(
        {
            "Connection": "close",
            "Content-Type": page.content_type,
            "Content-Length": str(len(page.body)),
            "Cache-Control": "no-store",
            **page.headers,
        }
    )
    return Response(
        page.status, http.HTTPStatus(page.status).phrase, headers, page.body if with_body else b""
    )
