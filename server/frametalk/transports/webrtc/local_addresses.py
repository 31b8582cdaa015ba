"""Which addresses of this machine a peer connection uses: those at which the server can be reached."""

from __future__ import annotations

from collections.abc import Sequence

from frametalk.config import FrametalkSettings
from frametalk.transports.webrtc.aioice_guard import all_addresses

LOOPBACK = "127.0.0.1"
_LOOPBACK_NAMES = (LOOPBACK, "::1", "localhost")
_ALL = ("", "0.0.0.0", "::")  # noqa: S104  (compared, not listened on)


def local_addresses(settings: FrametalkSettings, client: str) -> Sequence[str]:
    """For a client that has connected from the address `client`."""
    host = settings.server.host
    if settings.webrtc.addresses:
        return settings.webrtc.addresses
    if host in _LOOPBACK_NAMES:
        return (LOOPBACK,)
    if host not in _ALL:
        return (host,)
    return (*all_addresses(), LOOPBACK) if client in _LOOPBACK_NAMES else all_addresses()
