"""The table of the suite `soak`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

if TYPE_CHECKING:
    from frametalk.bench.soak.run import SoakReport
    from frametalk.bench.soak.state import State

COUNTS = ("descriptors", "threads", "tasks")


def table(report: SoakReport) -> Table:
    """What the server held before and after, for both parts."""
    rows = Table("measured", "before", "after", "growth", title="soak: does the server stay small?")
    for column in rows.columns[1:]:
        column.justify = "right"
    if (stop := report.stop) is not None:
        rows.add_row(f"{stop.sessions} players at SIGTERM", "", "", "")
        rows.add_row("... turns cut", "", str(stop.turns_cut), "")
        rows.add_row("... seconds to the end", "", f"{stop.exit_s:.1f}", "")
        rows.add_row(
            "... processes left, killed too", "", str(stop.orphans + stop.orphans_of_killed), ""
        )
        rows.add_section()
    if (cycles := report.cycles) is not None:
        rows.add_row(f"{cycles.count} clients that vanished", "", "", "")
        rows.add_row("... not as they meant to", "", str(sum(cycles.failed.values())), "")
        _memory(rows, cycles.before, cycles.after)
        _counts(rows, cycles.before, cycles.after)
        rows.add_section()
    if (talk := report.talk) is not None:
        rows.add_row(f"{talk.sessions} players, {talk.minutes:g} minutes", "", "", "")
        rows.add_row("... turns", "", str(talk.players.turns), "")
        rows.add_row("... not answered", "", str(talk.players.unanswered), "")
        _memory(rows, talk.start, talk.end)
        rows.add_row("... MB an hour, by a line", "", "", _slope(talk.rss_mb_per_hour))
        rows.add_row("... of its workers", "", "", _slope(talk.workers_rss_mb_per_hour))
        if talk.left is not None:
            _counts(rows, talk.empty, talk.left)
    return rows


def _slope(mb_per_hour: float | None) -> str:
    return "too short" if mb_per_hour is None else f"{mb_per_hour:+.2f}"


def _memory(rows: Table, before: State, after: State) -> None:
    for label, name in (("server, MB", "rss_mb"), ("workers, MB", "workers_rss_mb")):
        first, last = getattr(before, name), getattr(after, name)
        rows.add_row(f"... {label}", f"{first:.1f}", f"{last:.1f}", f"{last - first:+.2f}")


def _counts(rows: Table, before: State, after: State) -> None:
    for name in COUNTS:
        first, last = getattr(before, name), getattr(after, name)
        rows.add_row(f"... {name}, without players", str(first), str(last), f"{last - first:+d}")
