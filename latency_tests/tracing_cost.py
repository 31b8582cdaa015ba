"""What tracing costs: processor time of a server with it, over one without, on the same conversations.

    python latency_tests/tracing_cost.py --pairs 8 --json tracing.json

Runs alternate. Each is eight players who talk for some turns to a server of its own with scripted engines;
in every second one the server's traces, steps and waterfalls do nothing. The result is the median ratio of
processor time per minute of a session, with its 95 % interval.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from frametalk.bench import server
from frametalk.bench.options import Options
from frametalk.bench.overhead.run import overhead
from frametalk.bench.statistics import median_interval

WITH = server.START
WITHOUT = """
from frametalk import trace
from frametalk.pipeline.tracing import TurnTraces
trace.TurnTrace.mark = lambda self, stage, at_s: None
trace.Step.end = lambda self: 0.0
TurnTraces.send = lambda self, reply, played: setattr(reply, "traced", True)
"""


def cpu_s(start: str, seed: int, turns: int) -> float:
    """Processor time of the server for each minute of a session."""
    server.START = start
    options = Options(sessions=8, turns=turns, seed=seed, embedded=False)
    return asyncio.run(overhead(options)).cpu_s_per_session_minute


def ratio(pairs: Sequence[Mapping[str, float]]) -> tuple[float, float | None, float | None]:
    """The median of the pairs' ratios, and its 95 % interval; None without enough pairs for it."""
    ratios = [pair["with"] / pair["without"] for pair in pairs]
    interval = median_interval(ratios, 0.95)
    return (median(ratios), None, None) if interval is None else interval


def main() -> None:
    """Run, print and save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=8)
    parser.add_argument("--turns", type=int, default=4, help="for each player")
    parser.add_argument("--json", type=Path, help="file for the processor times; it grows")
    chosen = parser.parse_args()
    pairs = []
    for number in range(chosen.pairs):
        starts = {"with": WITH, "without": WITHOUT + WITH}
        order = list(starts) if number % 2 else list(reversed(starts))
        found = {name: cpu_s(starts[name], number, chosen.turns) for name in order}
        pairs.append(found)
        print(found, flush=True)  # noqa: T201  (it is a program for a terminal)
        if chosen.json is not None:
            with chosen.json.open("a") as file:
                file.write(json.dumps(found) + "\n")
    middle, low, high = ratio(pairs)
    interval = "needs more pairs" if low is None else f"{low:.4f} to {high:.4f}"
    print(f"with / without: {middle:.4f}, 95 % interval: {interval}")  # noqa: T201


if __name__ == "__main__":
    main()
