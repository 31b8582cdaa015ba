"""When packets arrive: no sockets, no clock."""

from __future__ import annotations

from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.netlab.profile import Conditions
from frametalk.netlab.schedule import SEGMENT_BYTES, DatagramPath, StreamPath

CONDITIONS = st.builds(
    Conditions,
    delay_ms=st.floats(60, 200),
    jitter_ms=st.floats(0, 60),
    loss=st.floats(0, 0.3),
    reorder=st.floats(0, 0.2),
    duplicate=st.floats(0, 0.2),
    rate_kbit=st.sampled_from([0, 200, 5_000]),
    queue_bytes=st.integers(3_000, 50_000),
    stall_every_s=st.just(2.0),
    stall_ms=st.floats(1, 1_500),
)
SENDS = st.lists(st.tuples(st.floats(0, 0.2), st.integers(1, 1_448)), max_size=60)
"""Packets: (seconds since the one before, bytes)."""


def times(path: DatagramPath, count: int, every_s: float = 0.02) -> list[tuple[float, ...]]:
    """Datagrams at a steady pace: how long each took."""
    return [
        tuple(at - number * every_s for at in path.send(number * every_s, 100))
        for number in range(count)
    ]


# ---- any conditions ------------------------------------------------------------------------------


@given(CONDITIONS, SENDS, st.integers())
def test_the_same_seed_gives_the_same_network(
    way: Conditions, sends: list[tuple[float, int]], seed: int
) -> None:
    at = list(accumulate(wait for wait, _size in sends))

    def run() -> list[tuple[float, ...]]:
        path = DatagramPath(way, str(seed))
        return [path.send(now, size) for now, (_wait, size) in zip(at, sends, strict=True)]

    assert run() == run()


@given(CONDITIONS, SENDS)
def test_every_datagram_is_delivered_lost_or_dropped_and_never_early(
    way: Conditions, sends: list[tuple[float, int]]
) -> None:
    path, now, delivered = DatagramPath(way, "1"), 0.0, 0
    for wait, size in sends:
        now += wait
        arrive = path.send(now, size)
        delivered += len(arrive)
        assert all(at >= now + (way.delay_ms - way.jitter_ms) / 1000 - 1e-9 for at in arrive)
        assert path.queued_bytes(now) <= way.queue_bytes
    counts = path.counts
    assert counts.packets == len(sends)
    assert counts.bytes == sum(size for _wait, size in sends)
    assert delivered == counts.packets - counts.lost - counts.dropped + counts.duplicated


@given(CONDITIONS, SENDS)
def test_a_stream_stays_in_order(way: Conditions, sends: list[tuple[float, int]]) -> None:
    path, now, arrivals = StreamPath(way, "1"), 0.0, [0.0]
    for wait, size in sends:
        now = max(now + wait, path.room_s(now))
        arrivals.append(path.send(now, size))
        assert arrivals[-1] >= now
    assert all(before <= after for before, after in pairwise(arrivals))
    assert path.counts.dropped == path.counts.reordered == 0


@given(CONDITIONS, st.lists(st.integers(1, 20_000), max_size=30))
def test_a_sender_that_waits_for_room_does_not_overfill_the_queue(
    way: Conditions, sizes: list[int]
) -> None:
    path, now = StreamPath(way, "1"), 0.0
    for size in sizes:
        now = path.room_s(now)
        assert path.queued_bytes(now) < way.queue_bytes
        path.send(now, size)


# ---- one condition at a time ---------------------------------------------------------------------


def test_a_perfect_network_takes_no_time() -> None:
    assert times(DatagramPath(Conditions(), "1"), 3) == [(0,), (0,), (0,)]
    assert StreamPath(Conditions(), "1").send(5.0, 100_000) == 5.0


def test_the_delay_wanders_within_the_jitter_and_uses_its_range() -> None:
    taken = [ms for (ms,) in times(DatagramPath(Conditions(delay_ms=80, jitter_ms=60), "1"), 2_000)]
    assert min(taken) >= 0.020 - 1e-9
    assert min(taken) < 0.035
    assert 0.125 < max(taken) <= 0.140 + 0.020  # behind one that was slower
    assert 0.070 < sum(taken) / len(taken) < 0.090


def test_losses_have_their_share_and_duplicates_too() -> None:
    path = DatagramPath(Conditions(loss=0.1, duplicate=0.05), "1")
    counts = [len(arrived) for arrived in times(path, 4_000)]
    assert 320 < counts.count(0) == path.counts.lost < 480
    assert 130 < counts.count(2) == path.counts.duplicated < 230


def test_a_reordered_datagram_comes_after_those_behind_it() -> None:
    path = DatagramPath(Conditions(reorder=0.1, reorder_ms=50), "1")
    arrivals = [arrived[0] for arrived in (path.send(n * 0.02, 100) for n in range(200))]
    overtaken = sum(before > after for before, after in pairwise(arrivals))
    assert 0 < path.counts.reordered <= 40
    assert overtaken > 0


def test_a_lost_segment_delays_all_that_follow() -> None:
    path = StreamPath(Conditions(delay_ms=50, loss=0.02), "1")
    taken = [path.send(number * 0.02, 100) - number * 0.02 for number in range(500)]
    assert path.counts.lost > 0
    assert max(taken) >= 0.050 + 0.300  # the retransmission time: 200 ms and twice the delay
    slow = next(number for number, seconds in enumerate(taken) if seconds > 0.3)
    assert taken[slow + 1] == pytest.approx(taken[slow] - 0.02)  # it waits for the one before


def test_a_large_write_is_many_segments_with_chances_of_their_own() -> None:
    path = StreamPath(Conditions(loss=0.5), "1")
    path.send(0, SEGMENT_BYTES * 40)
    assert path.counts.packets == 40
    assert path.counts.lost > 10


def test_even_a_network_that_loses_everything_lets_a_stream_through_at_last() -> None:
    assert 5 < StreamPath(Conditions(loss=1.0), "1").send(0, 100) < 60


def test_a_rate_spreads_packets_and_its_queue_drops_the_rest() -> None:
    path = DatagramPath(Conditions(rate_kbit=80, queue_bytes=1_500), "1")  # 10 bytes a ms
    assert [path.send(0, 500) for _ in range(3)] == [(0.05,), (0.10,), (pytest.approx(0.15),)]
    assert path.send(0, 500) == ()
    assert path.send(0.05, 500) == (pytest.approx(0.20),)


def test_a_stream_waits_for_room_in_the_queue_instead() -> None:
    path = StreamPath(Conditions(rate_kbit=80, queue_bytes=1_500), "1")
    for _ in range(3):
        assert path.room_s(0) == 0
        path.send(0, 500)
    assert path.room_s(0) == 0.05


def test_in_a_stall_nothing_moves_and_then_everything_does() -> None:
    path = DatagramPath(Conditions(stall_every_s=2, stall_ms=500), "1")
    taken = [seconds for (seconds,) in times(path, 2_000)]
    assert max(taken) == pytest.approx(0.5, abs=0.021)
    assert 5 < path.counts.stalls < 40
    begin = next(number for number, seconds in enumerate(taken) if seconds > 0.4)
    ends = [number * 0.02 + taken[number] for number in range(begin, begin + 20)]
    assert ends == pytest.approx([ends[0]] * 20)
