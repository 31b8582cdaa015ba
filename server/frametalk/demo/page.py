"""Serves the demo's page, opens it in a browser, and prints its address for headsets on the network."""

from __future__ import annotations

import asyncio
import os
import sys
import webbrowser
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.resources import files

import msgspec

from frametalk.app import serve
from frametalk.config import FrametalkSettings
from frametalk.demo import header
from frametalk.engines import Engines
from frametalk.errors import ConfigError
from frametalk.places import user_data
from frametalk.running import leave_loaded_alone

EVERYWHERE = "0.0.0.0"  # noqa: S104  (the user asked for it: other machines must reach it)


def has_screen() -> bool:
    """Whether this machine can show a browser."""
    screens = ("DISPLAY", "WAYLAND_DISPLAY")
    return sys.platform in {"win32", "darwin"} or any(map(os.environ.get, screens))


async def serve_page(
    settings: FrametalkSettings, *, lan: bool, browser: bool, say: Callable[[str], None]
) -> None:
    """Serve the page until stopped; `say` prints a line for the user.

    `lan`: also for other machines, encrypted, because their browsers give no microphone otherwise.
    `browser`: open the page here. Raises as `app.serve` does.
    """
    own, hosts = _lan(settings) if lan else (settings, [])
    page = str(files("frametalk") / "data" / "page")
    server = msgspec.structs.replace(own.server, pages=own.server.pages or page)
    loop = asyncio.get_running_loop()

    def ready(port: int) -> None:
        leave_loaded_alone(port)
        scheme = "https" if server.tls_certificate else "http"
        here = f"{scheme}://localhost:{port}/"
        say(f"The tavern is open at {here} (Ctrl-C closes it)")
        if lan:
            _show_addresses([f"{scheme}://{host}:{port}/" for host in hosts], say)
        if browser:
            # Some launchers block until the browser closes.
            loop.run_in_executor(None, webbrowser.open, here)

    def engines_ready(engines: Engines) -> None:
        for line in header.lines(engines.choices):
            say(line)

    settings = msgspec.structs.replace(own, server=server)
    await serve(settings, ready=ready, engines_ready=engines_ready)


def _lan(settings: FrametalkSettings) -> tuple[FrametalkSettings, list[str]]:
    """Settings for a server that other machines can reach, and this machine's addresses.

    A certificate or an address that the user has set stays. Raises ConfigError without the packages of the
    extra `lan`.
    """
    try:
        from frametalk.demo import lan
    except ImportError as error:
        raise ConfigError(
            f"--lan needs more packages: {error}", remedy='pip install "frametalk[lan]"'
        ) from None
    hosts = lan.addresses()
    server = settings.server
    if server.host == "127.0.0.1":
        server = msgspec.structs.replace(server, host=EVERYWHERE)
    if not server.tls_certificate:
        names = ["localhost", "127.0.0.1", *hosts]
        identity = lan.identity(user_data() / "lan", names, datetime.now(UTC))
        server = msgspec.structs.replace(
            server, tls_certificate=str(identity.certificate), tls_key=str(identity.key)
        )
    return msgspec.structs.replace(settings, server=server), hosts


def _show_addresses(addresses: list[str], say: Callable[[str], None]) -> None:
    from frametalk.demo import lan

    if not addresses:
        say("Other machines cannot reach this one: it is not connected to a network.")
        return
    say("")
    say(lan.code(addresses[0]))
    for address in addresses:
        say(f"  on a headset or phone on this network: {address}")
    say("  The certificate is self-signed, so the browser warns once: accept it to continue.")
