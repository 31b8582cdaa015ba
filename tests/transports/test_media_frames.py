"""Media frames taken out of a client's bytes; all else as websockets would have it."""

from __future__ import annotations

import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side

from frametalk.transports.media_frames import MAX_WAITING, MediaFrames

REQUEST = b"GET /v1 HTTP/1.1\r\nHost: here\r\n\r\n"
SOUND = b"\x01" + bytes(655)
CONTROL = b"\x82\xa4type\xa3ack"


def masked(frame: Frame) -> bytes:
    return frame.serialize(mask=True)


def binary(payload: bytes, *, fin: bool = True) -> bytes:
    return masked(Frame(Opcode.BINARY, payload, fin=fin))


class Client:
    """Bytes that arrive in pieces, and what becomes of them, in order."""

    def __init__(self, *, takes: bool = True) -> None:
        self.takes = takes
        self.seen: list[tuple[str, bytes]] = []
        self.frames = MediaFrames(self._parse, self._take)

    def _parse(self, data: bytes) -> None:
        if self.seen and self.seen[-1][0] == "parsed":
            data = self.seen.pop()[1] + data
        self.seen.append(("parsed", data))

    def _take(self, data: bytes) -> bool:
        if self.takes:
            self.seen.append(("taken", data))
        return self.takes

    def send(self, data: bytes, cuts: list[int] | None = None) -> None:
        before = 0
        for cut in [*sorted(cuts or []), len(data)]:
            piece = data[before : min(cut, len(data))]
            before += len(piece)
            if piece:
                self.frames.feed(piece)


@given(cuts=st.lists(st.integers(0, 1_500), max_size=12))
@example(cuts=[len(REQUEST + binary(CONTROL)) + 8])  # between the head of a frame and its payload
def test_media_is_taken_and_the_rest_is_parsed_however_it_is_cut(cuts: list[int]) -> None:
    client = Client()
    first, ping = binary(CONTROL), masked(Frame(Opcode.PING, b"?"))
    client.send(REQUEST + first + binary(SOUND) + ping + binary(SOUND), cuts)
    assert client.seen == [
        ("parsed", REQUEST + first),
        ("taken", SOUND),
        ("parsed", ping),
        ("taken", SOUND),
    ]


def test_media_that_is_not_taken_is_parsed_as_it_came() -> None:
    client = Client(takes=False)
    data = REQUEST + binary(SOUND) + binary(CONTROL)
    client.send(data)
    assert client.seen == [("parsed", data)]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\x81\x85" + bytes(4) + b"hello", id="text"),
        pytest.param(binary(b""), id="empty"),
        pytest.param(binary(b"\x01" + bytes(MAX_WAITING)), id="too long to wait for"),
        pytest.param(binary(b"\x01" + bytes(70_000)), id="a length of eight bytes"),
        pytest.param(binary(b"\x01", fin=False) + b"\x80\x82" + bytes(6), id="fragments"),
        pytest.param(binary(b"\x01", fin=False) + binary(SOUND), id="media within a message"),
        pytest.param(b"\x82\x03\x01\x00\x00" + binary(SOUND), id="not masked"),
        pytest.param(b"\x82\x01\x01", id="not masked and short"),
        pytest.param(b"\xc2\x81" + bytes(5) + binary(SOUND), id="a reserved bit"),
        pytest.param(b"\x83\x81" + bytes(5) + binary(SOUND), id="a reserved opcode"),
        pytest.param(b"\x8b\x81" + bytes(5) + binary(SOUND), id="a reserved control opcode"),
    ],
)
def test_what_is_no_whole_media_frame_is_parsed(data: bytes) -> None:
    client = Client()
    client.send(REQUEST + data)
    assert client.seen == [("parsed", REQUEST + data)]


def test_media_after_a_fragmented_message_is_taken_again() -> None:
    client = Client()
    fragments = binary(b"\x01", fin=False) + masked(Frame(Opcode.CONT, b"\x02"))
    client.send(REQUEST + fragments + binary(SOUND))
    assert client.seen == [("parsed", REQUEST + fragments), ("taken", SOUND)]


@pytest.mark.parametrize("length", [1, 100, 600])
def test_what_waits_is_passed_on_at_the_end(length: int) -> None:
    client, data = Client(), REQUEST + binary(SOUND)[:length]
    client.send(data)
    client.frames.end()
    assert client.seen == [("parsed", data)]


@st.composite
def _any_frame(draw: st.DrawFn) -> bytes:
    """A frame's bytes, right or wrong."""
    payload = draw(st.one_of(st.just(SOUND), st.binary(max_size=140)))
    head = struct.pack(
        "!B", draw(st.sampled_from([0x82, 0x82, 0x81, 0x02, 0x80, 0x88, 0x89, 0xC2]))
    )
    size = len(payload)
    length = struct.pack("!B", 0x80 | size) if size < 126 else struct.pack("!BH", 0xFE, size)
    mask = draw(st.binary(min_size=4, max_size=4))
    return head + length + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))


@given(frames=st.lists(_any_frame(), max_size=6), cuts=st.lists(st.integers(0, 2_000), max_size=6))
def test_together_they_see_what_websockets_alone_would_see(
    frames: list[bytes], cuts: list[int]
) -> None:
    alone, after = Protocol(Side.SERVER), Protocol(Side.SERVER)
    data = b"".join(frames)
    alone.receive_data(data)
    seen: list[tuple[int, bytes]] = []

    def parse(piece: bytes) -> None:
        after.receive_data(piece)
        events = after.events_received()
        seen.extend((event.opcode, event.data) for event in events if isinstance(event, Frame))

    def take(payload: bytes) -> bool:
        if after.parser_exc is None and not after.close_expected():
            seen.append((Opcode.BINARY, payload))
            return True
        return False

    media = MediaFrames(parse, take)
    media.feed(b"\r\n\r\n")
    after = Protocol(Side.SERVER)  # which begins after the request
    before = 0
    for cut in [*sorted(min(cut, len(data)) for cut in cuts), len(data)]:
        if cut > before:
            media.feed(data[before:cut])
        before = cut
    media.end()
    expected = [
        (event.opcode, event.data) for event in alone.events_received() if isinstance(event, Frame)
    ]
    assert seen == expected
    assert type(after.parser_exc) is type(alone.parser_exc)
