"""The suites by name: each measures, saves JSON, prints a table and is checked against budgets.

A new suite is one entry of SUITES: a coroutine function that takes the Options and returns a report (a
msgspec.Struct with `suite`, `sessions`, `machine` and `versions`), and a function that makes its table. It
measures less with `options.quick`, so that it ends within a minute; calls `progress.keep` once with a
function that reports what is measured so far, for an early end; and steps a `progress.Progress` where
it is long. Values in a `Distribution` get confidence intervals, are pooled over `--repeats` and compared by
`frametalk bench compare`. What only this suite takes of the Options is in `takes`.
"""

from __future__ import annotations

import signal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.console import Console

from frametalk.bench import budgets as budget_file
from frametalk.bench import intervals, report, runs
from frametalk.bench.attack import report as attack_report
from frametalk.bench.attack import run as attack
from frametalk.bench.calibration import asleep
from frametalk.bench.client import report as client_report
from frametalk.bench.client import run as client
from frametalk.bench.engines import report as engines_report
from frametalk.bench.engines import run as engines
from frametalk.bench.load import report as load_report
from frametalk.bench.load import run as load
from frametalk.bench.network import report as network_report
from frametalk.bench.network import run as network
from frametalk.bench.overhead import report as overhead_report
from frametalk.bench.overhead import run as overhead
from frametalk.bench.real import report as real_report
from frametalk.bench.real import run as real
from frametalk.bench.soak import report as soak_report
from frametalk.bench.soak import run as soak
from frametalk.bench.turns import report as turns_report
from frametalk.bench.turns import run as turns
from frametalk.errors import ConfigError, Interrupted

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence

    from rich.table import Table

    from frametalk.bench.budgets import Budget
    from frametalk.bench.options import Options
# Options that only some suites take, and the command line's flag.
FLAGS = {
    "plot": "--plot",
    "profiles": "--profile",
    "only": "--only",
    "settings": "--set",
    "engine": "--engine",
    "engines": "--engines",
    "levels": "--sessions 1,2",
}


def _everything(_value: str, _options: Options, _result: Any) -> bool:
    return True


class Suite(NamedTuple):
    """One kind of measurement: how it is run, shown as a table and, for some, plotted.

    `takes`: options of FLAGS. `parts`: for a suite with parts, the names of each part's values in the
    JSON. `measures`: whether a run with these options that gave this result was to measure the value of a
    budget.
    """

    measure: Callable[[Options], Coroutine[Any, Any, Any]]
    table: Callable[[Any], Table]
    plot: Callable[[Any, Path], None] | None = None
    takes: Sequence[str] = ()
    parts: Mapping[str, Sequence[str]] = {}
    measures: Callable[[str, Options, Any], bool] = _everything


SUITES = {
    "overhead": Suite(
        overhead.overhead, overhead_report.table, takes=("settings",), measures=overhead.is_measured
    ),
    "engines": Suite(
        engines.engines,
        engines_report.table,
        takes=("only",),
        parts={name: (name,) for name in engines.PARTS},
        measures=lambda value, options, _result: engines.is_measured(value, options),
    ),
    "attack": Suite(attack.attack, attack_report.table),
    "network": Suite(
        network.network,
        network_report.table,
        takes=("profiles",),
        measures=lambda value, options, _result: network.is_measured(value, options),
    ),
    "client": Suite(client.client, client_report.table, takes=("engine",)),
    "load": Suite(
        load.load,
        load_report.table,
        takes=("engines", "levels", "settings"),
        measures=lambda value, options, _result: load.is_measured(value, options),
    ),
    "soak": Suite(
        soak.soak,
        soak_report.table,
        takes=("only", "engines"),
        parts={name: (name,) for name in soak.PARTS},
        measures=lambda value, _options, result: soak.is_measured(value, result),
    ),
    "turns": Suite(turns.turns, turns_report.table, turns_report.plot, takes=("plot", "settings")),
    "real": Suite(
        real.real,
        real_report.table,
        takes=("only",),
        parts={name: part.values for name, part in real.PARTS.items()},
        measures=lambda value, _options, result: not real.is_skipped(value, result),
    ),
}


def bench(
    suite: str,
    options: Options,
    *,
    json: Path | None = None,
    budgets: Path | None = None,
    repeats: int = 1,
) -> int:
    """Run a suite, save it to `json` and print its table; return 1 when a budget is missed, else 0.

    With `json` "-" the JSON is printed, and the table goes to stderr. Raises ConfigError for an unknown
    suite or a bad budget file, FrametalkError when the server under test or its players fail, and
    Interrupted after Ctrl-C or SIGTERM; what was measured before is saved and printed.
    """
    chosen = SUITES.get(suite)
    if chosen is None:
        raise ConfigError(f"no suite {suite!r}", remedy=f"use one of {', '.join(SUITES)}")
    _check(suite, chosen, options)
    limits = budget_file.read_budgets(budgets, suite) if budgets else []
    result = runs.repeated(partial(chosen.measure, options), repeats)
    if json is not None:
        report.write(result.data, json)
    if options.plot is not None and chosen.plot is not None:
        chosen.plot(result.report, options.plot)
    console = Console(stderr=json == report.STDOUT)
    console.print(chosen.table(result.report))
    if (percentiles := intervals.table(result.data)).row_count:
        console.print(percentiles)
    if slower := asleep(result.data["calibration"]):
        console.print(f"after a sleep the calibration's loop takes {slower}", soft_wrap=True)
    if result.stopped_by is not None:
        by = "Ctrl-C" if result.stopped_by == signal.SIGINT else result.stopped_by.name
        console.print(f"stopped by {by}: these are the values up to then", style="bold yellow")
        raise Interrupted(result.stopped_by)
    if result.failure is not None:
        console.print("the suite failed: these are the values up to then", style="bold yellow")
        raise result.failure
    return _judge(_applying(limits, chosen, options, result), result, console)


def _check(suite: str, chosen: Suite, options: Options) -> None:
    """Raises ConfigError for an option that the suite does not take."""
    for name, flag in FLAGS.items():
        if getattr(options, name) and name not in chosen.takes:
            what = {"only": "parts", "plot": "plot"}.get(name, name)
            raise ConfigError(f"the suite {suite!r} has no {what}", remedy=f"leave out {flag}")


def _applying(
    limits: Sequence[Budget], chosen: Suite, options: Options, result: runs.Result
) -> list[Budget]:
    """The budgets of what this run was to measure; a quick one has too few values for some."""
    if options.only:
        kept = {value for part in options.only for value in chosen.parts.get(part, ())}
        limits = [limit for limit in limits if limit.value.partition(".")[0] in kept]
    if options.quick:
        limits = [limit for limit in limits if not budget_file.lacks_values(result.data, limit)]
    return [limit for limit in limits if chosen.measures(limit.value, options, result.report)]


def _judge(limits: Sequence[Budget], result: runs.Result, console: Console) -> int:
    """Print the budgets, and what missed them; the exit code."""
    verdicts = budget_file.judge(result.data, limits, result.runs)
    if verdicts:
        console.print(budget_file.table(verdicts))
    missed = [verdict for verdict in verdicts if not verdict.kept]
    for verdict in missed:
        console.print(str(verdict), style="bold red", soft_wrap=True, markup=False)
    return 1 if missed else 0
