"""What clients get that come to a server while it stops."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from frametalk.resumption import digest
from frametalk.successor import Successor
from frametalk.transports.link import LinkClosed
from frametalk.transports.memory import memory_pair
from frametalk.wire import messages as m

pytestmark = pytest.mark.looptime

URL = "wss://b.example"


def digests(*tokens: str) -> list[bytes]:
    return [digest(token) for token in tokens]


async def refused(successor: Successor, resume: str = "") -> list[Any]:
    """What a hello gets before its connection ends."""
    server, client = memory_pair()
    error = successor.refuse(server, m.Hello(protocol=1, resume=resume))
    assert error.code == "server_busy"
    assert error.fatal
    await server.close()
    got = []
    with suppress(LinkClosed):
        while True:
            got.append(await client.receive())
    return got


async def test_a_hello_gets_the_address_without_a_number() -> None:
    assert await refused(Successor(URL)) == [m.GoAway(seq=0, reason="server_stopping", url=URL)]


async def test_a_server_without_a_successor_expects_no_client_and_names_no_address() -> None:
    successor = Successor("")
    successor.expect([digests("t1")])
    assert successor.known.is_set()
    assert await refused(successor, "t1") == []


async def test_it_is_known_when_each_client_has_come_with_any_of_its_tokens() -> None:
    successor = Successor(URL)
    successor.expect([digests("t1", "t2"), digests("t3")])
    for resume in ("", "t1", "t2", "t4"):
        await refused(successor, resume)
        assert not successor.known.is_set()
    await refused(successor, "t3")
    assert successor.known.is_set()


async def test_it_is_known_where_all_clients_have_a_connection() -> None:
    successor = Successor(URL)
    successor.expect([])
    assert successor.known.is_set()
