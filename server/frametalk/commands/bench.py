"""`frametalk bench`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from frametalk.commands.shared import command, positive


def add(commands: Any) -> None:
    """How it is written."""
    bench = command(commands, "bench", run, "measure what frametalk costs")
    bench.add_argument(
        "suite", nargs="?", default="overhead", help="overhead (default), turns or engines"
    )
    bench.add_argument("--turns", type=positive, default=60, help="of each session")
    bench.add_argument("--sessions", type=positive, default=1, help="players at once")
    bench.add_argument("--seed", type=int, default=0, help="of sounds and pauses")
    bench.add_argument("--skip-embedded", action="store_true", help="scripted engines only")
    bench.add_argument("--labels", type=Path, metavar="FILE", help="turns: the labelled set")
    bench.add_argument("--smart-turn", type=Path, metavar="FILE", help="turns: smart-turn's model")
    bench.add_argument("--plot", type=Path, metavar="FILE", help="turns: the curve, PNG or SVG")
    bench.add_argument(
        "--only", action="append", default=[], metavar="PART", help="engines: one part; repeatable"
    )
    bench.add_argument("--json", type=Path, metavar="FILE", help="all numbers")
    bench.add_argument("--budgets", type=Path, metavar="FILE", help="exit 1 if one is missed")


def run(arguments: argparse.Namespace) -> int:
    """Measure, and judge by the budgets."""
    from frametalk.bench.overhead.run import Options
    from frametalk.bench.suites import bench

    options = Options(
        turns=arguments.turns,
        sessions=arguments.sessions,
        seed=arguments.seed,
        embedded=not arguments.skip_embedded,
        labels=arguments.labels or Options().labels,
        smart_turn=arguments.smart_turn,
        plot=arguments.plot,
        only=tuple(arguments.only),
    )
    return bench(arguments.suite, options, json=arguments.json, budgets=arguments.budgets)
