"""`frametalk simulate`."""

from __future__ import annotations

import argparse
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from frametalk.commands.shared import FAILED, command, settings_flags, settings_of

if TYPE_CHECKING:
    from frametalk.headless.results import SimulationResult


def add(commands: Any) -> None:
    """How it is written."""
    simulate = command(
        commands, "simulate", run, "play a scenario without a game", settings_flags()
    )
    simulate.add_argument("--json", type=Path, metavar="FILE", help="turns and times")
    simulate.add_argument("--wav", type=Path, metavar="FILE", help="player left, character right")
    simulate.add_argument("--junit", type=Path, metavar="FILE", help="steps as test cases")
    simulate.add_argument("scenario", help="a TOML file, or the name of a shipped scenario")
    simulate.add_argument("--server", metavar="URL", help="ws://HOST:PORT; else one is started")
    simulate.add_argument("--token", default="", help="what the server wants in `hello`")
    simulate.add_argument("--frame-hz", type=int, default=90, choices=(72, 90, 120))
    simulate.add_argument("--seed", type=int, default=1, help="of the noises")


def run(arguments: argparse.Namespace) -> int:
    """Play it; FAILED when an expectation was not met."""
    from frametalk import running
    from frametalk.headless.simulate import SimulateOptions, run_simulation

    settings = settings_of(arguments, quiet=True)

    def play(url: str) -> Coroutine[Any, Any, SimulationResult]:
        return run_simulation(
            SimulateOptions(
                arguments.scenario,
                url,
                token=arguments.token or settings.server.token,
                frame_hz=arguments.frame_hz,
                seed=arguments.seed,
                json_file=arguments.json,
                wav_file=arguments.wav,
                junit_file=arguments.junit,
            )
        )

    url = arguments.server
    result = running.run(play(url) if url else running.beside_server(settings, play))
    return 0 if result.passed else FAILED
