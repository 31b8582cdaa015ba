"""A table of every distribution in a report, with the confidence intervals of its percentiles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rich.table import Column, Table

if TYPE_CHECKING:
    from frametalk.bench.samples import Interval

FEWEST = 6  # values for an interval of the median
WHOLE = 100  # from here on without decimals
RANKS = ("p50", "p95", "p99")


def distributions(
    data: Mapping[str, Any], path: str = ""
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """All distributions in a report as plain data, with their paths; those in lists are left out."""
    for name, value in data.items():
        here = f"{path}.{name}" if path else str(name)
        if isinstance(value, Mapping) and "values" in value and "p50" in value:
            yield here, value
        elif isinstance(value, Mapping):
            yield from distributions(value, here)


def table(data: Mapping[str, Any]) -> Table:
    """One row for each distribution, with 95 % intervals; a question mark: too few values for a bound."""
    different = {
        found["values"]: (path, found)
        for path, found in reversed(list(distributions(data)))
        if found["n"] >= FEWEST and found["values"]
    }
    shown = list(reversed(different.values()))
    ranks = [rank for rank in RANKS if any(found[rank] is not None for _path, found in shown)]
    rows = Table(
        Column("measured", overflow="fold"),
        *(Column(name, justify="right") for name in ("n", *ranks)),
        title="percentiles with 95 % confidence intervals",
    )
    for path, found in shown:
        cells = (_cell(found[rank], found[f"{rank}_ci"]) for rank in ranks)
        rows.add_row(path, str(found["n"]), *cells)
    return rows


def _cell(value: float | None, interval: Interval) -> str:
    if value is None:
        return "-"
    low, high = ("?" if bound is None else _short(bound) for bound in interval)
    return f"{_short(value)} [{low}, {high}]"


def _short(value: float) -> str:
    """Three digits, and all of those before the point."""
    return f"{value:.0f}" if abs(value) >= WHOLE else f"{value:.3g}"
