"""Keeps our clock compared with the client's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from frametalk.trace import ClockOffset
from frametalk.wire.messages import Ping, Pong

EVERY_S = 5.0
FIRST_S = (0.05, 0.2)  # the first turn should find the clocks compared


class ClockSync:
    """Pings the client and answers its pings. `send` takes messages that are not numbered."""

    def __init__(self, send: Callable[[Ping | Pong], None], now: Callable[[], float]) -> None:
        self.offset = ClockOffset()
        self._send = send
        self._now = now

    async def run(self) -> None:
        """Ping soon after the start and then every few seconds, until cancelled."""
        count = 0
        while True:
            self._send(Ping(id=count, t_us=self._now_us()))
            await asyncio.sleep(FIRST_S[count] if count < len(FIRST_S) else EVERY_S)
            count += 1

    def answer(self, ping: Ping) -> None:
        """The client asks for our clock."""
        now_us = self._now_us()
        self._send(Pong(id=ping.id, t_us=ping.t_us, received_us=now_us, sent_us=now_us))

    def take(self, pong: Pong) -> None:
        """The client's answer to a ping of ours."""
        self.offset.add(pong.t_us, pong.received_us, pong.sent_us, self._now_us())

    def _now_us(self) -> int:
        return int(self._now() * 1e6)
