"""Confidence intervals: of a percentile from the ranks of its values, of a difference by resampling."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

RESAMPLES = 2_000
Values = npt.NDArray[np.float64]


@cache
def interval_ranks(n: int, share: float, level: float = 0.95) -> tuple[int | None, int | None]:
    """The ranks (from 1) of the values between which the percentile lies with probability `level`.

    None for a bound that needs more than `n` values.
    """
    at_most = _binomial_cdf(n, share)  # probability that at most k of n values are below it
    low = int(np.searchsorted(at_most, (1 - level) / 2, side="right"))
    high = int(np.searchsorted(at_most, (1 + level) / 2, side="left")) + 1
    return (low if low >= 1 else None), (high if high <= n else None)


def _binomial_cdf(n: int, share: float) -> Values:
    k = np.arange(n)
    steps = np.log((n - k) / (k + 1) * share / (1 - share))
    logarithms = n * np.log1p(-share) + np.concatenate(([0.0], np.cumsum(steps)))
    cdf: Values = np.cumsum(np.exp(logarithms))
    return cdf


def median_interval(values: Sequence[float], level: float) -> tuple[float, float, float] | None:
    """The median with its confidence interval; None for too few values."""
    low, high = interval_ranks(len(values), 0.5, level) if values else (None, None)
    if low is None or high is None:
        return None
    ranked = sorted(values)
    return float(np.median(ranked)), ranked[low - 1], ranked[high - 1]


def percentile_change(
    old: Sequence[float], new: Sequence[float], share: float, level: float, *, paired: bool
) -> tuple[float, float, float]:
    """New percentile less old one, with its confidence interval by resampling.

    `paired`: the values at one place belong together and are drawn together.
    """
    random = np.random.default_rng(0)
    before, after = np.asarray(old, float), np.asarray(new, float)
    drawn = random.integers(0, len(before), (RESAMPLES, len(before)))
    drawn_after = drawn if paired else random.integers(0, len(after), (RESAMPLES, len(after)))
    moved = _nearest(after[drawn_after], share) - _nearest(before[drawn], share)
    tail = (1 - level) / 2
    low, high = np.quantile(moved, (tail, 1 - tail))
    change = _nearest(after[None], share)[0] - _nearest(before[None], share)[0]
    return float(change), float(low), float(high)


def _nearest(rows: Values, share: float) -> Values:
    """The percentile of each row by nearest rank."""
    rank = max(0, int(np.ceil(share * rows.shape[1])) - 1)
    found: Values = np.partition(rows, rank, axis=1)[:, rank]
    return found


def sign_test(fewer: int, more: int) -> float:
    """The probability of so uneven a split, or a more uneven one, if both were equally likely."""
    n = fewer + more
    if n == 0:
        return 1.0
    return min(1.0, 2 * float(_binomial_cdf(n, 0.5)[min(fewer, more)]))
