"""The table of the engines suite."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec
from rich.table import Table
from rich.text import Text

from frametalk.bench.engines import run as engines
from frametalk.bench.samples import Distribution

if TYPE_CHECKING:
    from frametalk.bench.engines.run import EnginesReport

LONGEST_CELL = 20  # longer texts are cut; the JSON has them whole
_DISTRIBUTION = set(Distribution.__struct_fields__)


def table(report: EnginesReport) -> Table:
    """Every value by its name in the JSON, the name that budgets use."""
    rows = Table(
        "measured",
        "value",
        title="engines, on models of real shape with random weights",
        caption="several values: p50 / p95 / p99 (n)",
    )
    rows.columns[1].justify = "right"
    values: dict[str, Any] = msgspec.to_builtins(report)
    for part in engines.PARTS:
        if values[part] is None:
            rows.add_row(part, Text(f"skipped: {report.skipped[part]}", style="yellow"))
        else:
            for name, value in lines(part, values[part]):
                rows.add_row(Text(name), Text(value))
        rows.add_section()
    return rows


def lines(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """A value of the JSON as (name, text) pairs: objects by key, tables by row."""
    if isinstance(value, dict) and set(value) == _DISTRIBUTION:
        ranks = " / ".join(_text(value[rank]) for rank in ("p50", "p95", "p99"))
        yield name, f"{ranks} ({value['n']})"
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from lines(f"{name}.{key}", inner)
    elif isinstance(value, list | tuple) and any(isinstance(item, dict) for item in value):
        for index, row in enumerate(value):
            cells = (f"{key.rpartition('.')[2]} {_cut(text)}" for key, text in lines("", row))
            yield f"{name}[{index}]", ", ".join(cells)
    elif isinstance(value, list | tuple):
        yield name, ", ".join(map(_text, value))
    else:
        yield name, _text(value)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…"


def _text(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
