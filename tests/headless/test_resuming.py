"""The client's side of resuming: what it says, what it sends again, when it ends. On virtual time."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from frametalk.errors import FrametalkError, Stage
from frametalk.headless.clock import Clock
from frametalk.headless.resuming import Resumed, ResumingLink
from frametalk.tasks import Tasks
from frametalk.transports.link import LinkClosed
from frametalk.transports.memory import MemoryLink, memory_pair
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, MediaKind
from headless_server import LIMITS, RATE_HZ
from home import break_link

pytestmark = pytest.mark.looptime

KEEPS = msgspec.structs.replace(LIMITS, resume_ms=60_000, pause_ms=600_000)


def welcome(token: str, **fields: Any) -> m.Welcome:
    usual: dict[str, Any] = {"mic_rates_hz": (16_000,), "rate_hz": RATE_HZ, "limits": KEEPS}
    return m.Welcome(
        protocol=1, session="s", character="smith", resume=token, **{**usual, **fields}
    )


def frame(number: int) -> Media:
    return Media(MediaKind.PCM16, 1, number, number * 320, bytes(640))


class Doors:
    """Connections whose server's ends the test plays."""

    def __init__(self) -> None:
        self.servers: asyncio.Queue[MemoryLink] = asyncio.Queue()
        self.clients: list[MemoryLink] = []
        self.open = True
        self.resumed: list[Resumed] = []
        self.tasks = Tasks(lambda _name, _error: None)

    async def reopen(self) -> MemoryLink:
        if not self.open:
            raise FrametalkError("cannot_connect", "no server", stage=Stage.LINK)
        server, client = memory_pair()
        self.clients.append(client)
        self.servers.put_nowait(server)
        return client

    async def next_server(self) -> MemoryLink:
        """The server's end of the next connection."""
        async with asyncio.timeout(100):
            return await self.servers.get()

    async def joined(self) -> tuple[ResumingLink, MemoryLink]:
        """A client that has joined, and its server's end."""
        clock = Clock(asyncio.get_running_loop().time)
        link = ResumingLink(
            await self.reopen(), self.reopen, clock, lambda: (3, 500), self.resumed.append
        )
        server = await self.next_server()
        link.send(m.Hello(protocol=1, features=("resume",)))
        await server.receive()
        server.send(welcome("t1", seq=1))
        await link.receive()
        return link, server


async def received(server: MemoryLink, count: int) -> list[Any]:
    return [await server.receive() for _ in range(count)]


async def test_it_says_how_far_it_is_and_sends_what_is_lacking() -> None:
    doors = Doors()
    link, server = await doors.joined()
    link.send(m.MicStart(stream=1, rate_hz=16_000))
    for number in range(3):
        link.send_media(frame(number))
    link.send(m.Say(text="hello"))
    link.send(m.Ack(acked=1))
    server.send(m.SceneAck(seq=2, rev=1))
    await link.receive()
    break_link(doors.clients[-1])
    waiting = doors.tasks.start(link.receive(), "client")
    again = await doors.next_server()
    hello = await again.receive()
    assert (hello.resume, hello.features) == ("t1", ("resume",))
    assert hello.resume_from == m.ResumeFrom(
        received=2, sent=2, mic_sample=960, reply=3, played=500
    )
    again.send(welcome("t2", resumed=True, received=1, mic_sample=640))
    again.send(m.SceneAck(seq=2, rev=1))  # it has this one
    again.send(m.SceneAck(seq=3, rev=2))
    assert await waiting == m.SceneAck(seq=3, rev=2)
    assert await received(again, 2) == [frame(2), m.Say(text="hello")]
    assert [resumed.closed.code for resumed in doors.resumed] == [1006]


async def test_a_connection_that_only_seems_to_be_there_is_left_after_three_seconds() -> None:
    doors = Doors()
    link, server = await doors.joined()
    waiting = doors.tasks.start(link.receive(), "client")
    await asyncio.sleep(10)
    link.send(m.Ack(acked=1))  # the server does not answer
    began_s = asyncio.get_running_loop().time()
    again = await doors.next_server()
    assert 3.0 <= asyncio.get_running_loop().time() - began_s <= 6.0
    await again.receive()
    again.send(welcome("t2", resumed=True))
    again.send(m.SceneAck(seq=2, rev=1))
    assert await waiting == m.SceneAck(seq=2, rev=1)
    assert [resumed.closed.reason for resumed in doors.resumed] == ["quiet"]
    assert await received(server, 1) == [m.Ack(acked=1)]
    with pytest.raises(LinkClosed, match="1001"):
        await server.receive()
    await link.close()


async def test_a_server_that_answers_each_second_is_not_left() -> None:
    doors = Doors()
    link, server = await doors.joined()
    waiting = doors.tasks.start(link.receive(), "client")
    for _ in range(20):
        link.send(m.Ack(acked=1))
        await asyncio.sleep(1)
        server.send(m.Received(messages=0))
    assert doors.resumed == []
    assert len(doors.clients) == 1
    waiting.cancel()


async def test_what_is_sent_meanwhile_is_sent_later() -> None:
    doors = Doors()
    link, _server = await doors.joined()
    doors.open = False
    break_link(doors.clients[-1])
    waiting = doors.tasks.start(link.receive(), "client")
    await asyncio.sleep(3)
    link.send(m.Say(text="are you there"))
    doors.open = True
    again = await doors.next_server()
    await again.receive()
    again.send(welcome("t2", resumed=True))
    assert await again.receive() == m.Say(text="are you there")
    waiting.cancel()


async def test_a_session_that_is_not_resumed_ends() -> None:
    doors = Doors()
    link, _server = await doors.joined()
    break_link(doors.clients[-1])
    waiting = doors.tasks.start(link.receive(), "client")
    again = await doors.next_server()
    await again.receive()
    again.send(welcome("t9", seq=1, not_resumed="resume_expired"))
    with pytest.raises(LinkClosed, match="resume_expired"):
        await waiting
    assert isinstance(await again.receive(), m.Bye)


async def test_a_server_that_takes_nothing_for_a_while_is_left_alone_so_long() -> None:
    doors = Doors()
    link, _server = await doors.joined()
    break_link(doors.clients[-1])
    waiting = doors.tasks.start(link.receive(), "client")
    busy = await doors.next_server()
    await busy.receive()
    busy.send(m.Error(code="server_busy", fatal=True, retry_after_ms=7_000))
    await busy.close(1013, "server_busy")
    began_s = asyncio.get_running_loop().time()
    again = await doors.next_server()
    assert asyncio.get_running_loop().time() - began_s == pytest.approx(7, abs=0.1)
    await again.receive()
    again.send(welcome("t2", resumed=True))
    again.send(m.SceneAck(seq=2, rev=1))
    assert await waiting == m.SceneAck(seq=2, rev=1)


@pytest.mark.parametrize("code", [1000, 1001, 1008])
async def test_an_end_is_an_end(code: int) -> None:
    doors = Doors()
    link, server = await doors.joined()
    await server.close(code, "bye")
    with pytest.raises(LinkClosed, match="bye"):
        await link.receive()
    assert doors.servers.empty()


async def test_it_gives_up_when_the_session_has_ended_for_certain() -> None:
    doors = Doors()
    link, _server = await doors.joined()
    doors.open = False
    break_link(doors.clients[-1])
    with pytest.raises(LinkClosed):
        await link.receive()
    assert 58 < asyncio.get_running_loop().time() <= 60


async def test_a_game_that_stands_still_is_waited_for() -> None:
    doors = Doors()
    link, _server = await doors.joined()
    link.send(m.Pause(for_ms=120_000))
    doors.open = False
    break_link(doors.clients[-1])
    with pytest.raises(LinkClosed):
        await link.receive()
    assert 118 < asyncio.get_running_loop().time() <= 120
