"""`frametalk replay`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from frametalk.commands.shared import FAILED, command, settings_flags, settings_of

if TYPE_CHECKING:
    from frametalk.replay.run import Outcome


def add(commands: Any) -> None:
    """Declare the arguments."""
    about = "run recorded sessions again, and compare what they do byte for byte"
    replay = command(commands, "replay", run, about, settings_flags())
    replay.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a recording")
    how = replay.add_mutually_exclusive_group()
    how.add_argument("--show", action="store_true", help="print what happened, without a replay")
    how.add_argument("--steps", action="store_true", help="as --show, with every entry")
    how.add_argument(
        "--with",
        action="append",
        dest="swaps",
        metavar="PART=VALUE,...",
        help="run with another engine (asr=ADAPTER; turn= for none) or setting"
        " (turns.endpoint_delay_ms=300), and show what would have changed; an engine runs in real"
        " time, with the options that --config and --set give it",
    )
    how.add_argument(
        "--trace",
        type=Path,
        metavar="OUT",
        help="file to write for https://ui.perfetto.dev: turns, steps and decisions of the sessions",
    )
    replay.add_argument("--json", action="store_true", help="print the result as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Replay, or show; FAILED if a session does something else than it did."""
    from frametalk.perfetto import trace_events
    from frametalk.replay.files import read
    from frametalk.replay.run import replay
    from frametalk.replay.show import timeline

    if arguments.show or arguments.steps:
        for file in arguments.files:
            for line in timeline(read(file), steps=arguments.steps):
                print(line)
        return 0
    if arguments.swaps:
        return _compare(arguments)
    recordings = {str(file): read(file) for file in arguments.files}
    keep_diary = arguments.trace is not None
    outcomes = {
        file: replay(recording, keep_diary=keep_diary) for file, recording in recordings.items()
    }
    if keep_diary:
        sessions = [
            (f"session {recordings[file].header.session}", outcome.diary)
            for file, outcome in outcomes.items()
        ]
        arguments.trace.write_text(json.dumps(trace_events(sessions)), encoding="utf-8")
    if arguments.json:
        print(json.dumps([_row(file, outcome) for file, outcome in outcomes.items()], indent=2))
    else:
        for file, outcome in outcomes.items():
            print(_line(file, outcome))
            for part in outcome.taken:
                print(f"    not run again, taken from the recording: {part}")
    return FAILED if any(outcome.diverged for outcome in outcomes.values()) else 0


def _compare(arguments: argparse.Namespace) -> int:
    from frametalk.replay.comparison import as_rows, table
    from frametalk.replay.files import read
    from frametalk.replay.swaps import compare, parsed

    swaps, settings = parsed(arguments.swaps), settings_of(arguments, quiet=True)
    compared = {str(file): compare(read(file), swaps, settings) for file in arguments.files}
    if arguments.json:
        rows = [{"file": file, **as_rows(each)} for file, each in compared.items()]
        print(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        for file, each in compared.items():
            print(file)
            print("\n".join(table(each)))
    return 0


def _line(file: str, outcome: Outcome) -> str:
    if outcome.diverged:
        return f"{file}: diverges at entry {outcome.entry} of {outcome.entries}: {outcome.diverged}"
    return (
        f"{file}: the same, {outcome.entries} entries, {outcome.length_s:.1f} s"
        f" in {outcome.took_s:.2f} s ({outcome.speed:.0f} times real time)"
    )


def _row(file: str, outcome: Outcome) -> dict[str, Any]:
    return {
        "file": file,
        "same": not outcome.diverged,
        "diverged": outcome.diverged,
        "entry": outcome.entry,
        "entries": outcome.entries,
        "length_s": round(outcome.length_s, 6),
        "took_s": round(outcome.took_s, 6),
        "times_real_time": round(outcome.speed, 1),
        "taken": list(outcome.taken),
    }
