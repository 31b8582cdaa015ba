"""The ring of the newest sound: windows, copies, arrivals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.core.recent import ARRIVALS, RecentSound

WINDOW = 8


def numbered(first: int, count: int) -> np.ndarray:
    """Samples whose value is their number."""
    return np.arange(first, first + count).astype(np.int16)


@given(
    st.integers(0, 100),
    st.integers(1, 60),
    st.lists(st.integers(0, 40), max_size=60),
    st.integers(0, 3_000),
)
def test_whatever_is_written_comes_back(
    start: int, kept: int, counts: list[int], first: int
) -> None:
    sound, cut = RecentSound(kept, WINDOW, start), []
    for count in counts:
        for at, window in sound.write(numbered(sound.end, min(sound.room, count)), 0.0):
            assert window.tolist() == numbered(at, WINDOW).tolist()
            cut.append(at)
    assert cut == list(range(start, sound.end - WINDOW + 1, WINDOW))
    begin = min(max(first, sound.oldest), sound.end)
    assert sound.since(first).tolist() == numbered(begin, sound.end - begin).tolist()
    assert sound.end - sound.oldest >= min(kept, sound.end - start)


def test_a_window_is_a_view_that_holds_while_there_is_room() -> None:
    sound = RecentSound(64, WINDOW)
    ((_at, window),) = sound.write(numbered(0, WINDOW), 0.0)
    sound.write(numbered(WINDOW, sound.room), 0.0)
    assert window.tolist() == numbered(0, WINDOW).tolist()


def test_the_arrival_of_each_piece_is_known() -> None:
    sound = RecentSound(16_000, 512)
    for number in range(10):
        sound.write(numbered(0, 320), number / 50)
    assert sound.arrived_s(1) == 0
    assert sound.arrived_s(320) == 0
    assert sound.arrived_s(321) == 0.02
    assert sound.arrived_s(3_200) == pytest.approx(0.18)
    assert sound.arrived_s(3_201) is None


def test_tiny_pieces_share_an_arrival() -> None:
    sound = RecentSound(16_000, 512)
    for number in range(3_200):
        sound.write(numbered(0, 1), number / 16_000)
    assert sound.arrived_s(3_200) == pytest.approx(0.2, abs=0.001)
    assert sound.arrived_s(160) == pytest.approx(0.01, abs=0.001)
    assert sound._arrivals == 20


def test_only_the_newest_arrivals_are_known() -> None:
    sound = RecentSound(16_000, 512)
    for number in range(ARRIVALS + 50):
        sound.write(numbered(0, 320), float(number))
    assert sound.arrived_s(1) == 50  # the oldest that is known
    assert sound.arrived_s(51 * 320) == 50
    assert sound.arrived_s(51 * 320 + 1) == 51
    assert sound.arrived_s(sound.end) == ARRIVALS + 49
