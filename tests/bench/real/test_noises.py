"""Sound without speech: fourteen kinds, always the same, none of them like another."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from frametalk.bench.real.noises import noises


def test_there_are_fourteen_kinds_and_only_silence_is_silent() -> None:
    made = noises()
    assert len({one.name for one in made}) == 14
    quiet = [one.name for one in made if np.abs(one.samples.astype(int)).max() < 300]
    assert quiet == ["silence"]
    assert all(one.sound_s >= 1 for one in made)


def test_they_are_the_same_each_time_and_different_from_each_other() -> None:
    once, again = noises(), noises()
    assert all((a.samples == b.samples).all() for a, b in zip(once, again, strict=True))
    for one, other in combinations(once, 2):
        size = min(len(one.samples), len(other.samples))
        assert (one.samples[:size] != other.samples[:size]).any(), (one.name, other.name)
