"""`frametalk serve`."""

from __future__ import annotations

import argparse
from typing import Any

from frametalk.commands.shared import command, settings_flags, settings_of


def add(commands: Any) -> None:
    """Declare the arguments."""
    serve = command(commands, "serve", run, "serve games over WebSockets", settings_flags())
    serve.add_argument("--host", help="address to listen on")
    serve.add_argument("--port", help="port to listen on; 0: any free port")
    serve.add_argument(
        "--insecure",
        action="store_true",
        help="listen beyond this machine without a token, a key of signed tokens or a certificate",
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve until stopped."""
    from frametalk.stop_signals import exit_at_sigterm

    with exit_at_sigterm():
        from frametalk import running
        from frametalk.app import serve

        running.run(serve(settings_of(arguments), ready=running.leave_loaded_alone))
    return 0
