"""What one address and one player may take of a server: connections in a minute, sessions at once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from frametalk.admission import MAX_ADDRESSES
from frametalk.errors import FrametalkError, Stage

WINDOW_S = 60.0


class Handshakes:
    """The connections of each network: `limit` a minute, also all at once; 0 is no limit."""

    def __init__(self, limit: int) -> None:
        self._every_s = WINDOW_S / limit if limit else 0.0
        self._used_until_s: OrderedDict[str, float] = OrderedDict()  # with all made evenly

    def count(self, network: str, now_s: float) -> None:
        """Count a connection. Raises FrametalkError `too_many_handshakes`; then it does not count."""
        if not network or not self._every_s:
            return
        used_until_s = max(now_s, self._used_until_s.get(network, now_s)) + self._every_s
        wait_s = used_until_s - now_s - WINDOW_S
        if wait_s > self._every_s / 1000:  # less is rounding
            raise FrametalkError(
                "too_many_handshakes",
                "this address has opened too many connections within a minute",
                stage=Stage.SESSION,
                remedy=f"connect again in {max(1, round(wait_s))} s, and keep the connection",
                fatal=True,
                retry_after_ms=wait_s * 1000,
            )
        self._used_until_s[network] = used_until_s
        self._used_until_s.move_to_end(network)
        while len(self._used_until_s) > MAX_ADDRESSES:
            self._used_until_s.popitem(last=False)


def check_address(network: str, others: Iterable[str], limit: int) -> None:
    """Raise FrametalkError `address_limit` if `limit` sessions are from this network; 0: no limit.

    `others`: the networks of all sessions.
    """
    if network and limit and sum(other == network for other in others) >= limit:
        raise _limit(
            "address_limit",
            f"this address has {limit} sessions already",
            "connect again later, or raise server.sessions_per_address",
        )


def check_subject(subject: str, others: Iterable[str], limit: int) -> None:
    """Raise FrametalkError `subject_limit` if this player has `limit` sessions; 0: no limit.

    `others`: the players of all sessions. Without a signed token a player has no name.
    """
    if subject and limit and sum(other == subject for other in others) >= limit:
        raise _limit(
            "subject_limit",
            f"this player has {limit} sessions already",
            "end one of them, and connect again with another token",
        )


def _limit(code: str, text: str, remedy: str) -> FrametalkError:
    error = FrametalkError(code, text, stage=Stage.SESSION, remedy=remedy, fatal=True)
    error.ref = "hello"
    return error
