"""The turns suite's table, and its curve of false cuts against response gap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table

from frametalk.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from frametalk.bench.samples import Distribution
    from frametalk.bench.turns.ends import ByPause, Point
    from frametalk.bench.turns.measured import Measured, TurnsReport

STYLES = {
    "fixed timeout": ("o", "#888888"),
    "words": ("s", "#1f6fb2"),
    "words + smart-turn": ("^", "#c2571a"),
}


def table(report: TurnsReport) -> Table:
    """frametalk beside a server with a fixed timeout. A dash: not measured."""
    rows = Table(
        title=f"turns: {report.utterances} labelled utterances, {report.sessions} player(s)",
        caption="times: p50 / p95 (n); false cut: a reply was heard before the player had finished; "
        "split turn: the words ended up in two turns",
    )
    rows.add_column("measured")
    rows.add_column("frametalk", justify="right")
    rows.add_column("fixed timeout", justify="right")
    for name, ours, fixed in zip(
        _names(), _cells(report.ours), _cells(report.fixed_timeout), strict=True
    ):
        rows.add_row(name, ours, fixed)
    rows.add_section()
    for point in report.curve:
        setting = f"{point.rule} {point.setting_ms:.0f} ms: gap; false cuts, split turns"
        rates = f"{point.false_cut_rate:.1%}, {point.split_turn_rate:.1%}"
        rows.add_row(setting, f"{point.response_gap_ms:.0f} ms", rates)
    rows.add_section()
    for found in report.by_pause:
        setting = f"pauses of {found.pause_ms:.0f} ms and more ({found.n}): false cuts, split turns"
        rows.add_row(setting, f"{found.false_cut_rate:.1%}", f"{found.split_turn_rate:.1%}")
    return rows


def _names() -> tuple[str, ...]:
    return (
        "[bold]mouth to ear, commands ms",
        "mouth to ear, all ms",
        "[bold]false cuts",
        "[bold]split turns",
        "answer ready at the turn's end",
        "reply lowered after onset ms",
        "[bold]interruption to silence ms",
        "interruptions missed",
        "backchannels, coughs, noise: reply kept",
        "  of these, reply paused",
        "replies cut by their own echo",
        "drafts discarded",
        "turns traced by the server",
    )


def _cells(measured: Measured) -> tuple[str, ...]:
    replies = sum(echo.replies for echo in measured.echo)
    late = sum(echo.late for echo in measured.echo)
    return (
        _times(measured.mouth_to_ear_ms),
        _times(measured.mouth_to_ear_all_ms),
        f"{measured.false_cut_rate:.1%}",
        f"{measured.split_turn_rate:.1%}",
        f"{measured.ready_at_end_rate:.1%}",
        _times(measured.duck_ms),
        _times(measured.barge_in_stop_ms),
        str(measured.barge_in_missed),
        f"{measured.backchannel_kept_rate:.1%}",
        f"{measured.backchannel_paused_rate:.1%}",
        "-"
        if measured.self_interruptions is None
        else f"{measured.self_interruptions} of {replies}"
        + (f", {late} not measured" if late else ""),
        "-" if measured.waste_ratio is None else f"{measured.waste_ratio:.1%}",
        measured.traced.in_words,
    )


def _times(values: Distribution) -> str:
    p50, p95 = ("-" if rank is None else f"{rank:.0f}" for rank in (values.p50, values.p95))
    return f"{p50} / {p95} ({values.n})"


def plot(report: TurnsReport, file: Path) -> None:
    """Draw the curve as PNG or SVG, by the file's suffix. Raises ConfigError without matplotlib."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise ConfigError(
            "matplotlib, which draws plots, is not installed",
            remedy='pip install "frametalk[plot]"',
        ) from None
    figure = Figure(figsize=(7, 8), layout="constrained")
    over_gap, over_pause = figure.subplots(2)
    _plot_gaps(over_gap, report.curve)
    _plot_pauses(over_pause, report.by_pause)
    figure.savefig(file, dpi=130)


def _plot_gaps(axes: Any, curve: Sequence[Point]) -> None:
    """False cuts, and split turns dashed, over the response gap."""
    for rule in dict.fromkeys(point.rule for point in curve):
        points = [point for point in curve if point.rule == rule]
        marker, colour = STYLES.get(rule, ("x", "#444444"))
        gaps = [point.response_gap_ms for point in points]
        cuts = [100 * point.false_cut_rate for point in points]
        axes.plot(gaps, cuts, marker=marker, color=colour, label=f"{rule}: false cuts")
        splits = [100 * point.split_turn_rate for point in points]
        axes.plot(gaps, splits, "--", color=colour, label=f"{rule}: split turns")
        for point, gap_ms, cut in zip(points, gaps, cuts, strict=True):
            label = f"{point.setting_ms:.0f}"
            axes.annotate(
                label, (gap_ms, cut), xytext=(4, 4), textcoords="offset points", fontsize=7
            )
    axes.set_xlabel("response gap: true end of speech to the turn's end, median, ms")
    _finish(axes, "utterances, %")


def _plot_pauses(axes: Any, found: Sequence[ByPause]) -> None:
    """Both rates over the length of the pause, at the default settings."""
    at_ms = [one.pause_ms for one in found]
    axes.plot(at_ms, [100 * one.false_cut_rate for one in found], marker="s", label="false cuts")
    splits = [100 * one.split_turn_rate for one in found]
    axes.plot(at_ms, splits, "--", marker="o", label="split turns")
    axes.set_xlabel("length of a pause within an utterance, ms")
    _finish(axes, "pauses, %")


def _finish(axes: Any, measured: str) -> None:
    axes.set_ylabel(measured)
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=7)
