"""Whether budgets notice 30 ms that are put into one stage, name no other, and are kept without it.

    python latency_tests/broken_budgets.py --runs 24 --json broken.json

Each run is `frametalk bench overhead` with four players for three turns; in every second one a stage of the
scripted engines takes 30 ms longer, one stage after the other. It prints for each run which stages missed
their budget.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from frametalk.bench.budgets import judge, read_budgets
from frametalk.bench.overhead.run import (
    ENDPOINT_DELAY_MS,
    FIRST_CHUNK_MS,
    FIRST_TOKEN_MS,
    RECOGNISER_MS,
    REPLY,
)

HERE = Path(__file__).parent
BUDGETS = HERE / "budgets.toml"
ENGINES = "scripted"
LATER_MS = 30
BENCH = "import sys; from frametalk.cli import main; sys.exit(main())"
DELAYS = f"import sys; sys.path.insert(0, {str(HERE)!r}); import delays; "


class Delay(NamedTuple):
    """How a stage is made slower: by settings, or by code in the players' process or in the server's."""

    settings: Sequence[str] = ()
    players: str = ""
    server: str = ""

    @property
    def bench(self) -> str:
        """The Python code that runs the bench."""
        code = DELAYS + self.players + "\n" if self.players else ""
        if self.server:
            start = DELAYS + self.server + "\n"
            code += f"from frametalk.bench import server; server.START = {start!r} + server.START\n"
        return code + BENCH


NONE = Delay()
BROKEN = {
    "capture": Delay(players=f"delays.capture({LATER_MS / 1000})"),
    "endpoint_wait": Delay(
        [
            f"turns.endpoint_delay_ms={ENDPOINT_DELAY_MS + LATER_MS}",
            f"turns.pause_ms={ENDPOINT_DELAY_MS + LATER_MS}",
        ]
    ),
    "recognition": Delay([f"asr.options.finalize_ms={RECOGNISER_MS + LATER_MS}"]),
    "mind_first_token": Delay([f"llm.options.first_token_ms={FIRST_TOKEN_MS + LATER_MS}"]),
    # Its only clause is whole with the last word.
    "first_clause": Delay(
        [f"llm.options.tokens_per_s={(len(REPLY.split()) - 1) * 1000 / LATER_MS}"]
    ),
    "voice_first_sound": Delay([f"tts.options.first_chunk_ms={FIRST_CHUNK_MS + LATER_MS}"]),
    "sending": Delay(server=f"delays.sending({LATER_MS / 1000})"),
    "client_buffer": Delay(players=f"delays.client_buffer({LATER_MS / 1000})"),
}


class Outcome(NamedTuple):
    """One run: which stage was slower (empty: none), and which missed their budget."""

    broken: str
    missed: Sequence[str]

    @property
    def right(self) -> bool:
        """Whether the stage that was slower was named, and no other."""
        return list(self.missed) == ([self.broken] if self.broken else [])


def measure(delay: Delay, seed: int) -> dict[str, Any]:
    """The JSON of one run."""
    flags = [part for setting in delay.settings for part in ("--set", setting)]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "overhead.json"
        command = [sys.executable, "-c", delay.bench, "bench", "overhead", "--sessions", "4"]
        command += ["--turns", "3", "--skip-embedded", "--seed", str(seed), "--json", str(file)]
        subprocess.run([*command, *flags], check=True, capture_output=True)
        report: dict[str, Any] = json.loads(file.read_text())
    return report


def stages_missed(report: dict[str, Any]) -> list[str]:
    """The stages of the scripted engines whose budget a run missed."""
    budgets = read_budgets(BUDGETS, "overhead")
    stages = [each for each in budgets if each.stage and each.engines == ENGINES]
    return [each.budget.stage for each in judge(report, stages) if not each.kept]


def found(outcomes: Sequence[Outcome]) -> str:
    """How often what was broken was named alone, and how often a budget was missed without a cause."""
    broken = [each for each in outcomes if each.broken]
    whole = [each for each in outcomes if not each.broken]
    caught = sum(each.right for each in broken)
    failed = sum(not each.right for each in whole)
    return (
        f"with a slower stage: {caught} of {len(broken)} named it and no other; "
        f"without: {failed} of {len(whole)} missed a budget"
    )


def main() -> None:
    """Run, print and save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=24, help="runs of each kind")
    parser.add_argument("--first", type=int, default=0, help="number of the first run")
    parser.add_argument("--json", type=Path, help="file for the outcome of each run; it grows")
    chosen = parser.parse_args()
    outcomes = []
    for number in range(chosen.first, chosen.first + chosen.runs):
        stage = list(BROKEN)[number % len(BROKEN)]
        for broken in (stage, ""):
            report = measure(BROKEN.get(broken, NONE), seed=number)
            outcome = Outcome(broken, stages_missed(report))
            outcomes.append(outcome)
            speed = {name: report["calibration"][name]["p50"] for name in ("loop_us", "step_ms")}
            said = {"number": number, **outcome._asdict(), "right": outcome.right, **speed}
            print(said, flush=True)  # noqa: T201  (it is a program for a terminal)
            if chosen.json is not None:
                with chosen.json.open("a") as file:
                    file.write(json.dumps(said) + "\n")
    print(found(outcomes))  # noqa: T201


if __name__ == "__main__":
    main()
