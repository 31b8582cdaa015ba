"""`frametalk netlab`."""

from __future__ import annotations

import argparse
from typing import Any

from frametalk.commands.shared import command

MAX_PORT = 65_535


def add(commands: Any) -> None:
    """Declare the arguments."""
    netlab = command(
        commands, "netlab", run, "relay a client's connections through a network that is worse"
    )
    netlab.add_argument(
        "--listen",
        type=_address,
        default=("127.0.0.1", 8766),
        metavar="HOST:PORT",
        help="where clients connect; port 0: any free port (default 127.0.0.1:8766)",
    )
    netlab.add_argument(
        "--to",
        type=_address,
        default=("127.0.0.1", 8765),
        metavar="HOST:PORT",
        help="the server (default 127.0.0.1:8765)",
    )
    netlab.add_argument(
        "--profile",
        default="bad-wifi",
        metavar="NAME|FILE",
        help="lan, home-wifi, bad-wifi (default), 4g, far-away, headset-asleep, or a TOML file",
    )
    netlab.add_argument("--udp", action="store_true", help="relay UDP instead of TCP")
    netlab.add_argument("--seed", type=int, default=0, help="seed of all chances (default 0)")


def run(arguments: argparse.Namespace) -> int:
    """Relay until stopped by Ctrl-C, then print what happened."""
    from frametalk import running
    from frametalk.netlab.network import Network
    from frametalk.netlab.profile import load_profile

    network = Network(load_profile(arguments.profile), arguments.seed)
    running.run(_relay(arguments, network))
    return 0


async def _relay(arguments: argparse.Namespace, network: Any) -> None:
    import asyncio

    from frametalk.netlab.lab import laboratory
    from frametalk.stop_signals import stop_signals

    stop = asyncio.Event()
    with stop_signals(stop):
        await laboratory(
            arguments.listen,
            arguments.to,
            network,
            udp=arguments.udp,
            stop=stop,
            show=lambda line: print(line, flush=True),
        )


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")  # of an IPv6 address
    if not colon or not host or not port.isdecimal() or int(port) > MAX_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} does not have the form 127.0.0.1:8765")
    return host, int(port)
