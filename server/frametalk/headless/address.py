"""Where a session connects next: the address that the game set, or the one that a `goaway` named."""

from __future__ import annotations

from urllib.parse import urlsplit

from frametalk.wire.messages import GoAway

ATTEMPTS = 5  # in a row without an answer; then the game's address is used again


class Address:
    """The address of a session's connections, `current`: at first as the game set it."""

    def __init__(self, url: str) -> None:
        self.current = url
        self._set_by_game = url
        self._unanswered = 0

    def next(self) -> str:
        """The address for an attempt to connect, which begins now."""
        if self._unanswered >= ATTEMPTS:
            self.current, self._unanswered = self._set_by_game, 0
        self._unanswered += 1
        return self.current

    def leave(self, goaway: GoAway) -> str:
        """Go where a `goaway` says, from the next attempt on. Returns what is wrong with its `url`."""
        url = goaway.url
        if not url:
            return ""
        scheme = _scheme(url)
        if scheme is None:
            return f"goaway: {url!r} is neither ws:// nor wss://"
        if scheme == "ws" and _scheme(self.current) == "wss":
            return f"goaway: {url!r} leads from wss:// to ws://"
        self.current, self._unanswered = url, 0
        return ""

    def answered(self) -> None:
        """The newest attempt got an answer."""
        self._unanswered = 0


def _scheme(url: str) -> str | None:
    """`ws` or `wss`; None for another address, or none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts.scheme if parts.scheme in {"ws", "wss"} and parts.hostname else None
