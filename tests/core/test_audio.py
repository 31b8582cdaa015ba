"""Frames and sample arithmetic."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from frametalk.core.audio import Rechunker, first_audible, ms_to_samples, samples_to_ms


@given(st.lists(st.integers(0, 700), max_size=20), st.integers(0, 10_000))
def test_windows_are_the_sound_without_a_sample_lost_or_doubled(
    sizes: list[int], start: int
) -> None:
    sound = np.arange(sum(sizes), dtype=np.int16)
    rechunker, windows, at = Rechunker(512, start), [], start
    for size in sizes:
        for begins, window in rechunker.feed(sound[at - start : at - start + size]):
            assert begins == start + 512 * len(windows)
            windows.append(window)
        at += size
    joined = np.concatenate(windows) if windows else np.empty(0, np.int16)
    assert np.array_equal(joined, sound[: len(sound) // 512 * 512])


def test_the_first_audible_sample_is_the_first_above_the_threshold() -> None:
    sound = np.zeros(100, np.int16)
    assert first_audible(sound) is None
    sound[40], sound[60] = -200, 3000
    assert first_audible(sound) == 40


def test_times_and_samples_agree() -> None:
    assert ms_to_samples(20, 22_050) == 441
    assert samples_to_ms(441, 22_050) == 20
