"""The overhead suite's result and its table."""

from __future__ import annotations

import msgspec
from rich.table import Table

from frametalk.bench.report import Machine
from frametalk.bench.samples import Distribution
from frametalk.bench.waterfalls import Waterfalls


class Footprint(msgspec.Struct, frozen=True):
    """What a running server costs with one session, after a turn that was `answered`.

    `ready_ms`: from its start until it accepts a connection. Memory is the resident set of the whole
    process tree; `idle_session_mb` is what each of several further silent sessions adds.
    """

    answered: bool
    ready_ms: float
    rss_mb: float
    idle_session_mb: float


class OverheadReport(msgspec.Struct, frozen=True):
    """The overhead suite; TurnSample and BargeInSample define what is measured.

    `overhead_ms` is transport, queues and scheduling alone; `parts_ms` has all parts of mouth-to-ear.
    `barge_in_ms`: from sending the microphone frame that lets the server decide to the arrival of
    `reply.cut`; `barge_in_onset_ms`: from the true onset of the speech. `late_frames`: how often a
    client's playback ran dry; `client` says whether the measuring side itself kept up. `rss_mb` is the
    highest value seen. `traced` is the server's own trace, `embedded_traced` that of turns with the
    embedded engines.
    """

    suite: str
    sessions: int
    turns: int
    overhead_ms: Distribution
    barge_in_ms: Distribution
    barge_in_onset_ms: Distribution
    mouth_to_ear_ms: Distribution
    parts_ms: dict[str, Distribution]
    late_frames: int
    cpu_s_per_session_minute: float
    rss_mb: float
    ready_ms: float
    idle_session_mb: float
    embedded: Footprint | None
    embedded_missing: str
    turns_lost: dict[str, int]
    errors: dict[str, int]
    traced: Waterfalls
    client: dict[str, float]
    settings: list[str]
    machine: Machine
    versions: dict[str, str]
    embedded_traced: Waterfalls = Waterfalls()


def table(report: OverheadReport) -> Table:
    """One row for each measurement. A dash: too few values, or none."""
    rows = Table(
        title=f"{report.suite}: {report.sessions} session(s), {report.turns} turns measured",
        caption="overhead = deciding frame sent -> first reply frame received, less the engines' "
        "set times; all parts add up to mouth-to-ear",
    )
    rows.add_column("measured")
    for column in ("n", "p50", "p95", "p99"):
        rows.add_column(column, justify="right")
    rows.add_row("[bold]overhead ms", *_cells(report.overhead_ms))
    for name, part in report.parts_ms.items():
        if name != "overhead":
            rows.add_row(f"  {name} ms", *_cells(part))
    rows.add_row("mouth to ear ms", *_cells(report.mouth_to_ear_ms))
    rows.add_row("[bold]barge-in, decided to cut ms", *_cells(report.barge_in_ms))
    rows.add_row("  from speech onset ms", *_cells(report.barge_in_onset_ms), end_section=True)
    for name, value in _single(report):
        rows.add_row(name, "", value)
    return rows


def _cells(values: Distribution) -> tuple[str, ...]:
    ranks = (values.p50, values.p95, values.p99)
    return (str(values.n), *("-" if rank is None else f"{rank:.1f}" for rank in ranks))


def _single(report: OverheadReport) -> list[tuple[str, str]]:
    rows = [
        ("late frames", str(report.late_frames)),
        ("microphone frames sent late", f"{report.client['mic_late_frames']:.0f}"),
        ("turns lost", str(sum(report.turns_lost.values()))),
        ("turns traced by the server", report.traced.in_words),
        ("CPU s per session minute", f"{report.cpu_s_per_session_minute:.2f}"),
        ("ready ms", f"{report.ready_ms:.0f}"),
        ("RSS MB", f"{report.rss_mb:.1f}"),
        ("idle session MB", f"{report.idle_session_mb:.2f}"),
    ]
    if report.embedded is None:
        return [*rows, (f"embedded engines: {report.embedded_missing}", "-")]
    return [
        *rows,
        ("embedded engines: ready ms", f"{report.embedded.ready_ms:.0f}"),
        ("embedded engines: RSS MB", f"{report.embedded.rss_mb:.1f}"),
        ("embedded engines: idle session MB", f"{report.embedded.idle_session_mb:.2f}"),
        ("embedded engines: turns traced", report.embedded_traced.in_words),
    ]
