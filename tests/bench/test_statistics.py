"""Confidence intervals hold what they say, on values whose distribution is known."""

from __future__ import annotations

import numpy as np
import pytest

from frametalk.bench.statistics import (
    interval_ranks,
    median_interval,
    percentile_change,
    sign_test,
)


@pytest.mark.parametrize(
    ("n", "share", "ranks"),
    [
        (5, 0.5, (None, None)),
        (6, 0.5, (1, 6)),
        (20, 0.5, (6, 15)),
        (20, 0.95, (17, None)),
        (100, 0.5, (40, 61)),
        (100, 0.95, (90, 100)),
    ],
)
def test_the_ranks_of_an_interval_are_those_of_the_tables(n, share, ranks):
    assert interval_ranks(n, share) == ranks


def test_a_thousand_intervals_contain_the_true_median_as_often_as_they_say():
    random = np.random.default_rng(1)
    intervals = [median_interval(list(random.exponential(size=41)), 0.95) for _ in range(1_000)]
    inside = sum(low <= np.log(2) <= high for _median, low, high in intervals)
    assert 940 <= inside <= 985


def test_too_few_values_have_no_interval():
    assert median_interval([1, 2, 3], 0.95) is None
    assert median_interval([], 0.95) is None


def test_pairs_show_a_difference_that_is_small_beside_their_spread():
    random = np.random.default_rng(2)
    old = random.uniform(100, 900, size=60)
    new = old + 5 + random.normal(0, 1, size=60)
    _by, low, high = percentile_change(old, new, 0.5, 0.99, paired=True)
    apart = percentile_change(old, new, 0.5, 0.99, paired=False)
    assert 0 < low < high
    assert apart[1] < 0 < apart[2]


def test_an_even_split_is_no_evidence_and_a_one_sided_one_is():
    assert sign_test(5, 5) == 1.0
    assert sign_test(0, 10) == pytest.approx(2 / 1024)
    assert sign_test(10, 0) == pytest.approx(2 / 1024)
    assert sign_test(0, 0) == 1.0
