"""The table of the real suite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from rich.table import Table
from rich.text import Text

from frametalk.bench.engines.report import lines
from frametalk.bench.real.run import PARTS

if TYPE_CHECKING:
    from frametalk.bench.real.run import RealReport

# Long lists of texts: they are in the JSON.
IN_JSON_ONLY = frozenset({"wrong", "reference", "trials", "embedded_trials", "settings", "lost"})


def table(report: RealReport) -> Table:
    """Every value by its name in the JSON, the name that budgets use; then what is skipped and why."""
    rows = Table(
        "measured",
        "value",
        title="real models and recordings of people",
        caption="several values: p50 / p95 / p99 (n)",
    )
    rows.columns[1].justify = "right"
    values: dict[str, Any] = msgspec.to_builtins(report)
    for part in PARTS.values():
        for key in part.values:
            if values[key] is not None:
                for name, value in lines(key, _short(values[key])):
                    rows.add_row(Text(name), Text(value))
            if values.get(f"{key}_n"):
                rows.add_row(Text(f"{key}_n"), str(values[f"{key}_n"]))
        rows.add_section()
    for key, reason in report.skipped.items():
        rows.add_row(Text(key), Text(f"skipped: {reason}", style="yellow"))
    for part_name, reason in report.failed.items():
        rows.add_row(Text(part_name), Text(f"failed: {reason}", style="bold red"))
    return rows


def _short(value: Any) -> Any:
    """The value without its long lists."""
    if not isinstance(value, dict):
        return value
    return {key: inner for key, inner in value.items() if key not in IN_JSON_ONLY}
