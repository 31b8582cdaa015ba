from __future__ import annotations

import asyncio

import pytest

from frametalk.transports.link import LinkClosed
from frametalk.transports.memory import memory_pair
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, MediaKind

pytestmark = pytest.mark.looptime


def sound(stream: int, seq: int) -> Media:
    return Media(MediaKind.PCM16, stream, seq, seq, b"\0\0")


async def test_flush_discards_media_that_was_not_received() -> None:
    server, client = memory_pair()
    for seq in range(3):
        server.send_media(sound(1, seq))
        server.send_media(sound(2, seq))
    assert await client.receive() == sound(1, 0)
    server.flush_media(1)
    server.send(m.ReplyCut(reply=1, at=1))
    assert [await client.receive() for _ in range(4)] == [
        sound(2, 0),
        sound(2, 1),
        sound(2, 2),
        m.ReplyCut(reply=1, at=1),
    ]


async def test_the_caller_sets_the_bounds() -> None:
    server, client = memory_pair(max_packets=2)
    server.send(m.GoAway())
    server.send(m.GoAway())
    server.send(m.GoAway())
    with pytest.raises(LinkClosed, match="1006 client_stalled"):
        await server.receive()
    with pytest.raises(LinkClosed, match="1006"):
        await client.receive()


async def test_a_server_that_never_reads_ends_the_clients_link() -> None:
    _server, client = memory_pair(max_bytes=100)
    client.send(m.Say(text="x" * 100))
    with pytest.raises(LinkClosed, match="server_stalled"):
        await client.receive()


async def test_a_waiting_receiver_wakes_for_messages_and_for_the_end() -> None:
    server, client = memory_pair()
    got: list[object] = []

    async def listen() -> None:
        got.append(await client.receive())
        with pytest.raises(LinkClosed, match="1000 enough"):
            await client.receive()

    loop = asyncio.get_running_loop()
    async with asyncio.TaskGroup() as group:
        group.create_task(listen())
        loop.call_later(3600, server.send, m.GoAway())
        loop.call_later(7200, lambda: group.create_task(server.close(1000, "enough")))
    assert got == [m.GoAway()]
    assert loop.time() == 7200


async def test_the_error_budget_counts_seconds_of_the_loops_clock() -> None:
    server, client = memory_pair()
    for _ in range(10):
        for _ in range(64):
            server.send(m.Error(code="message_invalid"))
            await client.receive()
        await asyncio.sleep(1)
    server.send(m.GoAway())
    assert await client.receive() == m.GoAway()
