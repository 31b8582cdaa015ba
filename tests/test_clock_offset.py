"""Two clocks compared by pings: the true offset lies within the uncertainty."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.clock_offset import ClockOffset


def test_without_pings_nothing_is_known():
    offset = ClockOffset()
    assert not offset.known
    assert offset.uncertainty_us == float("inf")


def test_the_quickest_recent_exchange_counts():
    offset = ClockOffset(window=3)
    offset.add(0, 1_010_000, 1_010_000, 12_000)  # 12 ms round trip, 10 there
    offset.add(20_000, 1_020_400, 1_020_500, 20_900)  # 0.8 ms round trip, even
    offset.add(40_000, 1_041_000, 1_041_000, 49_000)

    assert offset.offset_us == pytest.approx(1_000_000)
    assert 400 <= offset.uncertainty_us < 405

    for at in range(60_000, 140_000, 20_000):  # the quick one falls out of the window
        offset.add(at, at + 1_003_000, at + 1_003_000, at + 6_000)
    assert offset.uncertainty_us >= 3_000


@given(
    ahead=st.integers(-(10**9), 10**12),
    ways=st.lists(st.tuples(st.integers(0, 200_000), st.integers(0, 200_000)), min_size=1),
)
def test_the_true_offset_lies_within_the_uncertainty(ahead, ways):
    offset = ClockOffset()
    for number, (there, back) in enumerate(ways):
        sent = number * 1_000_000
        offset.add(sent, sent + there + ahead, sent + there + ahead + 50, sent + there + back + 50)
        assert abs(offset.offset_us - ahead) <= offset.uncertainty_us + 1


def test_impossible_exchanges_are_ignored():
    offset = ClockOffset()
    offset.add(1_000, 5_000, 9_000, 2_000)  # 4 ms of work within a round trip of 1 ms
    offset.add(1_000, 9_000, 5_000, 2_000)  # replied before it received
    assert not offset.known


def test_a_clock_jump_discards_earlier_exchanges():
    offset = ClockOffset()
    offset.add(0, 1_000_100, 1_000_100, 200)
    offset.add(1_000_000, 9_002_000, 9_002_000, 1_004_000)  # worse, but 7 s away from the old one

    assert offset.offset_us == pytest.approx(8_000_000)
    assert offset.uncertainty_us == pytest.approx(2_000)
