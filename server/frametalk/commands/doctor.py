"""`frametalk doctor`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from frametalk.commands.shared import FAILED, command, settings_flags, settings_of


def add(commands: Any) -> None:
    """Declare the arguments."""
    doctor = command(
        commands,
        "doctor",
        run,
        "check which engines, models and programs are installed",
        settings_flags(),
    )
    doctor.add_argument(
        "--json",
        nargs="?",
        const="-",
        metavar="FILE",
        help="report as JSON, to FILE or standard output",
    )


def run(arguments: argparse.Namespace) -> int:
    """Check and report; FAILED if an engine that the settings name does not start."""
    from frametalk import doctor, running

    report = running.run(doctor.examine(settings_of(arguments, quiet=True)))
    if arguments.json is None:
        doctor.show(report)
    elif arguments.json == "-":
        print(doctor.as_json(report))
    else:
        Path(arguments.json).write_text(doctor.as_json(report) + "\n", encoding="utf-8")
    return 0 if report.ok else FAILED
