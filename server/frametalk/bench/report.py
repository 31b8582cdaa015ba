"""The result of a bench: JSON, table, and budgets."""

from __future__ import annotations

import os
import platform
import tomllib
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import msgspec
from rich.table import Table

from frametalk import __version__
from frametalk.bench.samples import Distribution
from frametalk.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PACKAGES = ("msgspec", "numpy", "uvloop", "websockets")


class Machine(msgspec.Struct, frozen=True):
    """Where it was measured. `load_1m` is the load average before the run."""

    system: str
    processor: str
    cores: int
    python: str
    load_1m: float | None


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
    highest value seen. `traced` is the server's own trace.
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
    traced: dict[str, Any]
    client: dict[str, float]
    settings: list[str]
    machine: Machine
    versions: dict[str, str]


def this_machine() -> Machine:
    """The facts that the numbers depend on."""
    load_1m = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return Machine(
        f"{platform.system()} {platform.release()}",
        platform.processor() or platform.machine(),
        os.cpu_count() or 0,
        platform.python_version(),
        None if load_1m is None else round(load_1m, 2),
    )


def versions(packages: Sequence[str] = PACKAGES) -> dict[str, str]:
    """The versions of frametalk and of those packages that are installed."""
    found = {"frametalk": __version__}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def save(report: Any, file: Path) -> None:
    """Write the JSON."""
    data = msgspec.json.format(msgspec.json.encode(report), indent=2)
    file.write_bytes(data + b"\n")


# ---- table ---------------------------------------------------------------------------------------


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
    ]


# ---- budgets -------------------------------------------------------------------------------------


class Budget(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Limits of `value`, a path into the JSON with dots, for runs with `sessions` (0: any number)."""

    value: str
    why: str
    max: float = float("inf")
    min: float = float("-inf")
    sessions: int = 0

    def __post_init__(self) -> None:
        if self.min == float("-inf") and self.max == float("inf"):
            raise ValueError("a budget needs min or max")


class Verdict(msgspec.Struct, frozen=True):
    """A budget and the measured value; None: not measured, which misses the budget."""

    budget: Budget
    measured: float | None

    @property
    def kept(self) -> bool:
        """Whether the value is within the limits."""
        budget = self.budget
        return self.measured is not None and budget.min <= self.measured <= budget.max

    def __str__(self) -> str:
        measured = "not measured" if self.measured is None else f"{self.measured:g}"
        state = "kept" if self.kept else "MISSED"
        budget = self.budget
        low = "" if budget.min == float("-inf") else f", at least {budget.min:g}"
        high = "" if budget.max == float("inf") else f", at most {budget.max:g}"
        return f"{state}: {budget.value} {measured}{low}{high}"


def read_budgets(file: Path, suite: str) -> list[Budget]:
    """The budgets of one suite. Raises ConfigError for a file that cannot be read or is not valid."""
    try:
        tree = tomllib.loads(file.read_text(encoding="utf-8"))
        return msgspec.convert(tree.get(suite, []), list[Budget])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(
            f"{file}: {error}",
            remedy=f"write [[{suite}]] tables with value, why, and max or min",
        ) from None


def judge(report: dict[str, Any], budgets: list[Budget]) -> list[Verdict]:
    """A verdict on each budget that applies to this report (as plain data)."""
    applying = (budget for budget in budgets if budget.sessions in {0, report["sessions"]})
    return [Verdict(budget, _lookup(report, budget.value)) for budget in applying]


def _lookup(report: dict[str, Any], path: str) -> float | None:
    value: Any = report
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
