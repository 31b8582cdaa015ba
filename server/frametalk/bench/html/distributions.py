"""Distributions: how often each value occurs, and the curve of all percentiles."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from frametalk.bench.html.chart import Chart, colour, place_x, place_y
from frametalk.bench.html.markup import Markup, details, element, figure, legend, short
from frametalk.bench.html.scales import linear, tail, whole
from frametalk.bench.intervals import FEWEST, RANKS, distributions

SIZE = (400, 200)
FEWEST_BINS, MOST_BINS = 6, 36
FAR = 4  # values so many times as far as most of them are not drawn in a histogram
MOST_POINTS = 240  # of a curve
UNITS = ("ms", "us", "mb", "db", "s")


def drawn(data: Mapping[str, Any]) -> list[Markup]:
    """A figure for each distribution that has values; those inside of others only on request."""
    top: list[Markup] = []
    inner: list[Markup] = []
    for path, found in _different(data):
        (inner if "." in path else top).append(_figure(path, found))
    if inner:
        rest = element("div", inner, class_="grid-2")
        top.append(details(f"{len(inner)} more distributions", rest))
    return top


def _different(data: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Distributions with enough values to draw, each once."""
    seen = set()
    for path, found in distributions(data):
        values = tuple(found["values"])
        if len(values) >= FEWEST and len(set(values)) > 1 and values not in seen:
            seen.add(values)
            yield path, found


def _figure(path: str, found: Mapping[str, Any]) -> Markup:
    ranks = ", ".join(
        f"{rank} {short(found[rank])}" for rank in RANKS if found.get(rank) is not None
    )
    pair = element(
        "div",
        _histogram(path, found),
        curves([("", found["values"])], unit_of(path), path),
        class_="grid-2",
    )
    return figure(f"{path}: {ranks} (n = {len(found['values'])})", pair, class_="full")


def unit_of(path: str) -> str:
    """The unit in a value's name, or an empty text."""
    words = path.rpartition(".")[2].split("_")
    names = [word for word in words if word in UNITS]
    if not names and "." in path:
        return unit_of(path.rpartition(".")[0])
    return names[-1] if names else ""


def _histogram(path: str, found: Mapping[str, Any]) -> Markup:
    ranked = sorted(map(float, found["values"]))
    kept = _near(ranked)
    bins = min(MOST_BINS, max(FEWEST_BINS, math.ceil(2 * len(kept) ** (1 / 3))))
    width = ((kept[-1] - kept[0]) or 1.0) / bins
    counts = [0] * bins
    for value in kept:
        counts[min(bins - 1, int((value - kept[0]) / width))] += 1
    x = linear((kept[0], kept[-1]), *place_x(SIZE[0]), zero=False)
    y = whole(linear(counts, *place_y(SIZE[1]), zero=True))
    left_out = len(ranked) - len(kept)
    more = f"; {left_out} larger, up to {short(ranked[-1])}" if left_out else ""
    chart = Chart(x, y, (f"{unit_of(path)}{more}".lstrip("; "), "values"), SIZE)
    for n, count in enumerate(counts):
        low, high = kept[0] + n * width, kept[0] + (n + 1) * width
        if count:
            said = f"{count} from {short(low)} to {short(high)}"
            chart.bar((low, high), (0, count), colour(0), said)
    for row, rank in enumerate(RANKS):
        at = found.get(rank)
        if at is not None and at <= kept[-1]:
            chart.upright(at, rank, row)
    return chart.svg(f"how often each value of {path} occurs")


def _near(ranked: Sequence[float]) -> Sequence[float]:
    """Without the few values that are much farther from the least than the others."""
    far = ranked[0] + FAR * (ranked[math.ceil(0.95 * len(ranked)) - 1] - ranked[0])
    if ranked[-1] <= far or far == ranked[0]:
        return ranked
    return [value for value in ranked if value <= far]


def curves(series: Sequence[tuple[str, Sequence[float]]], unit: str, described: str) -> Markup:
    """Percentile curves of one or several sets of values; the tail is widened."""
    sets = [(name, sorted(map(float, values))) for name, values in series if values]
    x = tail(max(len(values) for _name, values in sets), *place_x(SIZE[0]))
    ends = [values[at] for _name, values in sets for at in (0, -1)]
    chart = Chart(x, linear(ends, *place_y(SIZE[1]), zero=True), ("percentile", unit), SIZE)
    for n, (_name, values) in enumerate(sets):
        chart.line(_points(values), colour(n))
    svg = chart.svg(f"percentiles of {described}")
    if len(sets) == 1:
        return svg
    names = [(name, colour(n)) for n, (name, _values) in enumerate(sets)]
    return element("div", svg, legend(names))


def _points(ranked: Sequence[float]) -> list[tuple[float, float]]:
    """Ranks as shares, so thinned that the tail keeps each of its values."""
    n = len(ranked)
    kept: Iterable[int] = range(n)
    if n > MOST_POINTS:
        farthest = math.log(2 * n) / MOST_POINTS
        steps = (n - n * math.exp(-farthest * step) for step in range(MOST_POINTS + 1))
        kept = sorted({0, n - 1, *(min(n - 1, round(at)) for at in steps)})
    return [((at + 0.5) / n, ranked[at]) for at in kept]
