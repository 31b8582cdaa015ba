"""WebSocket frames of the light players, against the websockets library."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side

from frametalk.bench.load.socket_frames import BINARY, PING, Incoming, head


@pytest.mark.parametrize("length", [0, 1, 125, 126, 656, 40_000])
def test_a_server_reads_what_a_player_sends(length: int) -> None:
    payload = bytes(number % 251 for number in range(length))
    server = Protocol(Side.SERVER)
    server.receive_data(head(BINARY, length) + payload)
    (frame,) = server.events_received()
    assert isinstance(frame, Frame)
    assert (frame.opcode, frame.data) == (Opcode.BINARY, payload)


@given(
    sizes=st.lists(st.sampled_from([0, 3, 125, 126, 700, 65_535, 65_536]), max_size=4),
    cuts=st.lists(st.integers(0, 140_000), max_size=5),
)
def test_frames_come_whole_however_the_socket_cuts_them(sizes: list[int], cuts: list[int]) -> None:
    sent = [(BINARY, bytes([size % 256]) * size) for size in sizes] + [(PING, b"still there")]
    data = b"".join(
        Frame(Opcode(opcode), payload).serialize(mask=False) for opcode, payload in sent
    )
    incoming, came, before = Incoming(), [], 0
    for cut in [*sorted(min(cut, len(data)) for cut in cuts), len(data)]:
        came += list(incoming.take(data[before:cut]))
        before = cut
    assert came == sent
