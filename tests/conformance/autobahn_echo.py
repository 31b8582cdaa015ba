"""An echo on a free port of loopback, until it is killed: autobahn_echo.py plain|asyncio|uvloop.

`plain` is websockets by itself; the others are frametalk's own listening, on either event loop. It prints
its URL. No case expects a ping from the server, so frametalk pings as seldom as websockets does by default.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from contextlib import suppress

import uvloop
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from frametalk.transports.link import LinkClosed
from frametalk.transports.outbox import Packet
from frametalk.transports.websocket import PATH, Pings, WebSocketLink
from frametalk.transports.websocket_server import listen

HOST = "127.0.0.1"
DEFAULT_PING_S = 20  # of websockets


async def echo_plain(connection: ServerConnection) -> None:
    with suppress(ConnectionClosed):
        async for message in connection:
            await connection.send(message)


async def echo_link(link: WebSocketLink) -> None:
    """Send back each message through the link's queue, but leave it undecoded."""
    link._read = lambda data: data  # type: ignore[method-assign,assignment,return-value]
    with suppress(LinkClosed):
        while True:
            data = await link.receive()
            text = isinstance(data, str)
            link._put(Packet(data.encode() if text else data, text=text))  # type: ignore[union-attr,arg-type]
    await link.close()


async def run_plain() -> None:
    async with serve(echo_plain, HOST, 0, compression=None, max_size=None) as server:
        print(f"ws://{HOST}:{server.sockets[0].getsockname()[1]}/", flush=True)
        await server.serve_forever()


async def run_frametalk() -> None:
    pings = Pings(every_ms=DEFAULT_PING_S * 1000)
    async with listen(
        echo_link, lambda _: None, host=HOST, port=0, stalled_ms=5_000, pings=pings
    ) as port:
        print(f"ws://{HOST}:{port}{PATH}", flush=True)
        await asyncio.Future()


if __name__ == "__main__":
    # websockets logs each connection that a case spoils.
    logging.disable(logging.CRITICAL)
    match sys.argv[1]:
        case "plain":
            asyncio.run(run_plain())
        case "asyncio":
            asyncio.run(run_frametalk())
        case "uvloop":
            uvloop.run(run_frametalk())
