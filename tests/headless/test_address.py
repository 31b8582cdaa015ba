"""Where the client connects after a goaway with a url. On virtual time."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from frametalk.errors import FrametalkError, Stage
from frametalk.headless.address import ATTEMPTS, Address
from frametalk.headless.clock import Clock
from frametalk.headless.resuming import ResumingLink
from frametalk.tasks import Tasks
from frametalk.transports.link import LinkClosed
from frametalk.transports.memory import MemoryLink, memory_pair
from frametalk.wire import messages as m
from headless_server import LIMITS, RATE_HZ

pytestmark = pytest.mark.looptime

HERE = "ws://here:1"
NEXT = "ws://next:9000"
KEEPS = msgspec.structs.replace(LIMITS, resume_ms=60_000)


def welcome(token: str, *, seq: int = 0, resumed: bool = False) -> m.Welcome:
    return m.Welcome(
        protocol=1,
        session="s",
        character="smith",
        mic_rates_hz=(16_000,),
        rate_hz=RATE_HZ,
        limits=KEEPS,
        resume=token,
        resumed=resumed,
        seq=seq,
    )


def moved(url: str, at: str = HERE) -> Address:
    address = Address(at)
    assert address.leave(m.GoAway(url=url)) == ""
    return address


def test_without_a_goaway_it_is_the_games_address() -> None:
    address = Address(HERE)
    assert [address.next() for _ in range(20)] == [HERE] * 20


@pytest.mark.parametrize("url", [NEXT, "wss://next.example", "WSS://next.example/talk"])
def test_a_goaway_names_the_address_of_the_next_connections(url: str) -> None:
    address = moved(url)
    assert address.next() == url
    address.answered()
    assert address.next() == url


def test_an_empty_url_is_the_same_address() -> None:
    address = moved(NEXT)
    assert address.leave(m.GoAway()) == ""
    assert address.current == NEXT


@pytest.mark.parametrize(
    ("at", "url", "wrong"),
    [
        (HERE, "http://next:9000", "neither ws:// nor wss://"),
        (HERE, "next:9000", "neither ws:// nor wss://"),
        (HERE, "ws://", "neither ws:// nor wss://"),
        (HERE, "ws://[next", "neither ws:// nor wss://"),
        ("wss://here", NEXT, "from wss:// to ws://"),
    ],
)
def test_another_url_is_refused(at: str, url: str, wrong: str) -> None:
    address = Address(at)
    assert wrong in address.leave(m.GoAway(url=url))
    assert address.next() == at


def test_encryption_is_not_left_in_two_steps() -> None:
    address = moved("wss://next.example", at="wss://here")
    assert address.leave(m.GoAway(url=NEXT)) != ""
    assert address.current == "wss://next.example"


def test_after_five_attempts_without_an_answer_it_is_the_games_address_again() -> None:
    address = moved(NEXT)
    assert [address.next() for _ in range(ATTEMPTS + 2)] == [NEXT] * ATTEMPTS + [HERE] * 2


def test_attempts_that_were_answered_do_not_count() -> None:
    address = moved(NEXT)
    for _ in range(2 * ATTEMPTS):
        assert address.next() == NEXT
        address.answered()


class Doors:
    """Servers by their addresses; an address that is not among them does not answer."""

    def __init__(self, *urls: str) -> None:
        self.servers: dict[str, asyncio.Queue[MemoryLink]] = {url: asyncio.Queue() for url in urls}
        self.address = Address(HERE)
        self.asked: list[str] = []
        self.tasks = Tasks(lambda _name, _error: None)

    async def open(self) -> MemoryLink:
        url = self.address.next()
        self.asked.append(url)
        if url not in self.servers:
            raise FrametalkError("cannot_connect", "no server", stage=Stage.LINK)
        server, client = memory_pair()
        self.servers[url].put_nowait(server)
        return client

    async def next_at(self, url: str) -> MemoryLink:
        async with asyncio.timeout(100):
            return await self.servers[url].get()

    async def sent_to(self, url: str) -> tuple[ResumingLink, MemoryLink]:
        """A client that has joined here and was sent to `url`, and its server's end."""
        clock = Clock(asyncio.get_running_loop().time)
        link = ResumingLink(await self.open(), self.open, clock, lambda: None, address=self.address)
        server = await self.next_at(HERE)
        link.send(m.Hello(protocol=1, token="secret", features=("resume",)))  # noqa: S106  (a sample)
        await server.receive()
        server.send(welcome("t1", seq=1))
        await link.receive()
        server.send(m.GoAway(seq=2, url=url))
        assert await link.receive() == m.GoAway(seq=2, url=url)
        return link, server


async def test_the_session_is_resumed_there_with_the_same_hello() -> None:
    doors = Doors(HERE, NEXT)
    link, server = await doors.sent_to(NEXT)
    await server.close(1012, "restart")
    waiting = doors.tasks.start(link.receive(), "client")
    there = await doors.next_at(NEXT)
    hello = await there.receive()
    assert (hello.resume, hello.token) == ("t1", "secret")
    there.send(welcome("t2", resumed=True))
    there.send(m.SceneAck(seq=3, rev=1))
    assert await waiting == m.SceneAck(seq=3, rev=1)
    assert doors.asked == [HERE, NEXT]


async def test_a_server_that_is_busy_is_asked_again() -> None:
    doors = Doors(HERE, NEXT)
    link, server = await doors.sent_to(NEXT)
    await server.close(1012, "restart")
    waiting = doors.tasks.start(link.receive(), "client")
    for _ in range(2 * ATTEMPTS):
        busy = await doors.next_at(NEXT)
        await busy.receive()
        busy.send(m.Error(code="server_busy", fatal=True, retry_after_ms=500))
        await busy.close(1013, "server_busy")
    there = await doors.next_at(NEXT)
    await there.receive()
    there.send(welcome("t2", resumed=True))
    there.send(m.SceneAck(seq=3, rev=1))
    assert await waiting == m.SceneAck(seq=3, rev=1)
    assert doors.asked == [HERE, *[NEXT] * (2 * ATTEMPTS + 1)]


async def sent_away(server: MemoryLink) -> m.Hello:
    """The server of this connection stops, and sends whoever says hello to the next one."""
    hello = await server.receive()
    assert isinstance(hello, m.Hello)
    server.send(m.GoAway(url=NEXT))
    server.send(m.Error(seq=1, code="server_busy", fatal=True))
    await server.close(1013, "server_busy")
    return hello


async def test_a_session_that_comes_back_to_a_server_that_stops_is_resumed_at_the_next() -> None:
    doors = Doors(HERE, NEXT)
    link, server = await doors.sent_to("")
    await server.close(1006)
    waiting = doors.tasks.start(link.receive(), "client")
    assert (await sent_away(await doors.next_at(HERE))).resume == "t1"
    there = await doors.next_at(NEXT)
    assert (await there.receive()).resume == "t1"
    there.send(welcome("t2", resumed=True))
    there.send(m.SceneAck(seq=3, rev=1))
    assert await waiting == m.SceneAck(seq=3, rev=1)
    assert doors.asked == [HERE, HERE, NEXT]


async def test_a_session_begins_at_the_next_server_where_the_first_one_stops() -> None:
    doors = Doors(HERE, NEXT)
    clock = Clock(asyncio.get_running_loop().time)
    first = await doors.open()
    link = ResumingLink(first, doors.open, clock, lambda: None, address=doors.address)
    link.send(m.Hello(protocol=1, token="secret", features=("resume",)))  # noqa: S106  (a sample)
    waiting = doors.tasks.start(link.receive(), "client")
    await sent_away(await doors.next_at(HERE))
    there = await doors.next_at(NEXT)
    hello = await there.receive()
    assert (hello.token, hello.resume, hello.resume_from) == ("secret", "", None)
    there.send(welcome("n1", seq=1))
    assert await waiting == welcome("n1", seq=1)
    assert doors.asked == [HERE, NEXT]


async def test_where_no_server_answers_it_goes_back() -> None:
    doors = Doors(HERE)
    link, server = await doors.sent_to(NEXT)
    await server.close(1012, "restart")
    waiting = doors.tasks.start(link.receive(), "client")
    again = await doors.next_at(HERE)
    await again.receive()
    again.send(welcome("t2", resumed=True))
    again.send(m.SceneAck(seq=3, rev=1))
    assert await waiting == m.SceneAck(seq=3, rev=1)
    assert doors.asked == [HERE, *[NEXT] * ATTEMPTS, HERE]


async def test_a_session_that_has_ended_says_where_a_new_one_begins() -> None:
    doors = Doors(HERE, NEXT)
    link, server = await doors.sent_to(NEXT)
    await server.close(1001, "server_stopping")
    with pytest.raises(LinkClosed, match="1001"):
        await link.receive()
    assert doors.address.current == NEXT
    assert doors.asked == [HERE]


async def test_a_url_that_cannot_be_is_logged_and_ignored(caplog: pytest.LogCaptureFixture) -> None:
    doors = Doors(HERE)
    link, server = await doors.sent_to("http://next")
    assert "neither ws:// nor wss://" in caplog.text
    await server.close(1012, "restart")
    waiting = doors.tasks.start(link.receive(), "client")
    await (await doors.next_at(HERE)).receive()
    waiting.cancel()
