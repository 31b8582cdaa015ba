"""The suites by name: each measures, saves JSON, prints a table and is checked against budgets."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from rich.console import Console

from frametalk.bench import report
from frametalk.bench.attack import report as attack_report
from frametalk.bench.attack import run as attack
from frametalk.bench.client import report as client_report
from frametalk.bench.client import run as client
from frametalk.bench.engines import report as engines_report
from frametalk.bench.engines import run as engines
from frametalk.bench.network import report as network_report
from frametalk.bench.network import run as network
from frametalk.bench.overhead import run
from frametalk.bench.real import report as real_report
from frametalk.bench.real import run as real
from frametalk.bench.soak import report as soak_report
from frametalk.bench.soak import run as soak
from frametalk.bench.turns import report as turns_report
from frametalk.bench.turns import run as turns
from frametalk.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence

    from rich.table import Table


STDOUT = Path("-")


class Suite(NamedTuple):
    """One kind of measurement: how it is run, shown as a table and, for some, plotted.

    `parts`: for a suite with parts, the names of each part's values in the JSON.
    """

    measure: Callable[[run.Options], Coroutine[Any, Any, Any]]
    table: Callable[[Any], Table]
    plot: Callable[[Any, Path], None] | None = None
    parts: Mapping[str, Sequence[str]] = {}


SUITES = {
    "overhead": Suite(run.overhead, report.table),
    "engines": Suite(
        engines.engines, engines_report.table, parts={name: (name,) for name in engines.PARTS}
    ),
    "attack": Suite(attack.attack, attack_report.table),
    "network": Suite(network.network, network_report.table),
    "client": Suite(client.client, client_report.table),
    "soak": Suite(soak.soak, soak_report.table, parts={name: (name,) for name in soak.PARTS}),
    "turns": Suite(turns.turns, turns_report.table, turns_report.plot),
    "real": Suite(
        real.real,
        real_report.table,
        parts={name: part.values for name, part in real.PARTS.items()},
    ),
}


def bench(
    suite: str, options: run.Options, *, json: Path | None = None, budgets: Path | None = None
) -> int:
    """Run a suite, save it to `json` and print its table; return 1 when a budget is missed, else 0.

    With `json` "-" the JSON is printed, and the table goes to stderr. Raises ConfigError for an unknown
    suite or a bad budget file, FrametalkError when the server under test does not start.
    """
    chosen = SUITES.get(suite)
    if chosen is None:
        raise ConfigError(f"no suite {suite!r}", remedy=f"use one of {', '.join(SUITES)}")
    if options.plot is not None and chosen.plot is None:
        raise ConfigError(f"the suite {suite!r} has no plot", remedy="leave out --plot")
    if options.profiles and suite != "network":
        raise ConfigError(f"the suite {suite!r} has no profiles", remedy="leave out --profile")
    if options.only and not chosen.parts:
        raise ConfigError(f"the suite {suite!r} has no parts", remedy="leave out --only")
    limits = report.read_budgets(budgets, suite) if budgets else []
    if options.only:
        kept = {value for part in options.only for value in chosen.parts.get(part, ())}
        limits = [limit for limit in limits if limit.value.partition(".")[0] in kept]
    if suite == "network":  # cuts or profiles, each with budgets of its own
        limits = [limit for limit in limits if network.is_measured(limit.value, options)]
    result: Any = asyncio.run(chosen.measure(options))
    if suite == "real":  # a folder need not have every model
        limits = [limit for limit in limits if not real.is_skipped(limit.value, result)]
    if json is not None and json != STDOUT:
        report.save(result, json)
    if options.plot is not None and chosen.plot is not None:
        chosen.plot(result, options.plot)
    if json == STDOUT:
        print(msgspec.json.encode(result).decode())
    console = Console(stderr=json == STDOUT)
    console.print(chosen.table(result))
    verdicts = report.judge(msgspec.to_builtins(result), limits)
    for verdict in verdicts:
        console.print(str(verdict), style="green" if verdict.kept else "bold red")
    return 0 if all(verdict.kept for verdict in verdicts) else 1
