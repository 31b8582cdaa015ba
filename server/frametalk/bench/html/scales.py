"""Where values are on a drawing: linear axes with round ticks, and a scale that widens the tail."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

SHARES = (0.0, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999)


class Scale(NamedTuple):
    """Values from `low` to `high` lie from `start_px` on along `length_px` (below 0: upwards).

    `ticks` are labelled values; `of` brings values onto an even scale first.
    """

    low: float
    high: float
    start_px: float
    length_px: float
    ticks: Sequence[tuple[float, str]] = ()
    of: Callable[[float], float] = float

    def at(self, value: float) -> float:
        """The place of a value; one outside the scale is at its end."""
        low, high = self.of(self.low), self.of(self.high)
        share = (self.of(value) - low) / ((high - low) or 1.0)
        return self.start_px + self.length_px * min(1.0, max(0.0, share))


def linear(values: Iterable[float], start_px: float, length_px: float, *, zero: bool) -> Scale:
    """A scale for these values, up to a round number; with `zero` it begins there."""
    known = list(values) or [0.0]
    low, high = min(known), max(known)
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if high <= low:
        high = low + (abs(low) or 1.0)
    step = _step((high - low) / 4)
    low, high = math.floor(low / step) * step, math.ceil(high / step) * step
    count = round((high - low) / step)
    marks = [round(low + step * n, 12) for n in range(count + 1)]
    return Scale(low, high, start_px, length_px, [(mark, f"{mark:.6g}") for mark in marks])


def whole(scale: Scale) -> Scale:
    """The scale of a count, labelled at whole numbers only."""
    return scale._replace(ticks=[tick for tick in scale.ticks if tick[0].is_integer()])


def _step(rough: float) -> float:
    """The next step of 1, 2, 2.5 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)


def tail(n: int, start_px: float, length_px: float) -> Scale:
    """A scale of the percentiles of `n` values, on which 90, 99 and 99.9 are equally far apart."""
    highest = 1 - 0.5 / max(1, n)
    ticks = [(share, f"{100 * share:g}") for share in SHARES if share <= highest]
    return Scale(0.0, highest, start_px, length_px, ticks, _nines)


def _nines(share: float) -> float:
    return -math.log10(1 - min(share, 0.9999999))
