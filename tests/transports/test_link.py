"""The contract of Link, on every transport."""

from __future__ import annotations

import asyncio
from itertools import count

import pytest

from frametalk.transports.link import BadInput, LinkClosed
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, MediaKind, UnknownMessage
from linked import Kind, end_of, linked, received, send_raw

pytestmark = [
    pytest.mark.real,
    pytest.mark.parametrize("kind", ["memory", "websocket"]),
]

SOUND = Media(MediaKind.PCM16, 1, 0, 0, b"\x01\x02" * 320)


async def test_control_and_media_arrive_in_the_order_sent(kind: Kind) -> None:
    async with linked(kind) as (server, client):
        sent = [
            m.ReplyBegin(reply=1, turn=1, stream=1, rate_hz=16_000),
            SOUND,
            m.ReplyText(reply=1, text="grüß dich", at=0),
            SOUND,
            m.ReplyEnd(reply=1, samples=640),
        ]
        for item in sent:
            if isinstance(item, Media):
                server.send_media(item)
            else:
                server.send(item)
        assert [await received(client) for _ in sent] == sent


async def test_the_client_can_send_too(kind: Kind) -> None:
    async with linked(kind) as (server, client):
        client.send(m.Say(text="hello"))
        client.send_media(SOUND)
        assert await received(server) == m.Say(text="hello")
        assert await received(server) == SOUND


@pytest.mark.parametrize("json", [False, True])
async def test_the_hello_decides_between_messagepack_and_json(kind: Kind, json: bool) -> None:
    async with linked(kind, json=json) as (server, client):
        client.send(m.Hello(protocol=1))
        await received(server)
        await send_raw(client, b"\x81\xa4type\xa3bye" if json else '{"type":"bye"}')
        assert await received(server) == m.Bye()
        # The hello's form still applies, whatever was sent since.
        assert server._packet(m.GoAway()).text is json
        server.send(m.GoAway())
        server.send_media(SOUND)
        assert await received(client) == m.GoAway()
        assert await received(client) == SOUND


async def test_bad_input_before_hello_is_answered_in_its_own_form(kind: Kind) -> None:
    async with linked(kind) as (server, client):
        await send_raw(client, "hello?")
        assert isinstance(await received(server), BadInput)
        assert server._packet(m.Error(code="x")).text
        await send_raw(client, b"\x93")
        assert isinstance(await received(server), BadInput)
        assert not server._packet(m.Error(code="x")).text


async def test_bad_input_is_an_item_with_its_code_and_the_link_stays_open(kind: Kind) -> None:
    cases: list[tuple[bytes | str, str, str]] = [
        (b"", "message_malformed", ""),
        (b"\xc1\xc1", "message_malformed", ""),
        ("open the door", "message_malformed", ""),
        (b"\x01\x02\x03", "media_truncated", "media"),
        (b"\x07" + bytes(31), "media_kind_unknown", "media"),
        (b"\x01" + bytes(16), "media_odd_length", "media"),
        ('{"type":"say"}', "message_invalid", "say"),
        (b"\x82\xa4type\xa3say\xa4text\x07", "message_invalid", "say"),
    ]
    async with linked(kind) as (server, client):
        for data, code, ref in cases:
            await send_raw(client, data)
            item = await received(server)
            assert isinstance(item, BadInput), data
            assert (item.error.code, item.ref) == (code, ref), data
        client.send(m.Say(text="still here"))
        assert await received(server) == m.Say(text="still here")


async def test_unknown_types_are_not_bad_input(kind: Kind) -> None:
    async with linked(kind) as (server, client):
        await send_raw(client, '{"type":"dance","speed":3}')
        assert await received(server) == UnknownMessage("dance")


async def test_the_largest_message_passes_and_one_byte_more_ends_the_link(kind: Kind) -> None:
    async with linked(kind) as (server, client):
        largest = Media(MediaKind.PCM16, 1, 0, 0, bytes(60 * 1024 - 16))
        client.send_media(largest)
        assert await received(server) == largest
        await send_raw(client, bytes(60 * 1024 + 1))
        item = await received(server)
        assert isinstance(item, BadInput)
        assert item.error.code == "message_too_large"
        server.send(m.Error(code=item.error.code, fatal=True))
        with pytest.raises(LinkClosed):
            await received(server)
        assert await received(client) == m.Error(code="message_too_large", fatal=True)
        closed = await end_of(client)
        assert (closed.code, closed.reason) == (1009, "message_too_large")


@pytest.mark.parametrize("who", ["server", "client"])
async def test_close_delivers_what_was_sent_before_with_code_and_reason(
    kind: Kind, who: str
) -> None:
    async with linked(kind) as (server, client):
        closer, other = (server, client) if who == "server" else (client, server)
        closer.send(m.Pong(id=7, t_us=0, received_us=0, sent_us=0))
        closing = asyncio.gather(closer.close(1008, "bad_token"), closer.close(1000))
        assert await received(other) == m.Pong(id=7, t_us=0, received_us=0, sent_us=0)
        for link in (other, closer, other):
            closed = await end_of(link)
            assert (closed.code, closed.reason) == (1008, "bad_token")
        await closing
        await closer.close()
        await other.close()


async def test_sending_on_a_closed_link_does_nothing(kind: Kind) -> None:
    async with linked(kind) as (server, client):
        await client.close()
        closed = await end_of(server)
        assert closed.code == 1000
        for _ in range(3_000):  # more than a queue would hold
            server.send(m.GoAway())
            server.send_media(SOUND)
            client.send_media(SOUND)
        server.flush_media(1)
        assert (await end_of(server)).code == 1000
        assert server.bytes_waiting == 0
        assert client.bytes_waiting == 0


async def test_a_cancelled_receive_loses_nothing(kind: Kind) -> None:
    async with linked(kind) as (server, client):
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(server.receive())
            await asyncio.sleep(0)
            waiting.cancel()
        client.send(m.Say(text="after"))
        assert await received(server) == m.Say(text="after")


async def test_a_flood_of_errors_ends_the_link(kind: Kind) -> None:
    async with linked(kind) as (server, client):
        for _ in range(100):
            server.send(m.Error(code="message_invalid"))
        with pytest.raises(LinkClosed, match="1008 too_many_errors"):
            await received(server)
        codes = []
        while len(codes) < 65:
            item = await received(client)
            assert isinstance(item, m.Error)
            codes.append(item.code)
        assert codes == ["message_invalid"] * 64 + ["too_many_errors"]
        assert (await end_of(client)).reason == "too_many_errors"


async def test_a_flood_of_errors_reaches_a_receiver_that_waits(kind: Kind) -> None:
    async with linked(kind) as (server, _client), asyncio.TaskGroup() as group:
        waiting = group.create_task(end_of(server))
        await asyncio.sleep(0)
        for _ in range(65):
            server.send(m.Error(code="message_invalid"))
        assert (await waiting).reason == "too_many_errors"


async def test_a_client_that_never_reads_is_disconnected_and_its_memory_freed(kind: Kind) -> None:
    async with linked(kind) as (server, _client):
        frame = Media(MediaKind.PCM16, 1, 0, 0, bytes(32 * 1024))
        most, closed = 0, None
        for sent in count():
            server.send_media(frame)
            most = max(most, server.bytes_waiting)
            if server._end is not None:
                closed = await end_of(server)
                break
            assert sent < 2_000, "still connected after 64 MiB"
            await asyncio.sleep(0)
        assert closed is not None
        assert (closed.code, closed.reason) == (1006, "client_stalled")
        assert most < 1_200_000
        assert server._outbox.bytes_waiting == 0
