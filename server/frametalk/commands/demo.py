"""`frametalk demo`."""

from __future__ import annotations

import argparse
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from frametalk.commands.shared import FAILED, command, settings_flags, settings_of

if TYPE_CHECKING:
    from frametalk.headless.results import SimulationResult

SCENARIO = "tavern"
WAV = Path("frametalk-demo.wav")


def add(commands: Any) -> None:
    """How it is written."""
    demo = command(
        commands, "demo", run, "hear a tavern conversation, server included", settings_flags()
    )
    demo.add_argument(
        "--mind",
        choices=("openai",),
        help="think through the `openai` adapter, with a make-believe model of our own behind it",
    )
    demo.add_argument("--wav", type=Path, default=WAV, metavar="FILE", help="sound to write")
    demo.add_argument("--json", type=Path, metavar="FILE", help="turns and times to write")


def run(arguments: argparse.Namespace) -> int:
    """Hold the conversation; FAILED when it did not go as it should."""
    from frametalk import running
    from frametalk.headless.simulate import SimulateOptions, run_simulation

    settings = settings_of(arguments, quiet=True)

    def play(url: str) -> Coroutine[Any, Any, SimulationResult]:
        return run_simulation(
            SimulateOptions(
                SCENARIO,
                url,
                token=settings.server.token,
                json_file=arguments.json,
                wav_file=arguments.wav,
            )
        )

    beside = running.beside_mind_stub if arguments.mind else running.beside_server
    result = running.run(beside(settings, play))
    print(f"The sound is in {arguments.wav}: player left, character right.")
    return 0 if result.passed else FAILED
