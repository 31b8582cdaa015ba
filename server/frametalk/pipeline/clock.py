"""Keeps the offset between the server's clock and the client's."""

from __future__ import annotations

import asyncio

from frametalk.clock_offset import ClockOffset
from frametalk.context import SessionContext
from frametalk.wire.messages import Ping, Pong

EVERY_S = 5.0
KEPT = 4  # pings whose pong is still accepted
FIRST_S = (0.05, 0.2)  # the offset should be known before the first turn


class ClockSync:
    """Pings the client and answers its pings."""

    def __init__(self, context: SessionContext) -> None:
        self.offset = ClockOffset()
        self._context = context
        self._sent: dict[int, int] = {}  # id -> t_us

    async def run(self) -> None:
        """Ping soon after the start and then every few seconds, until cancelled."""
        count = 0
        while True:
            self._sent[count] = t_us = self._now_us()
            self._sent.pop(count - KEPT, None)
            self._context.send_clock(Ping(id=count, t_us=t_us))
            await asyncio.sleep(FIRST_S[count] if count < len(FIRST_S) else EVERY_S)
            count += 1

    def answer(self, ping: Ping) -> None:
        """Answer a ping of the client's."""
        now_us = self._now_us()
        self._context.send_clock(
            Pong(id=ping.id, t_us=ping.t_us, received_us=now_us, sent_us=now_us)
        )

    def take(self, pong: Pong) -> None:
        """The client's answer to a ping of ours; a pong for an unknown ping is ignored."""
        if self._sent.pop(pong.id, None) != pong.t_us:
            return
        self.offset.add(pong.t_us, pong.received_us, pong.sent_us, self._now_us())

    def _now_us(self) -> int:
        return int(self._context.now() * 1e6)
