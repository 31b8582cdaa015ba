"""The table of the suite `attack`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from frametalk.bench.attack.run import AttackReport
    from frametalk.bench.samples import Distribution


def table(report: AttackReport) -> Table:
    """The sums, each flood, and each input that had a wrong outcome."""
    rows = Table("measured", "value", title="attack: hostile clients beside a player")
    rows.columns[1].justify = "right"
    rows.add_row("bad inputs", str(report.inputs))
    rows.add_row("with a wrong outcome", str(report.wrong))
    rows.add_row("server ended", str(report.crashes))
    rows.add_row("longest wait of a ping, ms", f"{report.longest_stall_ms:.1f}")
    rows.add_row("... while inputs came one at a time", f"{report.input_stall_ms:.1f}")
    rows.add_row("memory kept, MB", f"{report.rss_growth_mb:.1f}")
    ratio = report.neighbour_p95_ratio
    rows.add_row(
        "neighbours' p95 under the worst flood, ratio", "-" if ratio is None else f"{ratio:.2f}"
    )
    rows.add_section()
    rows.add_row("mouth-to-ear of neighbours, calm", _waits(report.neighbour_calm_ms))
    for flood in report.floods:
        lost = f", {flood.lost} lost" if flood.lost else ""
        rows.add_row(f"... beside {flood.name}", _waits(flood.neighbour_ms) + lost)
    rows.add_section()
    for bad in report.wrong_inputs:
        got = ", ".join(bad.got) or "nothing"
        rows.add_row(Text(bad.name), Text(f"{bad.expected or 'no error'}, not {got}", style="red"))
    return rows


def _waits(waits: Distribution) -> str:
    p95 = "-" if waits.p95 is None else f"{waits.p95:.0f}"
    return "-" if waits.p50 is None else f"{waits.p50:.0f} / {p95} ms ({waits.n})"
