"""Plain HTTP beside the WebSocket: one request, one page, and who may upgrade."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Page:
    """An answer to a GET. `headers` are added to the usual ones, or stand in their place."""

    status: int
    body: bytes
    content_type: str = TEXT
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """A GET. `path` is without the query; `upgrade` says that a WebSocket is asked for.

    `accept_encoding` and `if_none_match` are the headers of these names, empty where absent.
    """

    path: str
    upgrade: bool
    accept_encoding: str = ""
    if_none_match: str = ""


Answer = Callable[[Request], Page | None]
"""Gives the page for a request; None lets an upgrade through."""


def origin_allowed(origin: str | None, host: str, trusted: Collection[str] = ()) -> bool:
    """Whether a page from `origin` may open a WebSocket here; `host` is the request's Host header.

    Programs send no Origin and may. Pages may when this machine serves them, or when this very
    server does and is addressed by number: a name could be another site's that points here. So may
    pages of the `trusted` origins, each written as browsers send it.
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
