"""What commands share: their exit codes, flags and settings."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from frametalk.config import FrametalkSettings

FAILED, BAD_INPUT = 1, 2
SIGNALLED = 128  # and the signal's number, as shells have it
INTERRUPTED = SIGNALLED + signal.SIGINT
OMIT = argparse.SUPPRESS  # the default of a flag whose real default is elsewhere; see `given`


class Parser(argparse.ArgumentParser):
    """Reports a wrong command line in one line instead of the whole usage."""

    def error(self, message: str) -> NoReturn:
        """Exit with BAD_INPUT."""
        self.exit(BAD_INPUT, f"{self.prog}: {message} (see {self.prog} --help)\n")


class CommandsHelp(argparse.HelpFormatter):
    """Keeps each command on one line: Python 3.11 ignores the indentation of their names."""

    def add_argument(self, action: argparse.Action) -> None:
        """Make room for the action and the commands listed below it."""
        super().add_argument(action)
        for below in self._iter_indented_subactions(action):
            length = len(self._format_action_invocation(below)) + self._current_indent
            self._action_max_length = max(self._action_max_length, length)


def command(
    commands: Any,
    name: str,
    run: Callable[[argparse.Namespace], int],
    about: str,
    *parents: argparse.ArgumentParser,
) -> argparse.ArgumentParser:
    """Add a command that `run` executes; it also takes the flags of its `parents`."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=about, description=about[0].upper() + about[1:] + ".", parents=parents
    )
    parser.set_defaults(run=run)
    return parser


def settings_flags() -> argparse.ArgumentParser:
    """The flags that set settings."""
    flags = Parser(add_help=False)
    flags.add_argument("--config", type=Path, metavar="FILE", help="settings file (TOML)")
    flags.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="SECTION.KEY=VALUE",
        help="one setting; overrides file and environment; repeatable",
    )
    flags.add_argument("--log-level", metavar="LEVEL", help="DEBUG, INFO, WARNING or ERROR")
    return flags


def given(arguments: argparse.Namespace, *names: str) -> dict[str, Any]:
    """Those of the named arguments that are on the command line; they are declared with `OMIT`."""
    return {name: getattr(arguments, name) for name in names if hasattr(arguments, name)}


def positive(text: str) -> int:
    """A whole number above 0, as an argparse type."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def settings_of(arguments: argparse.Namespace, *, quiet: bool = False) -> FrametalkSettings:
    """Load the settings and configure logging; `quiet` logs warnings only, unless a flag says else."""
    from frametalk import config, logs

    flags = list(arguments.set)
    for key, value in (
        ("server.host", getattr(arguments, "host", None)),
        ("server.port", getattr(arguments, "port", None)),
        ("server.insecure", "true" if getattr(arguments, "insecure", False) else None),
        ("log.level", (arguments.log_level or "").upper() or ("WARNING" if quiet else None)),
    ):
        if value is not None:
            flags.append(f"{key}={value}")
    settings = config.load(arguments.config, flags=flags)
    logs.configure(settings.log.level, settings.log.format)
    return settings
