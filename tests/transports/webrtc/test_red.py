"""Redundant audio: what is packed comes out once, in order, whatever is lost, and garbage harms nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.transports.webrtc.red import Block, Packer, Unpacker, packed, unpacked

OPUS = 111
FRAME = 960


def packets(count: int) -> list[bytes]:
    packer = Packer(OPUS)
    return [packer.pack(number * FRAME, b"packet %d" % number) for number in range(count)]


def received(sent: list[bytes], numbers: list[int], first: int = 0) -> list[tuple[int, int, bytes]]:
    """What is handed on when these packets arrive."""
    got: list[tuple[int, int, bytes]] = []
    unpacker = Unpacker(lambda number, time, payload: got.append((number, time, payload)))
    for number in numbers:
        unpacker.packet((first + number) % 2**16, number * FRAME, sent[number])
    return got


def test_a_packet_carries_the_two_before_it() -> None:
    sent = packets(4)
    assert unpacked(sent[0]) == [Block(0, b"packet 0")]
    assert unpacked(sent[3]) == [
        Block(2 * FRAME, b"packet 1"),
        Block(FRAME, b"packet 2"),
        Block(0, b"packet 3"),
    ]


def test_its_bytes_are_those_of_the_standard() -> None:
    assert packed(111, [Block(960, b"ab")], b"c") == bytes([0xEF, 0x0F, 0x00, 0x02, 0x6F]) + b"abc"


def test_each_packet_is_handed_on_once() -> None:
    got = received(packets(5), [0, 1, 2, 3, 4])
    assert got == [(number, number * FRAME, b"packet %d" % number) for number in range(5)]


def test_two_lost_packets_come_with_the_next_one() -> None:
    got = received(packets(5), [0, 3, 4])
    assert [number for number, _time, _payload in got] == [0, 1, 2, 3, 4]
    assert got[1] == (1, FRAME, b"packet 1")


def test_of_three_lost_packets_the_first_is_lost() -> None:
    assert [got[0] for got in received(packets(5), [0, 4])] == [0, 2, 3, 4]


def test_a_packet_that_comes_late_is_not_handed_on_again() -> None:
    assert [got[0] for got in received(packets(4), [0, 2, 1, 3])] == [0, 1, 2, 3]


def test_numbers_go_on_where_they_begin_again() -> None:
    got = received(packets(4), [0, 3], first=65_534)
    assert [number for number, _time, _payload in got] == [65_534, 65_535, 0, 1]


def test_after_a_break_nothing_of_before_is_sent_again() -> None:
    packer = Packer(OPUS)
    packer.pack(0, b"before")
    assert unpacked(packer.pack(48_000, b"after")) == [Block(0, b"after")]


def test_what_is_shorter_than_its_blocks_is_handed_on_as_it_is() -> None:
    broken = packed(OPUS, [Block(FRAME, b"x" * 50)], b"y")[:20]
    assert received([broken], [0]) == [(0, 0, broken)]


@given(st.binary(max_size=80))
def test_garbage_does_no_harm(payload: bytes) -> None:
    for _number, _time, content in received([payload], [0]):
        assert content in payload


@given(st.lists(st.integers(0, 29), max_size=40))
def test_what_arrives_is_right_and_comes_once(arrivals: list[int]) -> None:
    got = received(packets(30), arrivals)
    assert len({number for number, _time, _payload in got}) == len(got)
    for number, time, payload in got:
        assert (time, payload) == (number * FRAME, b"packet %d" % number)


@pytest.mark.parametrize("size", [0, 1023, 1024])
def test_a_packet_too_long_for_a_block_is_sent_once(size: int) -> None:
    packer = Packer(OPUS)
    packer.pack(0, b"x" * size)
    assert len(unpacked(packer.pack(FRAME, b"next"))) == (1 if size > 1023 else 2)
