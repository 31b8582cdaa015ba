"""The command line: demo, serve, simulate, bench, doctor.

Everything but argparse is imported by the command that needs it, so that `--help` is quick.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from frametalk import __version__
from frametalk.errors import FrametalkError
from frametalk.running import Interrupted, beside_server, run

if TYPE_CHECKING:
    from frametalk.config import FrametalkSettings
    from frametalk.headless.results import SimulationResult

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130
DEMO_SCENARIO = "tavern"
DEMO_WAV = Path("frametalk-demo.wav")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code.

    0: well; 1: what was run failed (a scenario, a budget, an engine); 2: it could not be run, with one
    line on standard error that says why and what to do; 130: interrupted.
    """
    arguments = parser().parse_args(argv)
    try:
        code: int = arguments.run(arguments)
    except (KeyboardInterrupt, Interrupted):
        return INTERRUPTED
    except FrametalkError as error:
        return _complain(error.text + (f" ({error.remedy})" if error.remedy else ""))
    except OSError as error:
        return _complain(str(error))
    return code


def _complain(text: str) -> int:
    print(f"frametalk: {text}", file=sys.stderr)
    return BAD_INPUT


# ---- what can be written -------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    """Refuses with one line instead of the whole usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"{self.prog}: {message} (see {self.prog} --help)\n")


def parser() -> argparse.ArgumentParser:
    """All commands and their flags."""
    root = _Parser(prog="frametalk", description="A voice for game characters.")
    root.add_argument("--version", action="version", version=f"frametalk {__version__}")
    commands = root.add_subparsers(metavar="COMMAND", required=True)
    settings, files = _settings_flags(), _result_files()

    demo = _command(
        commands, "demo", _demo, "hear a tavern conversation, server included", settings
    )
    demo.add_argument("--wav", type=Path, default=DEMO_WAV, metavar="FILE", help="sound to write")
    demo.add_argument("--json", type=Path, metavar="FILE", help="turns and times to write")

    serve = _command(commands, "serve", _serve, "serve games over WebSockets", settings)
    serve.add_argument("--host", help="address to listen on")
    serve.add_argument("--port", help="port to listen on; 0 takes a free one")

    simulate = _command(
        commands, "simulate", _simulate, "play a scenario without a game", settings, files
    )
    simulate.add_argument("scenario", help="a TOML file, or the name of a shipped scenario")
    simulate.add_argument("--server", metavar="URL", help="ws://HOST:PORT; else one is started")
    simulate.add_argument("--token", default="", help="what the server wants in `hello`")
    simulate.add_argument("--frame-hz", type=int, default=90, choices=(72, 90, 120))
    simulate.add_argument("--seed", type=int, default=1, help="of the noises")

    bench = _command(commands, "bench", _bench, "measure what frametalk costs")
    bench.add_argument("suite", nargs="?", default="overhead", help="overhead (default) or turns")
    bench.add_argument("--turns", type=_positive, default=60, help="of each session")
    bench.add_argument("--sessions", type=_positive, default=1, help="players at once")
    bench.add_argument("--seed", type=int, default=0, help="of sounds and pauses")
    bench.add_argument("--skip-embedded", action="store_true", help="scripted engines only")
    bench.add_argument("--labels", type=Path, metavar="FILE", help="turns: the labelled set")
    bench.add_argument("--smart-turn", type=Path, metavar="FILE", help="turns: smart-turn's model")
    bench.add_argument("--plot", type=Path, metavar="FILE", help="turns: the curve, PNG or SVG")
    bench.add_argument("--json", type=Path, metavar="FILE", help="all numbers")
    bench.add_argument("--budgets", type=Path, metavar="FILE", help="exit 1 if one is missed")

    doctor = _command(
        commands, "doctor", _doctor, "say what is here, what is missing, how to get it", settings
    )
    doctor.add_argument(
        "--json", nargs="?", const="-", metavar="FILE", help="as JSON, to FILE or here"
    )
    return root


def _command(
    commands: Any, name: str, run: Callable[..., int], about: str, *parents: _Parser
) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(
        name, help=about, description=about[0].upper() + about[1:] + ".", parents=parents
    )
    command.set_defaults(run=run)
    return command


def _settings_flags() -> _Parser:
    flags = _Parser(add_help=False)
    flags.add_argument("--config", type=Path, metavar="FILE", help="settings in TOML")
    flags.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="SECTION.KEY=VALUE",
        help="one setting, above file and environment; repeatable",
    )
    flags.add_argument("--log-level", metavar="LEVEL", help="DEBUG, INFO, WARNING or ERROR")
    return flags


def _result_files() -> _Parser:
    files = _Parser(add_help=False)
    files.add_argument("--json", type=Path, metavar="FILE", help="turns and times")
    files.add_argument("--wav", type=Path, metavar="FILE", help="player left, character right")
    files.add_argument("--junit", type=Path, metavar="FILE", help="steps as test cases")
    return files


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return int(text)


# ---- commands ------------------------------------------------------------------------------------


def _serve(arguments: argparse.Namespace) -> int:
    from frametalk.app import serve

    settings = _settings(arguments)
    run(serve(settings))
    return 0


def _demo(arguments: argparse.Namespace) -> int:
    from frametalk.headless.simulate import SimulateOptions, run_simulation

    settings = _settings(arguments, quiet=True)

    def play(url: str) -> Coroutine[Any, Any, SimulationResult]:
        return run_simulation(
            SimulateOptions(
                DEMO_SCENARIO,
                url,
                token=settings.server.token,
                json_file=arguments.json,
                wav_file=arguments.wav,
            )
        )

    result = run(beside_server(settings, play))
    print(f"The sound is in {arguments.wav}: player left, character right.")
    return 0 if result.passed else FAILED


def _simulate(arguments: argparse.Namespace) -> int:
    from frametalk.headless.simulate import SimulateOptions, run_simulation

    settings = _settings(arguments, quiet=True)

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
    result = run(play(url) if url else beside_server(settings, play))
    return 0 if result.passed else FAILED


def _bench(arguments: argparse.Namespace) -> int:
    from frametalk.bench.run import Options
    from frametalk.bench.suites import bench

    options = Options(
        turns=arguments.turns,
        sessions=arguments.sessions,
        seed=arguments.seed,
        embedded=not arguments.skip_embedded,
        labels=arguments.labels or Options().labels,
        smart_turn=arguments.smart_turn,
        plot=arguments.plot,
    )
    return bench(arguments.suite, options, json=arguments.json, budgets=arguments.budgets)


def _doctor(arguments: argparse.Namespace) -> int:
    from frametalk import doctor

    report = run(doctor.examine(_settings(arguments, quiet=True)))
    if arguments.json is None:
        doctor.show(report)
    elif arguments.json == "-":
        print(doctor.as_json(report))
    else:
        Path(arguments.json).write_text(doctor.as_json(report) + "\n", encoding="utf-8")
    return 0 if report.ok else FAILED


# ---- what commands share -------------------------------------------------------------------------


def _settings(arguments: argparse.Namespace, *, quiet: bool = False) -> FrametalkSettings:
    """Settings from all sources; logging goes by them. `quiet`: warnings only, unless asked for."""
    from frametalk import config, logs

    flags = list(arguments.set)
    for key, value in (
        ("server.host", getattr(arguments, "host", None)),
        ("server.port", getattr(arguments, "port", None)),
        ("log.level", (arguments.log_level or "").upper() or ("WARNING" if quiet else None)),
    ):
        if value is not None:
            flags.append(f"{key}={value}")
    settings = config.load(arguments.config, flags=flags)
    logs.configure(settings.log.level, settings.log.format)
    return settings
