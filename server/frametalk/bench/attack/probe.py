"""Sends bad inputs to a server, each over a connection of its own, and reads what comes of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from frametalk.bench.attack.inputs import HELLO, Input, packed
from frametalk.transports.websocket import PATH

ANSWER_S = 8.0
PING = 77
CLOSED_BY_ERROR = frozenset({"1008", "1009"})


class Wrong(msgspec.Struct, frozen=True):
    """An input that had another outcome than the wire's page promises.

    `got`: codes of errors, how the session ended, why replies ended, and what `welcome.consent` had.
    """

    name: str
    expected: str
    got: list[str]


@dataclass(slots=True)
class _Seen:
    """What a server sent."""

    codes: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    consent: dict[str, bool] = field(default_factory=dict)
    ended: str = ""

    def add(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "error":
                self.codes.append(message["code"])
            case "reply.end":
                self.answered.append(message.get("reason", "finished"))
            case "welcome":
                self.consent = message.get("consent", {})

    def is_right(self, one: Input) -> bool:
        right_end = self.ended in CLOSED_BY_ERROR if one.fatal else not self.ended
        right_code = one.code in self.codes if one.code else not self.codes
        right_answer = self.answered == [one.answered] if one.answered else True
        consent = all(self.consent.get(key, False) == value for key, value in one.consent)
        return right_end and right_code and right_answer and consent

    def words(self, one: Input) -> list[str]:
        consent = [f"{key}={self.consent.get(key, False)}" for key, _value in one.consent]
        answered = self.answered if one.answered else []
        return [*self.codes[:4], *filter(None, [self.ended]), *answered, *consent]


async def wrong(url: str, one: Input) -> Wrong | None:
    """What was wrong with the outcome of an input; None if nothing was.

    The session must go on after it, or end if the error is fatal.
    """
    seen = _Seen()
    async with connect(url + PATH, compression=None, max_size=None, proxy=None) as socket:
        try:
            async with asyncio.timeout(ANSWER_S):
                await _send(socket, one, seen)
        except TimeoutError:
            seen.ended = "no answer"
        except ConnectionClosed:
            pass
        closed = socket.close_code
    if not seen.ended and closed is not None:
        seen.ended = str(closed)
    expected = [one.code, one.answered, *(f"{key}={value}" for key, value in one.consent)]
    promised = ", ".join(filter(None, expected))
    return None if seen.is_right(one) else Wrong(one.name, promised, seen.words(one))


async def _send(socket: ClientConnection, one: Input, seen: _Seen) -> None:
    if one.greeted:
        await socket.send(packed(HELLO))
        await _until(socket, seen, lambda message: message["type"] == "welcome")
    for frame in one.frames:
        await socket.send(frame)
    # Messages are handled in order, so what an input causes has come when this is answered.
    await socket.send(packed({"type": "ping", "id": PING, "t_us": 0}))
    await _until(socket, seen, lambda message: message.get("id") == PING and not one.fatal)
    if one.answered and not seen.answered:
        await _until(socket, seen, lambda message: message["type"] == "reply.end")


async def _until(
    socket: ClientConnection, seen: _Seen, found: Callable[[dict[str, Any]], bool]
) -> None:
    """Read messages up to the one that is `found`."""
    while True:
        message = _message(await socket.recv())
        seen.add(message)
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
