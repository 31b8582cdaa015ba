"""Sends bad inputs to a server, each over a connection of its own, and reads what comes of them."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from frametalk.bench.attack.inputs import HELLO, Input, packed
from frametalk.transports.websocket import PATH

ANSWER_S = 8.0
PING = 77
CLOSED_BY_ERROR = frozenset({1008, 1009})


class Wrong(msgspec.Struct, frozen=True):
    """An input that had another outcome than the wire's page promises."""

    name: str
    expected: str
    codes: list[str]
    ended: str


async def wrong(url: str, one: Input) -> Wrong | None:
    """What was wrong with the outcome of an input; None if nothing was.

    The session must go on after it, or end if the error is fatal.
    """
    codes: list[str] = []
    ended = ""
    async with connect(url + PATH, compression=None, max_size=None, proxy=None) as socket:
        try:
            async with asyncio.timeout(ANSWER_S):
                await _send(socket, one, codes)
        except TimeoutError:
            ended = "no answer"
        except ConnectionClosed:
            pass
        closed = socket.close_code
    if not ended and closed is not None:
        ended = str(closed)
    right_end = closed in CLOSED_BY_ERROR if one.fatal else not ended
    right_code = one.code in codes if one.code else not codes
    return None if right_end and right_code else Wrong(one.name, one.code, codes[:4], ended)


async def _send(socket: ClientConnection, one: Input, codes: list[str]) -> None:
    if one.greeted:
        await socket.send(packed(HELLO))
        await _until(socket, codes, lambda message: message["type"] == "welcome")
    for frame in one.frames:
        await socket.send(frame)
    # Messages are handled in order, so what an input causes has come when this is answered.
    await socket.send(packed({"type": "ping", "id": PING, "t_us": 0}))
    await _until(socket, codes, lambda message: message.get("id") == PING and not one.fatal)


async def _until(socket: ClientConnection, codes: list[str], found: Any) -> None:
    """Read messages up to the one that is `found`; collect the codes of errors."""
    while True:
        message = _message(await socket.recv())
        if message["type"] == "error":
            codes.append(message["code"])
        if found(message):
            return


def _message(frame: bytes | str) -> dict[str, Any]:
    """A control message; media frames have the type `media`."""
    if isinstance(frame, str):
        text: dict[str, Any] = msgspec.json.decode(frame)
        return text
    if frame[0] < 0x80:  # noqa: PLR2004  (the wire's page: media)
        return {"type": "media"}
    message: dict[str, Any] = msgspec.msgpack.decode(frame)
    return message
