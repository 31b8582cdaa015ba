"""When connections are cut."""

from __future__ import annotations

from frametalk.netlab.cuts import cuts_every, random_cuts


def test_cuts_are_random_and_repeatable() -> None:
    first, again, other = (random_cuts(seed, 0.05, 0.5) for seed in (1, 1, 2))
    cuts = [first() for _ in range(200)]
    assert cuts == [again() for _ in range(200)]
    assert cuts != [other() for _ in range(200)]
    assert {cut.how for cut in cuts} == {"reset", "close", "half_open"}
    assert any(cut.up_bytes for cut in cuts)
    assert any(cut.down_bytes for cut in cuts)
    assert all(0.05 <= (cut.after_s or 0) <= 0.5 for cut in cuts)


def test_cuts_have_a_mean_time_or_there_are_none() -> None:
    assert cuts_every(1, 0) is None
    cuts = cuts_every(1, 20)
    assert cuts is not None
    assert all(10 <= (cuts().after_s or 0) <= 30 for _ in range(50))
