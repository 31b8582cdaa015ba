"""A circuit breaker: a provider that fails is left alone for a while, so that it costs nothing."""

from __future__ import annotations

from enum import StrEnum

LONGEST_ASKED_S = 3_600.0  # a Retry-After beyond this is not believed


class BreakerState(StrEnum):
    """Closed: requests pass. Open: none does. Half-open: one may try."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Breaker:
    """Opens after `failures` failures in a row, or one that is sure to come again.

    It stays open for `open_s`, twice as long each time that the trial after it fails, at most
    `longest_s`. `now` is in seconds of any clock that only goes forward. Every `ask` that said yes is
    followed by exactly one of `succeeded`, `failed` or `continued`.
    """

    def __init__(self, failures: int = 2, open_s: float = 5.0, longest_s: float = 60.0) -> None:
        self._failures = failures
        self._open_s = open_s
        self._longest_s = longest_s
        self._failed = 0  # in a row, while closed
        self._opened = 0  # in a row
        self._until: float | None = None  # None: closed
        self._trying = False

    def state(self, now: float) -> BreakerState:
        """Where it is."""
        if self._until is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if now < self._until else BreakerState.HALF_OPEN

    def opens_in_s(self, now: float) -> float:
        """Seconds until a request may be made; 0 when one may be made now."""
        return 0.0 if self._until is None else max(0.0, self._until - now)

    def ask(self, now: float) -> bool:
        """Whether a request may be made now; while half-open, one at a time."""
        state = self.state(now)
        if state is BreakerState.HALF_OPEN and not self._trying:
            self._trying = True
            return True
        return state is BreakerState.CLOSED

    def succeeded(self) -> None:
        """A request was answered: all is well."""
        self._failed, self._opened, self._until, self._trying = 0, 0, None, False

    def withdrawn(self) -> None:
        """The request was given up by whoever made it; that says nothing about the provider."""
        self._trying = False

    def failed(self, now: float, *, sure: bool = False, for_s: float | None = None) -> None:
        """A request failed; `sure` that the next one would too, `for_s` if the provider said so."""
        self._trying = False
        asked_s = min(for_s, LONGEST_ASKED_S) if for_s is not None else 0.0
        if self.state(now) is BreakerState.OPEN:  # one that was under way when it opened
            self._until = max(self._until or now, now + asked_s)
            return
        self._failed += 1
        if self._until is None and self._failed < self._failures and not sure and for_s is None:
            return
        open_s = min(self._open_s * 2.0 ** min(self._opened, 32), self._longest_s)
        self._opened += 1
        self._failed = 0
        self._until = now + max(open_s, asked_s)
