"""`frametalk bench`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from frametalk.commands.shared import OMIT, command, given, positive
from frametalk.errors import ConfigError


def add(commands: Any) -> None:
    """Declare the arguments."""
    bench = command(commands, "bench", run, "measure the time that frametalk adds to its engines")
    bench.add_argument(
        "suite",
        nargs="?",
        default="overhead",
        help="overhead (default), turns, engines, network, attack, load, soak, real or client;"
        " or compare, report",
    )
    bench.add_argument(
        "files",
        nargs="*",
        type=Path,
        metavar="FILE",
        help="compare: the old and the new JSON; report: the JSON of suites",
    )
    bench.add_argument(
        "--repeats", type=positive, default=1, help="measure so many times, as one result"
    )
    bench.add_argument("--turns", type=positive, default=OMIT, help="turns per session")
    bench.add_argument(
        "--sessions", type=counts, default=(), help="sessions at once; load: several, as in 1,20,50"
    )
    bench.add_argument(
        "--conversations", type=positive, default=OMIT, help="network: how many conversations"
    )
    bench.add_argument(
        "--minutes", type=positive, default=OMIT, help="soak: how long the players talk"
    )
    bench.add_argument(
        "--profile",
        action="append",
        default=[],
        metavar="NAME|FILE",
        help="network: conversations under this network instead of cuts; repeatable",
    )
    bench.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="SECTION.KEY=VALUE",
        help="overhead, turns, load: a setting of the server under test; repeatable",
    )
    bench.add_argument("--seed", type=int, default=OMIT, help="seed of sounds and pauses")
    bench.add_argument(
        "--skip-embedded", action="store_true", help="measure with scripted engines only"
    )
    bench.add_argument(
        "--labels",
        type=Path,
        default=OMIT,
        metavar="FILE",
        help="turns: file of labelled recordings",
    )
    bench.add_argument(
        "--smart-turn", type=Path, metavar="FILE", help="turns: model file of smart-turn"
    )
    bench.add_argument("--plot", type=Path, metavar="FILE", help="turns: plot to write, PNG or SVG")
    bench.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="PART",
        help="engines, real, soak: measure this part only; repeatable",
    )
    bench.add_argument(
        "--models",
        type=Path,
        metavar="FOLDER",
        help="real, load: folder with one folder for each model",
    )
    bench.add_argument(
        "--speech", type=Path, metavar="FOLDER", help="real: folder of more recordings of people"
    )
    bench.add_argument(
        "--llm-url", default="", metavar="URL", help="real: base URL of a language model's server"
    )
    bench.add_argument(
        "--quick",
        action="store_true",
        help="measure little, in less than a minute",
    )
    bench.add_argument(
        "--engines",
        default="",
        metavar="NAME",
        help="load: scripted (default), http (a scripted mind behind HTTP), embedded or real;"
        " soak: embedded (default) or scripted",
    )
    bench.add_argument(
        "--engine", default="", metavar="NAME", help="client: the game engine: godot, csharp or web"
    )
    bench.add_argument(
        "--json",
        type=Path,
        nargs="?",
        const=Path("-"),
        metavar="FILE",
        help="file for all numbers; without FILE they are printed as JSON",
    )
    bench.add_argument("--html", type=Path, metavar="FILE", help="report: the page to write")
    bench.add_argument(
        "--budgets",
        type=Path,
        metavar="FILE",
        help="budgets to check; exit with 1 if one is exceeded",
    )


def counts(text: str) -> tuple[int, ...]:
    """Whole numbers above 0, with commas between them, as an argparse type."""
    return tuple(map(positive, text.split(",")))


def run(arguments: argparse.Namespace) -> int:
    """Measure, and check the budgets; or compare results, or write a page of them."""
    from frametalk.bench.options import Options
    from frametalk.bench.suites import bench

    if arguments.suite == "compare":
        return compare(arguments)
    if arguments.suite == "report":
        return report(arguments)
    if arguments.html is not None:
        raise ConfigError(
            f"the suite {arguments.suite!r} writes no page",
            remedy="write its JSON with --json, then `frametalk bench report FILE --html OUT.html`",
        )
    if arguments.files:
        raise ConfigError(
            f"the suite {arguments.suite!r} takes no files",
            remedy=f"leave out {arguments.files[0]}",
        )
    sessions = arguments.sessions
    options = Options(
        **given(arguments, "turns", "conversations", "seed", "labels", "minutes"),
        **({"sessions": sessions[-1]} if sessions else {}),
        levels=sessions if arguments.suite == "load" else (),
        engines=arguments.engines,
        embedded=not arguments.skip_embedded,
        smart_turn=arguments.smart_turn,
        plot=arguments.plot,
        only=tuple(arguments.only),
        profiles=tuple(arguments.profile),
        models=arguments.models,
        speech=arguments.speech,
        llm_url=arguments.llm_url,
        quick=arguments.quick,
        settings=tuple(arguments.set),
        engine=arguments.engine,
    )
    return bench(
        arguments.suite,
        options,
        json=arguments.json,
        budgets=arguments.budgets,
        repeats=arguments.repeats,
    )


def compare(arguments: argparse.Namespace) -> int:
    """Print what moved between two results; 0, whatever moved."""
    from rich.console import Console

    from frametalk.bench import compare
    from frametalk.bench.report import STDOUT, write

    try:
        old, new = arguments.files
    except ValueError:
        raise ConfigError(
            f"bench compare takes two files, not {len(arguments.files)}",
            remedy="use `frametalk bench compare OLD.json NEW.json`",
        ) from None
    found = compare.compare(old, new)
    Console(stderr=arguments.json == STDOUT).print(compare.table(found))
    if arguments.json is not None:
        write(found, arguments.json)
    return 0


def report(arguments: argparse.Namespace) -> int:
    """Write a page of results, and say where; 0, whatever it shows."""
    from frametalk.bench.html import page

    if not arguments.files or arguments.html is None:
        raise ConfigError(
            "bench report takes files of results, and the page to write",
            remedy="use `frametalk bench report RESULT.json --html OUT.html`",
        )
    page.write(arguments.files, arguments.html, arguments.budgets)
    print(arguments.html)
    return 0
