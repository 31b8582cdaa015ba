"""Bounds what clients do before they have a session: sockets that wait for `hello`, guesses at tokens."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable

WINDOW_S = 60.0
MAX_ADDRESSES = 10_000  # at once; the one that failed longest ago is forgotten


class WaitingRoom:
    """The sockets without a valid `hello`: at most `places`, so that they take no session's place.

    Where it is full, the socket that has waited longest leaves: a client that means it says hello within a
    round trip.
    """

    def __init__(self, places: int) -> None:
        self._places = places
        self._waiting: OrderedDict[object, Callable[[], None]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._waiting)

    def enter(self, who: object, leave: Callable[[], None]) -> None:
        """Wait; `leave` is called if the place is needed."""
        if len(self._waiting) >= self._places:
            _oldest, its_leave = self._waiting.popitem(last=False)
            its_leave()
        self._waiting[who] = leave

    def remove(self, who: object) -> None:
        """It has a session now, or is gone; safe twice."""
        self._waiting.pop(who, None)


class Attempts:
    """How often each address has sent a wrong token lately: `limit` a minute, 0 is no limit."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._failed: OrderedDict[str, deque[float]] = OrderedDict()

    def fail(self, address: str, now_s: float) -> None:
        """A token of this address was refused."""
        times = self._failed.setdefault(address, deque(maxlen=max(self._limit, 1)))
        self._failed.move_to_end(address)
        times.append(now_s)
        while len(self._failed) > MAX_ADDRESSES:
            self._failed.popitem(last=False)

    def retry_after_s(self, address: str, now_s: float) -> float:
        """How long this address has to wait before its tokens are looked at again; 0: not at all."""
        times = self._failed.get(address)
        if times is None or not self._limit or len(times) < self._limit:
            return 0.0
        return max(0.0, times[0] + WINDOW_S - now_s)
