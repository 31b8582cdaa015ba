"""Strips of frames: what a client takes of each, to the scale of a frame, and one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

import msgspec

from frametalk.bench.client.run import RATES_HZ, Cost
from frametalk.bench.html.chart import LEFT, RIGHT, Chart, colour
from frametalk.bench.html.markup import Child, Markup, element, figure, legend
from frametalk.bench.html.scales import Scale, linear, whole

WIDTH, ROW_PX, LABEL_PX = 900, 34, 110
SAID_PX = 185  # for the words beside a bar
SHARES = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01)  # of a frame; the highest that fits is marked
COLUMNS = 400  # of the strip of all frames
SIZE = (900, 200)


def drawn(data: Mapping[str, Any]) -> list[Markup]:
    """Both strips, if the result is a client's. Raises msgspec.ValidationError if it is not valid."""
    if not isinstance(data.get("frame_ms"), Mapping):
        return []
    cost = msgspec.convert(data["frame_ms"], Cost)
    return [_share(cost), *([_strip(cost.values)] if cost.values else [])]


def _share(cost: Cost) -> Markup:
    """A whole frame at each rate, and what we take of it."""
    longest_ms = 1000 / min(RATES_HZ)
    scale = Scale(0.0, longest_ms, LABEL_PX, WIDTH - LABEL_PX - SAID_PX)
    rows = [_frame(hz, cost, scale, 4 + ROW_PX * n) for n, hz in enumerate(sorted(RATES_HZ))]
    svg = element(
        "svg",
        *rows,
        viewBox=f"0 0 {WIDTH} {ROW_PX * len(RATES_HZ) + 8}",
        role="img",
        aria_label="our share of a frame at each frame rate",
    )
    return figure(
        "Our share of a frame",
        svg,
        legend((("median", colour(2)), ("p99", colour(1)), ("highest", colour(0)))),
        note=f"each bar is the time of one frame; of {cost.n} frames in which a reply was heard",
        class_="full",
    )


def _frame(hz: int, cost: Cost, scale: Scale, top: float) -> list[Child]:
    frame_ms = 1000 / hz
    ends = ((cost.max, 0), (cost.p99, 1), (cost.p50, 2))
    known = [(ms, n) for ms, n in ends if ms is not None]
    said = [(name, ms) for name, ms in (("p99", cost.p99), ("highest", cost.max)) if ms is not None]
    parts = [
        element(
            "rect",
            element("title", f"{ms:.3f} ms, {ms / frame_ms:.1%} of a frame at {hz} Hz"),
            x=scale.start_px,
            y=top,
            width=max(1.0, scale.at(min(ms, frame_ms)) - scale.start_px),
            height=ROW_PX - 10,
            style=f"fill:{colour(n)}",
        )
        for ms, n in known
    ]
    end, middle = scale.at(frame_ms), top + (ROW_PX - 10) / 2 + 4
    return [
        element("text", f"{hz} Hz, {frame_ms:.1f} ms", x=LABEL_PX - 8, y=middle, class_="tick end"),
        element(
            "rect",
            x=scale.start_px,
            y=top,
            width=end - scale.start_px,
            height=ROW_PX - 10,
            class_="frame",
        ),
        *parts,
        element(
            "text",
            ", ".join(f"{name} {ms / frame_ms:.1%}" for name, ms in said),
            x=end + 8,
            y=middle,
            class_="tick",
        ),
    ]


def _strip(each_ms: Sequence[float]) -> Markup:
    """Our cost in frame after frame; a column of several frames has their median and their highest."""
    size = -(-len(each_ms) // COLUMNS)
    groups = [each_ms[n : n + size] for n in range(0, len(each_ms), size)]
    start, length = LEFT, SIZE[0] - LEFT - RIGHT
    y = linear(each_ms, SIZE[1] - 38, -(SIZE[1] - 52), zero=True)
    x = linear((0, len(each_ms)), start, length, zero=True)
    ticks = [tick for tick in whole(x).ticks if tick[0] <= len(each_ms)]
    chart = Chart(
        x._replace(high=len(each_ms), ticks=ticks),
        y,
        ("frames in which a reply was heard, in their order", "ms"),
        SIZE,
    )
    for n, group in enumerate(groups):
        across = (n * size, n * size + len(group))
        said = (
            f"frames from {n * size + 1}: median {median(group):.3f}, highest {max(group):.3f} ms"
        )
        chart.bar(across, (0, max(group)), colour(0), said)
        chart.bar(across, (0, median(group)), colour(2), said)
    shares = [share for share in SHARES if share * 1000 / min(RATES_HZ) <= y.high]
    for column, hz in enumerate(RATES_HZ if shares else ()):
        chart.across(shares[0] * 1000 / hz, f"{shares[0]:.0%} of a frame at {hz} Hz", column)
    return figure(
        "Frame after frame",
        chart.svg("our cost in each frame"),
        legend((("median", colour(2)), ("highest", colour(0)))),
        note=f"{size} frames a column",
        class_="full",
    )
