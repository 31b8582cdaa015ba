"""The demo's page: served, opened in a browser, and announced to headsets in the same network."""

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
from frametalk.errors import ConfigError
from frametalk.places import user_data

EVERYWHERE = "0.0.0.0"  # noqa: S104  (asked for: other machines are to reach it)


def has_screen() -> bool:
    """Whether a browser that is opened here would be seen."""
    screens = ("DISPLAY", "WAYLAND_DISPLAY")
    return sys.platform in {"win32", "darwin"} or any(map(os.environ.get, screens))


async def receive(
    settings: FrametalkSettings, *, lan: bool, browser: bool, say: Callable[[str], None]
) -> None:
    """Serve the page until stopped; `say` gets what a person needs to know, line by line.

    `lan`: for other machines too, encrypted, since browsers give them no microphone otherwise.
    `browser`: open it here. Raises as `app.serve` does.
    """
    own, hosts = _lan(settings) if lan else (settings, [])
    page = str(files("frametalk") / "data" / "page")
    server = msgspec.structs.replace(own.server, pages=own.server.pages or page)
    loop = asyncio.get_running_loop()

    def ready(port: int) -> None:
        scheme = "https" if server.tls_certificate else "http"
        here = f"{scheme}://localhost:{port}/"
        say(f"The tavern is open: {here} (Ctrl-C closes it)")
        if lan:
            _tell_headsets([f"{scheme}://{host}:{port}/" for host in hosts], say)
        if browser:
            # Some browsers' starters wait for the browser; the loop does not.
            loop.run_in_executor(None, webbrowser.open, here)

    await serve(msgspec.structs.replace(own, server=server), ready=ready)


def _lan(settings: FrametalkSettings) -> tuple[FrametalkSettings, list[str]]:
    """Settings to be reached from other machines, and the addresses under which they are.

    A certificate and an address that somebody set stay as they are. Raises ConfigError without the
    packages of the extra `lan`.
    """
    try:
        from frametalk.demo import lan
    except ImportError as error:
        raise ConfigError(
            f"other machines cannot be let in: {error}", remedy='pip install "frametalk[lan]"'
        ) from None
    hosts = lan.addresses()
    server = settings.server
    if server.host == "127.0.0.1":
        server = msgspec.structs.replace(server, host=EVERYWHERE)
    if not server.tls_certificate:
        names = ["localhost", "127.0.0.1", *hosts]
        made = lan.identity(user_data() / "lan", names, datetime.now(UTC))
        server = msgspec.structs.replace(
            server, tls_certificate=str(made.certificate), tls_key=str(made.key)
        )
    return msgspec.structs.replace(settings, server=server), hosts


def _tell_headsets(addresses: list[str], say: Callable[[str], None]) -> None:
    from frametalk.demo import lan

    if not addresses:
        say("No other machine can reach this one: it is in no network.")
        return
    say("")
    say(lan.code(addresses[0]))
    for address in addresses:
        say(f"  from a headset or phone in this network: {address}")
    say("  The certificate is this machine's own, so the browser warns once: choose to go on.")
