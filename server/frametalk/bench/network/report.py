"""The table of the suite `network`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

if TYPE_CHECKING:
    from frametalk.bench.network.run import NetworkReport

COUNTS = (
    ("cuts", "cuts"),
    ("sessions resumed", "resumes"),
    ("control messages lost", "control_lost"),
    ("control messages that came twice", "control_doubled"),
    ("microphone samples lost", "mic_samples_lost"),
    ("reply samples lost", "reply_samples_lost"),
    ("tools carried out twice", "tools_twice"),
)


def table(report: NetworkReport) -> Table:
    """One row for each count, and the times of resuming."""
    rows = Table(title=f"network: {report.sessions} conversations, {report.turns} turns")
    rows.add_column("measured")
    rows.add_column("value", justify="right")
    for name, field in COUNTS:
        rows.add_row(name, str(getattr(report, field)))
    for name in ("p50", "p99"):
        value = getattr(report.resume_ms, name)
        rows.add_row(f"resume ms, {name}", "-" if value is None else f"{value:.1f}")
    for code, count in report.errors.items():
        rows.add_row(f"error {code}", str(count))
    return rows
