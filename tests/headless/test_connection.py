"""The client's end of a link: joining, pings, and the server's sequence numbers."""

from __future__ import annotations

import asyncio

import pytest

from frametalk.errors import FrametalkError
from frametalk.headless.clock import Clock
from frametalk.headless.connection import WELCOME_TIMEOUT_S, Connection
from frametalk.transports.link import Link, LinkClosed
from frametalk.transports.memory import memory_pair
from frametalk.wire import messages as m
from headless_server import LIMITS, RATE_HZ

pytestmark = pytest.mark.looptime

HELLO = m.Hello(protocol=1)


def welcome(seq: int = 1) -> m.Welcome:
    return m.Welcome(
        protocol=1,
        session="s",
        character="blacksmith",
        mic_rates_hz=(16_000,),
        rate_hz=RATE_HZ,
        echo="none",
        limits=LIMITS,
        seq=seq,
    )


def pair() -> tuple[Link, Connection]:
    server, client = memory_pair()
    return server, Connection(client, Clock(asyncio.get_running_loop().time))


async def test_joining_returns_the_welcome_and_answers_pings_on_the_way() -> None:
    server, connection = pair()
    server.send(m.Ping(id=7, t_us=1))
    server.send(welcome())
    assert (await connection.join(HELLO)).session == "s"
    assert isinstance(await server.receive(), m.Hello)
    pong = await server.receive()
    assert isinstance(pong, m.Pong)
    assert pong.id == 7


async def test_a_refusal_is_raised_with_the_servers_remedy() -> None:
    server, connection = pair()
    server.send(m.Error(code="bad_token", text="the token is wrong", remedy="ask for it", seq=1))
    with pytest.raises(FrametalkError, match=r"bad_token: the token is wrong \(ask for it\)"):
        await connection.join(HELLO)


async def test_a_silent_server_is_given_up_after_a_while() -> None:
    _server, connection = pair()
    began_s = asyncio.get_running_loop().time()
    with pytest.raises(FrametalkError, match="no welcome in time"):
        await connection.join(HELLO)
    assert asyncio.get_running_loop().time() - began_s == pytest.approx(WELCOME_TIMEOUT_S)


async def test_a_gap_in_the_sequence_is_a_violation() -> None:
    server, connection = pair()
    server.send(welcome())
    server.send(m.SceneAck(rev=1, seq=2))
    server.send(m.SceneAck(rev=2, seq=4))
    await server.close()
    await connection.join(HELLO)
    for _ in range(2):
        assert isinstance(await connection.receive(), m.SceneAck)
    with pytest.raises(LinkClosed):
        await connection.receive()
    assert connection.violations == ["seq 4 follows 2"]
