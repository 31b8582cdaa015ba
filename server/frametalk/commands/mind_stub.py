"""`frametalk mind-stub`."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from frametalk.commands.shared import OMIT, command, given
from frametalk.errors import ConfigError

if TYPE_CHECKING:
    from frametalk.adapters.base import ToolRequest
    from frametalk.mind_stub.faults import Fault
    from frametalk.mind_stub.options import StubOptions

HOST, PORT = "127.0.0.1", 8790
MAX_AMOUNT = 1_000_000


def add(commands: Any) -> None:
    """Declare the arguments."""
    stub = command(
        commands,
        "mind-stub",
        run,
        "serve a stub of a language model to OpenAI clients, for tests",
    )
    stub.add_argument("--host", default=HOST, help="address to listen on")
    stub.add_argument("--port", type=int, default=PORT, help="port to listen on; 0: any free port")
    stub.add_argument(
        "--speaks",
        choices=("text", "scripted", "obedient"),
        default=OMIT,
        help="what answers: --text, a scripted character, or a mind that obeys every text it reads",
    )
    stub.add_argument("--text", default=OMIT, help="answer of `text`")
    stub.add_argument(
        "--call",
        action="append",
        default=[],
        type=_call,
        metavar="NAME=JSON",
        help="a tool call that `text` makes before it answers; repeatable",
    )
    stub.add_argument(
        "--character",
        action="append",
        default=[],
        metavar="FILE",
        help="character file of `scripted`; repeatable: requests choose by name",
    )
    stub.add_argument(
        "--first-token-ms",
        type=_amount,
        default=OMIT,
        metavar="MS",
        help="delay before each answer",
    )
    stub.add_argument(
        "--tokens-per-s",
        type=_amount,
        default=OMIT,
        metavar="RATE",
        help="pace of answers; 0: all at once",
    )
    stub.add_argument("--fault", default="", metavar="NAME", help="fault of every answer")
    stub.add_argument(
        "--fault-at",
        action="append",
        default=[],
        type=_nth,
        metavar="N=NAME",
        help="fault of the n-th answer; repeatable",
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve until stopped by Ctrl-C."""
    from frametalk import running

    running.run(_serve(_options(arguments), arguments.host, arguments.port))
    return 0


async def _serve(options: StubOptions, host: str, port: int) -> None:
    import asyncio

    from frametalk.mind_stub.server import serving

    async with serving(options, host, port) as stub:
        print(f"listening on {stub.base_url}", flush=True)
        print(
            f"frametalk serve --set llm.adapter=openai --set llm.options.base_url={stub.base_url}"
        )
        await asyncio.Event().wait()


def _options(arguments: argparse.Namespace) -> StubOptions:
    from frametalk.mind_stub.options import StubOptions

    return StubOptions(
        **given(arguments, "speaks", "text", "first_token_ms", "tokens_per_s"),
        rounds=(arguments.call,) if arguments.call else (),
        characters=tuple(arguments.character),
        fault=_fault(arguments.fault) if arguments.fault else None,
        fault_at={number: _fault(name) for number, name in arguments.fault_at},
    )


def _fault(name: str) -> Fault:
    from frametalk.mind_stub.faults import Fault

    try:
        return Fault(name)
    except ValueError:
        raise ConfigError(
            f"unknown fault {name!r}", remedy=f"use one of {', '.join(Fault)}"
        ) from None


def _call(text: str) -> ToolRequest:
    from frametalk.adapters.base import ToolRequest

    name, _, arguments = text.partition("=")
    try:
        args = json.loads(arguments or "{}")
    except ValueError:
        args = None
    if not name or not isinstance(args, dict):
        raise argparse.ArgumentTypeError(
            f'{text!r} does not have the form open={{"target": "door"}}'
        )
    return ToolRequest(name, args)


def _nth(text: str) -> tuple[int, str]:
    number, _, name = text.partition("=")
    if not number.isdecimal() or int(number) < 1 or not name:
        raise argparse.ArgumentTypeError(f"{text!r} does not have the form 3=server_error")
    return int(number), name


def _amount(text: str) -> float:
    try:
        amount = float(text)
    except ValueError:
        amount = -1.0
    if not 0 <= amount <= MAX_AMOUNT:  # also refuses NaN
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to {MAX_AMOUNT:,}")
    return amount
