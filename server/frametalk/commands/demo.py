"""`frametalk demo`."""

from __future__ import annotations

import argparse
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from frametalk.commands.shared import FAILED, command, settings_flags, settings_of

if TYPE_CHECKING:
    from frametalk.config import FrametalkSettings
    from frametalk.engines import Engines
    from frametalk.headless.results import SimulationResult

SCENARIO = "tavern"
STUB = "openai"  # as the mind: the adapter of this name with a stub of a server
WAV = Path("frametalk-demo.wav")


def add(commands: Any) -> None:
    """Declare the arguments."""
    demo = command(
        commands,
        "demo",
        run,
        "talk to a blacksmith on a web page, or let recordings talk to him",
        settings_flags(),
    )
    demo.add_argument(
        "--headless", action="store_true", help="let recordings talk to him, without a page"
    )
    demo.add_argument(
        "--lan", action="store_true", help="let headsets and phones on this network open the page"
    )
    demo.add_argument(
        "--no-browser", action="store_true", help="print the address of the page, do not open it"
    )
    demo.add_argument("--port", help="port of the page; 0: any free port")
    demo.add_argument(
        "--mind",
        metavar="ADDRESS",
        help="let a language model answer what the blacksmith's script does not know: the address of its "
        'OpenAI-compatible server, such as http://127.0.0.1:11434/v1; or "openai": a built-in stub of one',
    )
    demo.add_argument(
        "--model", default="any", help="name of the model on that server; llama.cpp takes any name"
    )
    demo.add_argument(
        "--wav", type=Path, default=WAV, metavar="FILE", help="headless: sound file to write"
    )
    demo.add_argument(
        "--json", type=Path, metavar="FILE", help="headless: file for turns and times"
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve the page until stopped, or play the recordings; FAILED if an expectation is not met."""
    from frametalk import running
    from frametalk.demo import page

    wants_page = arguments.lan or arguments.no_browser or page.has_screen()
    show_page = wants_page and not arguments.headless
    settings = settings_of(arguments, quiet=True)

    async def work(settings: FrametalkSettings) -> int:
        if not show_page:
            return await _play(arguments, settings)
        await page.serve_page(
            settings, lan=arguments.lan, browser=not arguments.no_browser, say=print
        )
        return 0

    if arguments.mind == STUB:
        return running.run(running.with_mind_stub(settings, work))
    if arguments.mind:
        settings = running.with_model(settings, arguments.mind, arguments.model)
    return running.run(work(settings))


async def _play(arguments: argparse.Namespace, settings: FrametalkSettings) -> int:
    from frametalk.demo import header
    from frametalk.headless.simulate import SimulateOptions, run_simulation
    from frametalk.running import with_server

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

    def show_engines(engines: Engines) -> None:
        print("\n".join(header.lines(engines.choices)))

    result = await with_server(settings, play, show_engines)
    print(f"Sound written to {arguments.wav}: player left, character right.")
    return 0 if result.passed else FAILED
