"""Whether budgets notice 30 ms that are put into one stage, and are kept without it.

    python latency_tests/broken_budgets.py --runs 20 --json broken.json

Each run is `frametalk bench overhead` with four players for three turns; every second one has a server
whose recogniser, mind, voice or rule for the end of a turn takes 30 ms longer, one after the other. It
prints for each run which stages missed their budget.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from frametalk.bench.budgets import judge, read_budgets
from frametalk.bench.overhead.run import (
    ENDPOINT_DELAY_MS,
    FIRST_CHUNK_MS,
    FIRST_TOKEN_MS,
    RECOGNISER_MS,
)

BUDGETS = Path(__file__).parent / "budgets.toml"
LATER_MS = 30
BENCH = "import sys; from frametalk.cli import main; sys.exit(main())"
BROKEN = {
    "recognition": [f"asr.options.finalize_ms={RECOGNISER_MS + LATER_MS}"],
    "mind_first_token": [f"llm.options.first_token_ms={FIRST_TOKEN_MS + LATER_MS}"],
    "voice_first_sound": [f"tts.options.first_chunk_ms={FIRST_CHUNK_MS + LATER_MS}"],
    "endpoint_wait": [
        f"turns.endpoint_delay_ms={ENDPOINT_DELAY_MS + LATER_MS}",
        f"turns.pause_ms={ENDPOINT_DELAY_MS + LATER_MS}",
    ],
}


def stages_missed(settings: list[str], seed: int) -> tuple[list[str], dict[str, float]]:
    """The stages whose budget one run missed, and the machine's speed meanwhile."""
    flags = [part for setting in settings for part in ("--set", setting)]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "overhead.json"
        command = [sys.executable, "-c", BENCH, "bench", "overhead", "--sessions", "4"]
        command += ["--turns", "3", "--skip-embedded", "--seed", str(seed), "--json", str(file)]
        subprocess.run([*command, *flags], check=True, capture_output=True)
        report = json.loads(file.read_text())
    stages = [budget for budget in read_budgets(BUDGETS, "overhead") if budget.stage]
    missed = [each.budget.stage for each in judge(report, stages) if not each.kept]
    return missed, {name: report["calibration"][name]["p50"] for name in ("loop_us", "step_ms")}


def main() -> None:
    """Run, print and save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=20, help="runs of each kind")
    parser.add_argument("--first", type=int, default=0, help="number of the first run")
    parser.add_argument("--json", type=Path, help="file for the outcome of each run; it grows")
    chosen = parser.parse_args()
    caught = failed = 0
    for number in range(chosen.first, chosen.first + chosen.runs):
        stage = list(BROKEN)[number % len(BROKEN)]
        for broken in (stage, ""):
            missed, speed = stages_missed(BROKEN.get(broken, []), seed=number)
            caught += bool(broken) and broken in missed
            failed += not broken and bool(missed)
            outcome = {"number": number, "broken": broken, "missed": missed, **speed}
            print(outcome, flush=True)  # noqa: T201  (it is a program for a terminal)
            if chosen.json is not None:
                with chosen.json.open("a") as file:
                    file.write(json.dumps(outcome) + "\n")
    found = f"caught and named: {caught}, failed without it: {failed}"
    print(f"of {chosen.runs}: {found}")  # noqa: T201


if __name__ == "__main__":
    main()
