"""`frametalk demo`."""

from __future__ import annotations

import argparse
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from frametalk.commands.shared import FAILED, command, settings_flags, settings_of

if TYPE_CHECKING:
    from frametalk.config import FrametalkSettings
    from frametalk.headless.results import SimulationResult

SCENARIO = "tavern"
WAV = Path("frametalk-demo.wav")


def add(commands: Any) -> None:
    """How it is written."""
    demo = command(
        commands,
        "demo",
        run,
        "talk to the blacksmith on a web page, or hear him talk where there is no screen",
        settings_flags(),
    )
    demo.add_argument(
        "--headless", action="store_true", help="hold a conversation here, without a page"
    )
    demo.add_argument(
        "--lan", action="store_true", help="the page for headsets and phones of this network too"
    )
    demo.add_argument(
        "--no-browser", action="store_true", help="only say where the page is, open nothing"
    )
    demo.add_argument("--port", help="of the page; 0 takes a free one")
    demo.add_argument(
        "--mind",
        choices=("openai",),
        help="think through the `openai` adapter, with a make-believe model of our own behind it",
    )
    demo.add_argument(
        "--wav", type=Path, default=WAV, metavar="FILE", help="headless: sound to write"
    )
    demo.add_argument("--json", type=Path, metavar="FILE", help="headless: turns and times")


def run(arguments: argparse.Namespace) -> int:
    """Show the page until stopped, or hold the conversation: FAILED when that did not go well."""
    from frametalk import running
    from frametalk.demo import page as visit

    asked_for = arguments.lan or arguments.no_browser
    page = not arguments.headless and (asked_for or visit.has_screen())
    settings = settings_of(arguments, quiet=True)

    async def work(settings: FrametalkSettings) -> int:
        if not page:
            return await _converse(arguments, settings)
        await visit.receive(
            settings, lan=arguments.lan, browser=not arguments.no_browser, say=print
        )
        return 0

    return running.run(
        running.beside_mind_stub(settings, work) if arguments.mind else work(settings)
    )


async def _converse(arguments: argparse.Namespace, settings: FrametalkSettings) -> int:
    from frametalk.headless.simulate import SimulateOptions, run_simulation
    from frametalk.running import beside_server

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

    result = await beside_server(settings, play)
    print(f"The sound is in {arguments.wav}: player left, character right.")
    return 0 if result.passed else FAILED
