"""The client's end of a link: greeting, pings, acknowledgements, the server's sequence numbers."""

from __future__ import annotations

import asyncio

from frametalk.errors import Fault, FrametalkError, Stage
from frametalk.headless.clock import Clock
from frametalk.transports.link import BadInput, Link, LinkClosed
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, UnknownMessage

ACK_EVERY_S = 1.0
ACKS_PER_PING = 5
WELCOME_TIMEOUT_S = 10.0


class Connection:
    """Joins a server and keeps the link alive. `violations`: where the server broke the wire's rules."""

    def __init__(self, link: Link, clock: Clock) -> None:
        self.violations: list[str] = []
        self._link = link
        self._clock = clock
        self._seq = 0

    async def join(self, hello: m.Hello) -> m.Welcome:
        """Send `hello`; return the server's welcome. Raises FrametalkError when there is none."""
        self._link.send(hello)
        try:
            async with asyncio.timeout(WELCOME_TIMEOUT_S):
                while True:
                    message = await self.receive()
                    if isinstance(message, m.Welcome):
                        return message
                    if isinstance(message, m.Error):
                        raise _refused(f"{message.code}: {message.text}", message.remedy)
        except (TimeoutError, LinkClosed) as end:
            raise _refused(str(end) or "no welcome in time") from None

    async def receive(self) -> Media | m.AnyMessage:
        """The next frame or message for the game. Pings are answered here. Raises LinkClosed at the end."""
        while True:
            inbound = await self._link.receive()
            if isinstance(inbound, BadInput):
                self.violations.append(f"{inbound.ref or 'a message'}: {inbound.error}")
                continue
            if isinstance(inbound, UnknownMessage):
                continue
            if isinstance(inbound, m.ServerMessage | m.Error):
                self._count(inbound)
            if isinstance(inbound, m.Ping):
                self._pong(inbound)
            elif not isinstance(inbound, m.Pong):
                return inbound

    async def keep_alive(self) -> None:
        """Acknowledge every second, and ping every few seconds, until cancelled."""
        count = 0
        while True:
            if count % ACKS_PER_PING == 0:
                self._link.send(m.Ping(id=count // ACKS_PER_PING, t_us=self._clock.now_us()))
            self._link.send(m.Ack(acked=self._seq))
            count += 1
            await self._clock.until(self._clock.now_s() + ACK_EVERY_S)

    def _count(self, message: m.ServerMessage | m.Error) -> None:
        if message.seq != self._seq + 1:
            self.violations.append(f"seq {message.seq} follows {self._seq}")
        self._seq = message.seq

    def _pong(self, ping: m.Ping) -> None:
        now_us = self._clock.now_us()
        self._link.send(m.Pong(id=ping.id, t_us=ping.t_us, received_us=now_us, sent_us=now_us))


def _refused(text: str, remedy: str = "see the server's log") -> FrametalkError:
    return FrametalkError(
        "cannot_join",
        f"the server did not accept the connection: {text}",
        stage=Stage.LINK,
        fault=Fault.SERVER,
        remedy=remedy,
        fatal=True,
    )
