"""`frametalk simulate`."""

from __future__ import annotations

import argparse
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from frametalk.commands.shared import FAILED, OMIT, command, given, settings_flags, settings_of

if TYPE_CHECKING:
    from frametalk.headless.results import SimulationResult


def add(commands: Any) -> None:
    """Declare the arguments."""
    simulate = command(
        commands,
        "simulate",
        run,
        "play a scenario against a server, without a game",
        settings_flags(),
    )
    simulate.add_argument("--json", type=Path, metavar="FILE", help="file for turns and times")
    simulate.add_argument(
        "--wav", type=Path, metavar="FILE", help="sound file to write: player left, character right"
    )
    simulate.add_argument(
        "--junit", type=Path, metavar="FILE", help="file for the steps as JUnit test cases"
    )
    simulate.add_argument("scenario", help="scenario file (TOML), or name of a built-in scenario")
    simulate.add_argument(
        "--server", metavar="URL", help="server to play against, ws://HOST:PORT; default: start one"
    )
    simulate.add_argument("--token", default="", help="the server's token")
    simulate.add_argument(
        "--frame-hz", type=int, default=OMIT, choices=(72, 90, 120), help="frame rate"
    )
    simulate.add_argument(
        "--codec",
        default=OMIT,
        choices=("pcm16", "opus"),
        help="of microphone and replies, if the server has it; default: pcm16",
    )
    simulate.add_argument("--seed", type=int, default=OMIT, help="seed of the noises")


def run(arguments: argparse.Namespace) -> int:
    """Play the scenario; FAILED if an expectation is not met."""
    from frametalk import running
    from frametalk.headless.simulate import SimulateOptions, run_simulation

    settings = settings_of(arguments, quiet=True)

    def play(url: str) -> Coroutine[Any, Any, SimulationResult]:
        return run_simulation(
            SimulateOptions(
                arguments.scenario,
                url,
                token=arguments.token or settings.server.token,
                **given(arguments, "frame_hz", "codec", "seed"),
                json_file=arguments.json,
                wav_file=arguments.wav,
                junit_file=arguments.junit,
            )
        )

    url = arguments.server
    result = running.run(play(url) if url else running.with_server(settings, play))
    return 0 if result.passed else FAILED
