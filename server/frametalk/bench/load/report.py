"""The result of the load suite: a level for each number of sessions, and what they say together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from rich.table import Table

from frametalk.bench.report import Machine
from frametalk.bench.samples import MIN_FOR_P95, Distribution

SHARE = 0.60  # of a core


class Objective(msgspec.Struct, frozen=True, kw_only=True):
    """What must hold at a level; of the usual levels, the first at which it does not is the last.

    Of a level with fewer than 20 turns, as in a quick run, the median must hold in place of p95.
    `mouth_to_ear`: p95 at most so many times that of the first level, where the engines are not scripted.
    """

    overhead_p95_ms: float = 20.0
    loop_lag_p99_ms: float = 10.0
    late_frames: int = 0
    missed_turns: int = 0
    mouth_to_ear: float = 2.0


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """So many sessions that all talk. Times of turns are None where the engines' own are not known.

    `overhead_ms`: from sending the frame that ends a turn to the first frame of its reply, less what the
    engines are set to take. `cpu_core_share`: processor time of the server and its workers over time (1 is
    a core); `main_share` of its main thread. `stages`: shares of the main thread's time by stage, of
    `stage_samples` samples: one is taken for each 4 ms of processor time, so a hundred tell the large ones.
    `workers`: cores that worker processes and other threads use. `us_per_frame`: the server's processor
    time for each microphone frame, everything included. `loop_lag_ms`: how late a timer of the server's
    loop is. `client_behind_ms`: how late the players sent their frames; `client_share`: of a core.
    `broken`: the objectives that did not hold.
    """

    sessions: int
    turns: int
    missed: int
    overhead_ms: Distribution | None
    mouth_to_ear_ms: Distribution
    cpu_core_share: float
    main_share: float
    stages: dict[str, float]
    stage_samples: int
    workers: dict[str, float]
    us_per_frame: float
    loop_lag_ms: Distribution
    late_frames: int
    rss_mb: float
    rss_per_session_mb: float
    trace_p95_ms: dict[str, float]
    errors: dict[str, int]
    client_share: float
    client_behind_ms: Distribution
    broken: list[str]


class LoadReport(msgspec.Struct, frozen=True, kw_only=True):
    """The load suite. `sessions` is the most that was measured.

    `calibration_us`: `bench.calibration.loop` on this machine at its fastest, before and after.
    `sessions_at_60_percent`: how many sessions use 60 % of a core, between the levels around it; where none
    uses so much, the most that was measured. `carried`: the most sessions at which every objective held.
    `limited_by` says which objective broke first, and what used most of the time there.
    """

    suite: str = "load"
    engines: str
    sessions: int
    levels: list[Level]
    sessions_at_60_percent: float
    carried: int
    limited_by: str
    cost_ratio: float | None
    calibration_us: list[float]
    objective: Objective
    settings: list[str]
    machine: Machine
    versions: dict[str, str]


def sessions_at(share: float, levels: Sequence[Level]) -> float:
    """The number of sessions that use this share of a core, on a line between two levels."""
    before, used = 0, 0.0
    for level in levels:
        if level.cpu_core_share >= share:
            part = (share - used) / (level.cpu_core_share - used)
            return round(before + part * (level.sessions - before), 1)
        before, used = level.sessions, level.cpu_core_share
    return float(before)


def cost_ratio(levels: Sequence[Level]) -> float | None:
    """What a session costs at the last level over what it costs at the first; None with one level."""
    if len(levels) < 2:  # noqa: PLR2004  (a ratio of two)
        return None
    first, last = levels[0], levels[-1]
    return round(last.us_per_frame / first.us_per_frame, 3)


def limited_by(levels: Sequence[Level]) -> str:
    """Which objective broke, and what took most of the time then; empty if none did."""
    level = next((level for level in levels if level.broken), None)
    if level is None:
        return ""
    most = sorted(
        {**level.stages, **level.workers}.items(), key=lambda used: used[1], reverse=True
    )[:3]
    spent = ", ".join(f"{name} {share:.0%}" for name, share in most)
    return f"{', '.join(level.broken)} at {level.sessions} sessions; of a core: {spent}"


def medians_judged(levels: Iterable[tuple[int, Distribution]]) -> str:
    """Of which numbers of sessions the median is judged, for want of values; empty if of none."""
    few = [str(sessions) for sessions, found in levels if found.n and found.p95 is None]
    said = f"fewer than {MIN_FOR_P95} turns, so the median is judged"
    return f"sessions {', '.join(few)}: {said}" if few else ""


def table(report: LoadReport) -> Table:
    """A row for each number, a column for each level."""
    few = medians_judged(
        (level.sessions, level.overhead_ms or level.mouth_to_ear_ms) for level in report.levels
    )
    speed = " and ".join(f"{us:.0f}" for us in report.calibration_us)
    said = (report.limited_by or "no objective broke", few, f"calibration loop {speed} us")
    rows = Table(
        title=f"load, {report.engines} engines: {report.sessions_at_60_percent:g} sessions at 60 % "
        f"of a core, {report.carried} with every objective kept",
        caption="; ".join(filter(None, said)),
    )
    rows.add_column("sessions")
    for level in report.levels:
        rows.add_column(str(level.sessions), justify="right")
    for name, cells in _rows(report.levels):
        rows.add_row(name, *cells)
    return rows


def _rows(levels: Sequence[Level]) -> list[tuple[str, list[str]]]:
    rows = [
        ("turns, missed", [f"{level.turns}, {level.missed}" for level in levels]),
        ("overhead p50, p95 ms", [_cell(level.overhead_ms) for level in levels]),
        ("mouth to ear p50, p95 ms", [_cell(level.mouth_to_ear_ms) for level in levels]),
        ("of a core", [f"{level.cpu_core_share:.1%}" for level in levels]),
        ("us per microphone frame", [f"{level.us_per_frame:.0f}" for level in levels]),
        ("loop lag p99 ms", [_tail(level.loop_lag_ms) for level in levels]),
        ("late frames", [str(level.late_frames) for level in levels]),
        ("memory MB", [f"{level.rss_mb:.0f}" for level in levels]),
        ("  each session MB", [f"{level.rss_per_session_mb:.2f}" for level in levels]),
        ("players, of a core", [f"{level.client_share:.1%}" for level in levels]),
        ("samples of the stages", [str(level.stage_samples) for level in levels]),
    ]
    for kind in ("stages", "workers"):
        names = sorted({name for level in levels for name in getattr(level, kind)})
        for name in names:
            shares = [getattr(level, kind).get(name, 0.0) for level in levels]
            if max(shares) >= 0.001:  # noqa: PLR2004  (it would be shown as 0.0 %)
                rows.append((f"  {name}", [f"{share:.1%}" for share in shares]))
    return rows


def _cell(values: Distribution | None) -> str:
    if values is None:
        return "-"
    return ", ".join("-" if rank is None else f"{rank:.1f}" for rank in (values.p50, values.p95))


def _tail(values: Distribution) -> str:
    return "-" if values.p99 is None else f"{values.p99:.1f}"
