"""Plain HTTP beside the WebSocket: requests, pages, and which origins may connect."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Page:
    """An answer to a GET. `headers` are added to the usual ones, or replace them."""

    status: int
    body: bytes
    content_type: str = TEXT
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """A GET. `path` is without the query; `upgrade`: the client requests a WebSocket.

    `accept_encoding` and `if_none_match` are the headers of these names, empty if absent.
    """

    path: str
    upgrade: bool
    accept_encoding: str = ""
    if_none_match: str = ""


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
    try:
        page = urlsplit(origin)
        name = page.hostname or ""
    except ValueError:
        return False
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or page.netloc == host
