"""What a server does as sessions are added: times, shares of a core, memory, and where the time went."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from frametalk.bench.html.chart import Chart, colour, place_x, place_y
from frametalk.bench.html.distributions import curves
from frametalk.bench.html.markup import Markup, figure, legend
from frametalk.bench.html.scales import Scale, linear, whole
from frametalk.bench.load.report import SHARE, Objective, medians_judged
from frametalk.bench.samples import Distribution

NOTHING = Distribution(0)
MOST_STAGES = 5  # with a colour of their own
Series = tuple[str, Sequence[tuple[float, float]]]


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What is drawn of a level (bench.load.report.Level), which may be of an older version."""

    sessions: int
    cpu_core_share: float
    overhead_ms: Distribution | None = None
    mouth_to_ear_ms: Distribution = NOTHING
    loop_lag_ms: Distribution = NOTHING
    rss_mb: float | None = None
    stages: dict[str, float] = {}
    workers: dict[str, float] = {}


def drawn(data: Mapping[str, Any]) -> list[Markup]:
    """The curves, if the result has levels. Raises msgspec.ValidationError if they are not valid."""
    if not data.get("levels"):
        return []
    levels = msgspec.convert(data["levels"], list[Shown])
    objective = msgspec.convert(data.get("objective") or {}, Objective)
    figures = [_core(levels), _spent(levels)]
    scripted = any(level.overhead_ms for level in levels)
    few = medians_judged((level.sessions, _turns(level)) for level in levels)
    if scripted:
        limit_ms = objective.overhead_p95_ms
        figures.append(_times(levels, "overhead", _turns, limit_ms, few))
    note = "" if scripted else few
    figures.append(_times(levels, "mouth to ear", lambda each: each.mouth_to_ear_ms, None, note))
    lag_ms = objective.loop_lag_p99_ms
    figures.append(_times(levels, "loop lag", lambda level: level.loop_lag_ms, lag_ms))
    figures += [_memory(levels), _percentiles(levels)]
    return [found for found in figures if found]


def _turns(level: Shown) -> Distribution:
    """What is judged of the turns."""
    return level.overhead_ms or level.mouth_to_ear_ms


def _x(levels: Sequence[Shown]) -> Scale:
    return whole(linear((level.sessions for level in levels), *place_x(), zero=True))


def _lines(
    levels: Sequence[Shown], series: Sequence[Series], unit: str, limit: tuple[float, str] | None
) -> Markup:
    """Lines over the number of sessions, and a limit."""
    values = [y for _name, points in series for _x, y in points]
    y = linear([*values, limit[0]] if limit else values, *place_y(), zero=True)
    chart = Chart(_x(levels), y, ("sessions", unit))
    if limit:
        chart.across(*limit)
    for n, (name, points) in enumerate(series):
        chart.line(points, colour(n))
        said = [(at, value, f"{at:g} sessions: {name} {value:.4g} {unit}") for at, value in points]
        chart.marks(said, colour(n))
    return chart.svg(f"{', '.join(name for name, _points in series)} over the number of sessions")


def _core(levels: Sequence[Shown]) -> Markup:
    points = [(level.sessions, 100 * level.cpu_core_share) for level in levels]
    limit = (100 * SHARE, f"{SHARE:.0%} of a core")
    note = "100 % is one core; server and workers"
    svg = _lines(levels, [("processor time", points)], "% of a core", limit)
    return figure("Processor time", svg, note=note)


def _times(
    levels: Sequence[Shown],
    what: str,
    of: Callable[[Shown], Distribution],
    limit_ms: float | None,
    note: str = "",
) -> Markup | None:
    """Percentiles over the number of sessions; None if there are none."""
    series: list[Series] = []
    for rank in ("p50", "p95", "p99"):
        known = [(level.sessions, getattr(of(level), rank)) for level in levels]
        points = [(sessions, ms) for sessions, ms in known if ms is not None]
        if points:
            series.append((rank, points))
    if not series:
        return None
    rank = "p99" if what == "loop lag" else "p95"
    limit = None if limit_ms is None else (limit_ms, f"objective, {rank}: {limit_ms:g} ms")
    names = legend((name, colour(n)) for n, (name, _points) in enumerate(series))
    return figure(what.capitalize(), _lines(levels, series, "ms", limit), names, note=note)


def _memory(levels: Sequence[Shown]) -> Markup | None:
    points = [(level.sessions, level.rss_mb) for level in levels if level.rss_mb is not None]
    if not points:
        return None
    return figure("Memory", _lines(levels, [("resident memory", points)], "MB", None))


def _spent(levels: Sequence[Shown]) -> Markup | None:
    """Where the time of each level went, as a bar of stages and workers."""
    spent = [{**level.stages, **level.workers} for level in levels]
    if not any(spent):
        return None
    last = spent[-1]
    names = sorted({name for each in spent for name in each}, key=lambda name: -last.get(name, 0.0))
    named, others = names[:MOST_STAGES], names[MOST_STAGES:]
    ticks = [(n + 0.5, str(level.sessions)) for n, level in enumerate(levels)]
    x = Scale(0, len(levels), *place_x(), ticks)
    y = linear((100 * sum(each.values()) for each in spent), *place_y(), zero=True)
    chart = Chart(x, y, ("sessions", "% of a core"))
    for n, each in enumerate(spent):
        shares = {name: each.get(name, 0.0) for name in named}
        if others:
            shares["others"] = sum(each.get(name, 0.0) for name in others)
        before = 0.0
        for row, (name, share) in enumerate(shares.items()):
            said = f"{levels[n].sessions} sessions: {name} {share:.1%}"
            chart.bar((n + 0.2, n + 0.8), (before, before + 100 * share), colour(row), said)
            before += 100 * share
    shown = [*named, *(["others"] if others else [])]
    entries = legend((name, colour(n)) for n, name in enumerate(shown))
    svg = chart.svg("shares of a core by stage, for each number of sessions")
    return figure("Where the processor time went", svg, entries)


def _percentiles(levels: Sequence[Shown]) -> Markup | None:
    """The percentile curves of all levels, one over the other."""
    sets = [(level, _turns(level)) for level in levels]
    series = [(f"{level.sessions} sessions", found.values) for level, found in sets if found.values]
    if not series:
        return None
    what = "overhead" if levels[-1].overhead_ms else "mouth to ear"
    drawn_curves = curves(series, "ms", f"{what} at each number of sessions")
    return figure(f"Percentiles of {what}", drawn_curves)
