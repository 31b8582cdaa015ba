"""The command line: one parser, the commands of `frametalk.commands`, and their exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from frametalk import __version__
from frametalk.commands import (
    bench,
    data,
    demo,
    doctor,
    hear,
    mind_stub,
    models,
    netlab,
    replay,
    say,
    serve,
    simulate,
)
from frametalk.commands.shared import BAD_INPUT, INTERRUPTED, SIGNALLED, CommandsHelp, Parser
from frametalk.errors import FrametalkError, Interrupted

COMMANDS = (
    demo,
    serve,
    simulate,
    say,
    hear,
    bench,
    netlab,
    replay,
    models,
    data,
    mind_stub,
    doctor,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    0: success; 1: what it ran failed (a scenario, a budget, an engine); 2: it cannot run, and one line
    on standard error says why and what to do; 130: interrupted by Ctrl-C; 143: a
    measurement was stopped by SIGTERM.
    """
    _open_standard_streams()
    arguments = parser().parse_args(argv)
    try:
        code: int = arguments.run(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Interrupted as interrupted:
        return SIGNALLED + interrupted.number
    except FrametalkError as error:
        return _refuse(error.text + (f" ({error.remedy})" if error.remedy else ""))
    except OSError as error:
        return _refuse(str(error))
    return code


def parser() -> Parser:
    """The parser of all commands and their flags."""
    root = Parser(
        prog="frametalk", description="A voice for game characters.", formatter_class=CommandsHelp
    )
    root.add_argument("--version", action="version", version=f"frametalk {__version__}")
    commands = root.add_subparsers(metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add(commands)
    return root


def _open_standard_streams() -> None:
    """Open what the parent process has closed of descriptors 0, 1 and 2.

    Otherwise a socket or a pipe to a worker gets such a number, and is closed or written to by mistake.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # gets the lowest free number


def _refuse(text: str) -> int:
    print(f"frametalk: {text}", file=sys.stderr)
    return BAD_INPUT
