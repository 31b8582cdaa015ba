"""Plain HTTP beside the WebSocket: requests, pages, and which origins may connect."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

TEXT = "text/plain; charset=utf-8"

# As browsers write it (RFC 6454): nothing before the host, nothing after the port.
_ORIGIN = re.compile(r"https?://(?P<host>(?P<name>[a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?)")


@dataclass(frozen=True, slots=True)
class Page:
    """An answer to a request. `headers` are added to the usual ones, or replace them."""

    status: int
    body: bytes
    content_type: str = TEXT
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """A GET or a HEAD. `path` is without the query; `upgrade`: the client requests a WebSocket.

    `query`: what follows the `?`, as it was sent.
    `accept_encoding`, `if_none_match` and `authorization` are the headers of these names, empty if absent.
    `address` is the client's, without a port.
    """

    path: str
    upgrade: bool
    accept_encoding: str = ""
    if_none_match: str = ""
    authorization: str = ""
    address: str = ""
    query: str = ""


Answer = Callable[[Request], Page | None]
"""Returns the page for a request; None: the listener handles the request itself."""


def origin_allowed(origin: str | None, host: str, trusted: Collection[str] = ()) -> bool:
    """Whether a page from `origin` may open a WebSocket here; `host` is the request's Host header.

    Programs, which send no Origin, may. A page may if this machine serves it, or if this server does
    and the page addresses it by number: a name could belong to another site and point here. Pages of
    the `trusted` origins, each written as browsers send it, may too.
    """
    if origin is None or origin in trusted:
        return True
    page = _ORIGIN.fullmatch(origin)
    if page is None:
        return False
    name = page["name"].strip("[]")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or page["host"] == host
