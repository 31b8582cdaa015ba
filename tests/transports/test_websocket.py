"""Links over real sockets, with peers that disconnect, stall, or flood."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import Callable

import pytest

from frametalk.transports import websocket
from frametalk.transports.link import BadInput
from frametalk.transports.websocket import UNREAD_LIMIT_BYTES, Pings, WebSocketLink
from frametalk.transports.websocket_client import connect
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, MediaKind, client_codec, encode, encode_media
from limits import SOON_S
from linked import end_of, listening, received
from sockets import Peer, frame, open_peer

pytestmark = pytest.mark.real

TEXT, BINARY, CLOSE, PING = 1, 2, 8, 9
SOUND = Media(MediaKind.PCM16, 1, 0, 0, bytes(640))


async def test_small_messages_leave_at_once_and_the_kernels_buffer_is_small() -> None:
    async with listening() as door:
        client = await connect(f"ws://127.0.0.1:{door.port}")
        server = await door.links.get()
        for link in (server, client):
            raw = link._connection.transport.get_extra_info("socket")
            assert raw.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            # Linux doubles the requested size for its own bookkeeping.
            assert raw.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) <= 64 * 1024
        await client.close()


async def test_flush_discards_media_that_the_socket_has_not_accepted() -> None:
    async with listening() as door, open_peer(door.port, receive_buffer=4096) as peer:
        server = await door.links.get()
        big = Media(MediaKind.PCM16, 1, 0, 0, bytes(10_000))
        while server._connection.writable:
            server.send_media(big)
            await asyncio.sleep(0)
        sound = Media(MediaKind.PCM16, 1, 7, 0, b"\x05\x06" * 320)
        for _ in range(20):
            server.send_media(sound)
        server.flush_media(1)
        server.send(m.ReplyCut(reply=1, at=0))
        assert len(server._outbox) == 1
        cut = encode(m.ReplyCut(reply=1, at=0))
        came = b""
        async with asyncio.timeout(SOON_S):
            while not came.endswith(cut):
                came += await peer.reader.read(65_536)
        assert bytes(10_000) in came
        assert encode_media(sound) not in came


async def test_a_peer_that_does_not_read_is_disconnected_after_the_stall_time() -> None:
    async with listening(stalled_ms=20) as door, open_peer(door.port, receive_buffer=4096):
        server = await door.links.get()
        while server._connection.writable:
            server.send_media(SOUND)
            await asyncio.sleep(0)
        closed = await end_of(server)
        assert (closed.code, closed.reason) == (1006, "client_stalled")
        assert server.bytes_waiting == 0


class SlowTransport:
    """A transport whose unsent bytes the test sets."""

    def __init__(self, unsent_bytes: int) -> None:
        self.unsent_bytes = unsent_bytes
        self.aborted = False

    def get_write_buffer_size(self) -> int:
        return self.unsent_bytes

    def abort(self) -> None:
        self.aborted = True


@pytest.mark.looptime
async def test_a_peer_that_reads_slowly_stays_connected() -> None:
    class Connection:
        transport = SlowTransport(50_000)

    link = WebSocketLink(
        Connection(),  # type: ignore[arg-type]
        client_codec,
        json=None,
        stalled_reason="client_stalled",
        stalled_ms=5_000,
    )
    link.paused()
    for left in (40_000, 39_999, 30_000):
        Connection.transport.unsent_bytes = left
        await asyncio.sleep(5)
        assert not Connection.transport.aborted
    await asyncio.sleep(5)
    assert Connection.transport.aborted


async def test_a_peer_that_pings_and_does_not_read_is_disconnected() -> None:
    async with (
        listening(stalled_ms=60_000) as door,
        open_peer(door.port, receive_buffer=4096) as peer,
    ):
        server = await door.links.get()
        pings = frame(PING, bytes(125)) * 500
        most = 0
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(end_of(server))
            while not waiting.done():
                peer.writer.write(pings)
                try:
                    await peer.writer.drain()
                except ConnectionError:
                    break
                most = max(most, server.bytes_waiting)
        assert waiting.result().code == 1006
        # The answers to one read from the socket may exceed the limit.
        assert most < UNREAD_LIMIT_BYTES + 300 * 1024


async def test_a_peer_that_vanishes_ends_the_link() -> None:
    async with listening() as door, open_peer(door.port) as peer:
        server = await door.links.get()
        peer.reset()
        assert (await end_of(server)).code == 1006


async def test_a_peer_that_disconnects_within_a_message_ends_the_link() -> None:
    async with listening() as door, open_peer(door.port) as peer:
        server = await door.links.get()
        peer.writer.write(frame(BINARY, encode(m.Say(text="hello")))[:-2])
        peer.writer.write_eof()
        assert (await end_of(server)).code == 1006


@pytest.mark.parametrize("sent", [b"", frame(BINARY, encode(m.Say(text="hello")))[:5]])
async def test_a_silent_or_slow_peer_is_disconnected_when_its_pong_is_missing(
    monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setitem(websocket.OPTIONS, "close_timeout", 0.01)
    async with (
        listening(pings=Pings(10, 10)) as door,
        open_peer(door.port) as peer,
    ):
        server = await door.links.get()
        peer.writer.write(sent)
        closed = await end_of(server)
        assert (closed.code, closed.reason) == (1011, "keepalive ping timeout")


@pytest.mark.parametrize("ping_timeout_ms", [0, 5_000])
async def test_a_peer_may_be_silent_for_the_ping_timeout_and_is_quiet_meanwhile(
    ping_timeout_ms: float,
) -> None:
    async with (
        listening(pings=Pings(10, ping_timeout_ms)) as door,
        open_peer(door.port) as peer,
    ):
        server = await door.links.get()
        quiet: asyncio.Queue[bool] = asyncio.Queue()
        server.on_quiet = quiet.put_nowait
        assert await quiet.get() is True
        peer.send(BINARY, encode(m.Say(text="awake again")))
        assert await server.receive() == m.Say(text="awake again")
        assert await quiet.get() is False


async def test_close_gives_up_on_a_peer_that_does_not_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(websocket, "CLOSE_TIMEOUT_S", 0.02)
    async with (
        listening() as door,
        open_peer(door.port),
        open_peer(door.port, receive_buffer=4096),
    ):
        silent, full = await door.links.get(), await door.links.get()
        while full._connection.writable:
            full.send_media(SOUND)
            await asyncio.sleep(0)
        async with asyncio.timeout(SOON_S):
            await silent.close(1000, "good night")
            await full.close(1000, "good night")
        assert (await end_of(full)).reason == "good night"


async def test_a_message_far_too_large_closes_with_1009_and_a_reason() -> None:
    async with listening() as door:
        client = await connect(f"ws://127.0.0.1:{door.port}")
        server = await door.links.get()
        await client._connection.send(bytes(200_000))
        for link in (server, client):
            closed = await end_of(link)
            assert (closed.code, closed.reason) == (1009, "message_too_large")


async def test_a_long_reason_is_cut_to_fit_a_close_frame() -> None:
    async with listening() as door:
        client = await connect(f"ws://127.0.0.1:{door.port}")
        await client.close(1000, "ß" * 100)
        assert (await end_of(await door.links.get())).reason == "ß" * 61


async def test_a_fragmented_message_is_one_message() -> None:
    async with listening() as door, open_peer(door.port) as peer:
        server = await door.links.get()
        data = encode(m.Say(text="in three parts"))
        peer.send(BINARY, data[:3], final=False)
        peer.send(0, data[3:9], final=False)
        peer.send(PING, b"between")
        peer.send(0, data[9:])
        assert await received(server) == m.Say(text="in three parts")


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda peer: peer.send(TEXT, b"\xff\xfe"), 1007),  # not UTF-8
        (lambda peer: peer.send(3, b""), 1002),  # a reserved opcode
        (lambda peer: peer.writer.write(b"\x82\x05hello"), 1002),  # without a mask
        (lambda peer: peer.send(CLOSE, b"\x03"), 1002),  # half a close code
    ],
)
async def test_a_violation_of_the_websocket_protocol_ends_the_link(
    monkeypatch: pytest.MonkeyPatch, make: Callable[[Peer], None], code: int
) -> None:
    monkeypatch.setattr(websocket, "CLOSE_TIMEOUT_S", 0.02)  # the peer never answers the close
    async with listening() as door, open_peer(door.port) as peer:
        server = await door.links.get()
        make(peer)
        assert (await end_of(server)).code == code


async def test_sound_that_arrives_too_fast_waits_with_the_sender() -> None:
    async with listening() as door:
        client = await connect(f"ws://127.0.0.1:{door.port}")
        server = await door.links.get()
        for seq in range(400):
            client.send_media(Media(MediaKind.PCM16, 1, seq, seq * 320, bytes(640)))
            await asyncio.sleep(0)
        # The link's queue is short; the rest stays with the sender and in the kernel.
        assert len(server._connection.recv_messages.frames) < 150
        assert [(await received(server)).seq for _ in range(400)] == list(range(400))
        await client.close()


@pytest.mark.usefixtures("new_objects_only")
async def test_a_thousand_quick_connections_leave_nothing_behind() -> None:
    async with listening() as door:
        for index in range(1000):
            if index % 2:
                async with open_peer(door.port):
                    server = await door.links.get()
            else:
                client = await connect(f"ws://127.0.0.1:{door.port}")
                server = await door.links.get()
                client.send(m.Bye())
                await client.close()
            await end_of(server)
    del server  # the block waited for the server and found no task left
    gc.collect()
    assert not [each for each in gc.get_objects() if isinstance(each, websocket.ServerSide)]


async def test_a_hundred_links_at_once_do_not_mix() -> None:
    async with listening() as door:
        address = f"ws://127.0.0.1:{door.port}"

        async def echo() -> None:
            server = await door.links.get()
            for _ in range(20):
                server.send_media(await received(server))

        async def converse(number: int) -> None:
            client = await connect(address)
            for seq in range(20):
                sent = Media(MediaKind.PCM16, number, seq, seq, bytes(640))
                client.send_media(sent)
                assert await received(client) == sent
            await client.close()

        async with asyncio.TaskGroup() as group:
            for number in range(100):
                group.create_task(echo())
                group.create_task(converse(number))


async def test_bad_input_on_a_socket_leaves_the_link_open() -> None:
    async with listening() as door, open_peer(door.port) as peer:
        server = await door.links.get()
        deep = b"\x83\xa4type\xabscene.event\xa4name\xa1x\xa4data\x81\xa1x" + b"\x91" * 10_000
        peer.send(BINARY, deep + b"\xc0")
        item = await received(server)
        assert isinstance(item, BadInput)
        assert item.error.code == "message_too_deep"
        peer.send(BINARY, encode(m.Bye()))
        assert await received(server) == m.Bye()


# ---- media that need not wait ------------------------------------------------------------------


class Heard:
    """What a link gives to `on_media`, unless that is refused, and what `receive` returns."""

    def __init__(self, link: WebSocketLink) -> None:
        self.at_once: list[int] = []
        self.later: list[object] = []
        self.takes = True
        self._link = link
        link.on_media = self._take

    def _take(self, media: Media) -> bool:
        if self.takes:
            self.at_once.append(media.seq)
        return self.takes

    async def receive(self) -> None:
        while True:
            self.later.append(await self._link.receive())


def sound(seq: int) -> bytes:
    return frame(BINARY, encode_media(Media(MediaKind.PCM16, 1, seq, 320 * seq, bytes(640))))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(SOON_S):
        while not condition():  # noqa: ASYNC110  (what changes it is a callback of the socket)
            await asyncio.sleep(0)


async def test_media_is_taken_at_once_while_nothing_else_waits() -> None:
    async with listening() as door, open_peer(door.port) as peer, asyncio.TaskGroup() as group:
        heard = Heard(await door.links.get())
        receiving = group.create_task(heard.receive())
        peer.send(BINARY, encode(m.MicStart(stream=1, rate_hz=16_000)))
        await until(lambda: len(heard.later) == 1)
        peer.writer.write(sound(0) + sound(1))
        await until(lambda: heard.at_once == [0, 1])
        heard.takes = False
        peer.writer.write(sound(2))
        await until(lambda: len(heard.later) == 2)
        receiving.cancel()
    assert heard.later[1].seq == 2


async def test_media_stays_behind_the_message_that_came_before_it() -> None:
    async with listening() as door, open_peer(door.port) as peer, asyncio.TaskGroup() as group:
        heard = Heard(await door.links.get())
        receiving = group.create_task(heard.receive())
        await asyncio.sleep(0)
        start = encode(m.MicStart(stream=1, rate_hz=16_000))
        peer.writer.write(frame(BINARY, start) + sound(0) + sound(1))
        await until(lambda: len(heard.later) + len(heard.at_once) == 3)
        receiving.cancel()
    assert [type(item) for item in heard.later[:2]] == [m.MicStart, Media], "of one piece"
    assert heard.at_once in ([], [1])


async def test_wrong_media_is_received() -> None:
    async with listening() as door, open_peer(door.port) as peer:
        link = await door.links.get()
        heard = Heard(link)
        peer.send(BINARY, b"\x01short")
        assert isinstance(await link.receive(), BadInput)
    assert heard.at_once == []
