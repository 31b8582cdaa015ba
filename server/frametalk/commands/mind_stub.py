"""`frametalk mind-stub`."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from frametalk.commands.shared import command
from frametalk.errors import ConfigError

if TYPE_CHECKING:
    from frametalk.adapters.base import ToolRequest
    from frametalk.mind_stub.faults import Fault
    from frametalk.mind_stub.options import StubOptions

HOST, PORT = "127.0.0.1", 8790
MOST = 1_000_000


def add(commands: Any) -> None:
    """How it is written."""
    stub = command(
        commands,
        "mind-stub",
        run,
        "serve a make-believe language model that OpenAI clients can ask",
    )
    stub.add_argument("--host", default=HOST, help="address to listen on")
    stub.add_argument(
        "--port", type=int, default=PORT, help="port to listen on; 0 takes a free one"
    )
    stub.add_argument(
        "--speaks",
        choices=("text", "scripted", "obedient"),
        default="scripted",
        help="who answers: --text, a scripted character, or one that obeys every text it reads",
    )
    stub.add_argument("--text", default="As you wish, traveller.", help="what `text` says")
    stub.add_argument(
        "--call",
        action="append",
        default=[],
        type=_call,
        metavar="NAME=JSON",
        help="a tool call that `text` makes before it speaks; repeatable",
    )
    stub.add_argument(
        "--character",
        action="append",
        default=[],
        metavar="FILE",
        help="whom `scripted` speaks for; repeatable: a request says as whom",
    )
    stub.add_argument(
        "--first-token-ms", type=_amount, default=0.0, metavar="MS", help="wait before each answer"
    )
    stub.add_argument(
        "--tokens-per-s", type=_amount, default=0.0, metavar="RATE", help="pace; 0: all at once"
    )
    stub.add_argument("--fault", default="", metavar="NAME", help="what every answer suffers from")
    stub.add_argument(
        "--fault-at",
        action="append",
        default=[],
        type=_nth,
        metavar="N=NAME",
        help="what the n-th answer suffers from; repeatable",
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
        speaks=arguments.speaks,
        text=arguments.text,
        rounds=(arguments.call,) if arguments.call else (),
        characters=tuple(arguments.character),
        first_token_ms=arguments.first_token_ms,
        tokens_per_s=arguments.tokens_per_s,
        fault=_fault(arguments.fault) if arguments.fault else None,
        fault_at={number: _fault(name) for number, name in arguments.fault_at},
    )


def _fault(name: str) -> Fault:
    from frametalk.mind_stub.faults import Fault

    try:
        return Fault(name)
    except ValueError:
        raise ConfigError(
            f"there is no fault {name!r}", remedy=f"one of {', '.join(Fault)}"
        ) from None


def _call(text: str) -> ToolRequest:
    from frametalk.adapters.base import ToolRequest

    name, _, arguments = text.partition("=")
    try:
        args = json.loads(arguments or "{}")
    except ValueError:
        args = None
    if not name or not isinstance(args, dict):
        raise argparse.ArgumentTypeError(f'{text!r} is not like open={{"target": "door"}}')
    return ToolRequest(name, args)


def _nth(text: str) -> tuple[int, str]:
    number, _, name = text.partition("=")
    if not number.isdecimal() or int(number) < 1 or not name:
        raise argparse.ArgumentTypeError(f"{text!r} is not like 3=server_error")
    return int(number), name


def _amount(text: str) -> float:
    try:
        amount = float(text)
    except ValueError:
        amount = -1.0
    if not 0 <= amount <= MOST:  # NaN is not either
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 on")
    return amount
