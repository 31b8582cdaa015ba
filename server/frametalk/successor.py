"""The server that goes on where this one stops, as clients learn of it that come while this one stops."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from frametalk.errors import FrametalkError, server_busy
from frametalk.resumption import digest
from frametalk.transports.link import Link
from frametalk.wire.messages import GoAway, Hello

STOP_REASON = "server_stopping"


class Successor:
    """The `url` where clients go on (empty: nowhere else), and those who do not know it yet."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.known = asyncio.Event()  # to all clients that were expected
        self._expected: list[frozenset[bytes]] = []

    def expect(self, sessions: Iterable[Iterable[bytes]]) -> None:
        """The digests of the tokens of each session whose client has no connection now."""
        self._expected = [frozenset(digests) for digests in sessions] if self.url else []
        self._note()

    def refuse(self, link: Link, hello: Hello) -> FrametalkError:
        """Send the address over `link`; return the error that ends this connection."""
        if self.url:
            # Without a number: it is in no session.
            link.send(GoAway(reason=STOP_REASON, url=self.url))
            came = digest(hello.resume)
            self._expected = [digests for digests in self._expected if came not in digests]
            self._note()
        return server_busy(
            "the server is stopping", "connect again, to `goaway.url` if the server has named one"
        )

    def _note(self) -> None:
        if self._expected:
            self.known.clear()
        else:
            self.known.set()
