"""Frames are decoded from any pieces of the stream; other bytes are refused."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.workers import framing

SENT: list[framing.ToParent] = [
    framing.Ready(),
    framing.Item(1, {"pcm": b"\0\1", "marks": [["word", 0, 5, "héllo"]]}),
    framing.Done(2, None),
    framing.Failed(3, "voice_unknown", "no", "try"),
    framing.Broken("why"),
    framing.Pong(),
]


@given(st.lists(st.integers(min_value=1, max_value=40)))
def test_any_pieces_give_the_same_frames(cuts: list[int]) -> None:
    stream = b"".join(framing.encode(frame) for frame in SENT)
    frames = framing.Frames(framing.ToParent)
    received = []
    for cut in [*cuts, len(stream)]:
        received += [frame for frame, _ in frames.feed(stream[:cut])]
        stream = stream[cut:]
    assert received == SENT


def test_sizes_are_in_bytes() -> None:
    frames = framing.Frames(framing.ToParent)
    stream = b"".join(framing.encode(frame) for frame in SENT)
    assert sum(size for _, size in frames.feed(stream)) == len(stream)


def head(length: int) -> bytes:
    return framing.encode(framing.Ping())[:4] + struct.pack("<I", length)


@pytest.mark.parametrize(
    "garbage",
    [
        b"Segmentation fault\n",
        b"\x04\0\0\0\x01\0\0\0",  # without the fixed word the decoder would wait for more
        head(3) + b"\xc1\xc1\xc1",
        head(2) + b"{}",
        framing.encode(framing.Ping()),  # a frame of the other direction
        head(20_000) + b"\x91" * 20_000,
        head(framing.MAX_FRAME_BYTES + 1),
    ],
)
def test_other_bytes_are_refused(garbage: bytes) -> None:
    with pytest.raises(framing.FramingError):
        list(framing.Frames(framing.ToParent).feed(garbage))


@pytest.mark.parametrize("item", [object(), 2**70, b"\0" * (framing.MAX_FRAME_BYTES + 1)])
def test_items_that_cannot_be_encoded_are_refused(item: object) -> None:
    with pytest.raises(framing.FramingError):
        framing.encode(framing.Item(1, item))
