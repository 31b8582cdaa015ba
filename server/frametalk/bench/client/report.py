"""The table of the suite `client`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

if TYPE_CHECKING:
    from frametalk.bench.client.run import ClientReport


def table(report: ClientReport) -> Table:
    """What a frame costs, and how far the lips are from the sound."""
    rows = Table(title=f"client: {report.engine}, {report.replies} replies")
    rows.add_column("measured")
    rows.add_column("value", justify="right")
    for name in ("p50", "p99", "max"):
        rows.add_row(
            f"main thread ms a frame, {name}", _cell(getattr(report.frame_ms, name), ".3f")
        )
    for hz, share in report.frame_share.items():
        rows.add_row(f"p99 as part of a frame at {hz} Hz", f"{share:.1%}")
    rows.add_row("mouth before the sound ms, median", _cell(report.lips_ms.p50, "+.1f"))
    rows.add_row("distance of mouth and sound ms, p95", _cell(report.lips_distance_ms.p95, ".1f"))
    if report.garbage_bytes_per_frame is not None:
        rows.add_row("garbage bytes a frame", f"{report.garbage_bytes_per_frame:.1f}")
    return rows


def _cell(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
