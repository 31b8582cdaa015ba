"""Packets that come early, late, twice or not at all."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from frametalk.transports.webrtc.in_order import CALM_PACKETS, WIDEST, WINDOW, InOrder


def put(order: InOrder[int], *numbers: int) -> list[list[int]]:
    return [order.put(number, number + 1, number) for number in numbers]


def test_packets_in_order_are_due_at_once() -> None:
    assert put(InOrder(), 7, 8, 9) == [[7], [8], [9]]


def test_a_packet_that_comes_early_waits_for_the_one_before() -> None:
    assert put(InOrder(), 1, 3, 2, 4) == [[1], [], [2, 3], [4]]


def test_a_missing_packet_is_given_up_when_two_later_ones_wait_and_a_third_comes() -> None:
    order: InOrder[int] = InOrder()
    assert put(order, 1, 3, 4, 5) == [[1], [], [], [3, 4, 5]]
    assert order.lost == 1
    assert put(order, 6, 7) == [[6], [7]]  # no later one waits because of it


def test_a_packet_that_comes_twice_counts_once() -> None:
    assert put(InOrder(), 1, 1, 3, 3, 2, 3) == [[1], [], [], [], [2, 3], []]


def test_a_late_packet_makes_the_window_wider_and_calm_makes_it_narrower_again() -> None:
    order: InOrder[int] = InOrder()
    put(order, 1, 3, 4, 5, 2)
    assert (order.late, order.window) == (1, WINDOW + 1)
    put(order, *range(6, 6 + CALM_PACKETS))
    assert order.window == WINDOW


def test_the_window_has_a_bound() -> None:
    order: InOrder[int] = InOrder(0)
    for first in range(1, 2_000, 20):
        put(order, *range(first, first + 10), first - 1)
    assert order.window == WIDEST


def test_a_first_number_makes_a_first_packet_early() -> None:
    assert put(InOrder(1), 2, 1) == [[], [1, 2]]


def test_packets_of_any_length_are_ordered_by_where_they_begin() -> None:
    order: InOrder[str] = InOrder(0)
    assert order.put(320, 480, "b") == []
    assert order.put(0, 320, "a") == ["a", "b"]
    assert order.put(160, 640, "overlaps") == ["overlaps"]
    assert order.next == 640


def test_flush_waits_no_more() -> None:
    order: InOrder[int] = InOrder()
    put(order, 1, 3, 5)
    assert order.flush() == [3, 5]
    assert order.next == 6


@given(st.permutations(range(30)), st.sets(st.integers(0, 29)), st.sets(st.integers(0, 29)))
def test_whatever_the_network_does_numbers_rise_and_none_comes_twice(
    arriving: list[int], lost: set[int], twice: set[int]
) -> None:
    order: InOrder[int] = InOrder(0)
    due = []
    for number in arriving:
        if number not in lost:
            due += order.put(number, number + 1, number)
        if number in twice:
            due += order.put(number, number + 1, number)
        assert len(order._held) <= WIDEST + 1
    due += order.flush()
    assert due == sorted(set(due))


@given(
    st.lists(st.integers(0, 2), min_size=40, max_size=40), st.sets(st.integers(1, 39), max_size=8)
)
def test_small_disorder_loses_nothing_but_what_is_lost(delays: list[int], lost: set[int]) -> None:
    arriving = sorted(range(40), key=lambda number: number + delays[number])
    order: InOrder[int] = InOrder(0)
    due = []
    for number in arriving:
        if number not in lost:
            due += order.put(number, number + 1, number)
    due += order.flush()
    assert due == [number for number in range(40) if number not in lost]
