"""The suites by name. A suite measures, saves its JSON, shows its table and is judged by budgets."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from rich.console import Console

from frametalk.bench import report
from frametalk.bench.engines import report as engines_report
from frametalk.bench.engines import run as engines
from frametalk.bench.overhead import run
from frametalk.bench.turns import report as turns_report
from frametalk.bench.turns import run as turns
from frametalk.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

    from rich.table import Table


class Suite(NamedTuple):
    """One kind of measurement: how it is run, shown, and drawn where there is something to draw."""

    measure: Callable[[run.Options], Coroutine[Any, Any, Any]]
    table: Callable[[Any], Table]
    plot: Callable[[Any, Path], None] | None = None


SUITES = {
    "overhead": Suite(run.overhead, report.table),
    "engines": Suite(engines.engines, engines_report.table),
    "turns": Suite(turns.turns, turns_report.table, turns_report.plot),
}


def bench(
    suite: str, options: run.Options, *, json: Path | None = None, budgets: Path | None = None
) -> int:
    """Run a suite, print its table; 1 when one of the `budgets` is missed, else 0.

    Raises ConfigError for an unknown suite or an unreadable budget file, FrametalkError when there is
    no server to measure.
    """
    chosen = SUITES.get(suite)
    if chosen is None:
        raise ConfigError(f"no suite {suite!r}", remedy=f"one of {', '.join(SUITES)}")
    if options.plot is not None and chosen.plot is None:
        raise ConfigError(f"there is nothing to draw in {suite!r}", remedy="leave --plot out")
    if options.only and suite != "engines":
        raise ConfigError(f"{suite!r} has no parts", remedy="leave --only out")
    limits = report.read_budgets(budgets, suite) if budgets else []
    if options.only:
        limits = [one for one in limits if one.value.partition(".")[0] in options.only]
    result: Any = asyncio.run(chosen.measure(options))
    if json is not None:
        report.save(result, json)
    if options.plot is not None and chosen.plot is not None:
        chosen.plot(result, options.plot)
    console = Console()
    console.print(chosen.table(result))
    verdicts = report.judge(msgspec.to_builtins(result), limits)
    for verdict in verdicts:
        console.print(str(verdict), style="green" if verdict.kept else "bold red")
    return 0 if all(verdict.kept for verdict in verdicts) else 1
