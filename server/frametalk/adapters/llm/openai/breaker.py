"""A circuit breaker: a provider that fails gets no requests for a while."""

from __future__ import annotations

from enum import StrEnum

OPEN_S = 5.0
LONGEST_OPEN_S = 60.0
MAX_RETRY_AFTER_S = 3_600.0  # a longer Retry-After is shortened to this


class BreakerState(StrEnum):
    """Closed: requests are allowed. Open: none are. Half-open: one at a time is."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Breaker:
    """Opens after `failures` failures in a row, or after one that is sure to repeat.

    It stays open for `open_s`, doubled each time that the trial request after it fails, at most
    `longest_s`. `now` is in seconds of a monotonic clock. After every `allows` that returned True, call
    exactly one of `succeeded`, `failed` and `cancelled`.
    """

    def __init__(
        self, failures: int = 2, open_s: float = OPEN_S, longest_s: float = LONGEST_OPEN_S
    ) -> None:
        self._failures = failures
        self._open_s = open_s
        self._longest_s = longest_s
        self._failed = 0  # in a row, while closed
        self._opened = 0  # in a row
        self._until: float | None = None  # None: closed
        self._trying = False

    def state(self, now: float) -> BreakerState:
        """The state at a time."""
        if self._until is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if now < self._until else BreakerState.HALF_OPEN

    def opens_in_s(self, now: float) -> float:
        """Seconds until a request is allowed; 0 if it is now."""
        return 0.0 if self._until is None else max(0.0, self._until - now)

    def allows(self, now: float) -> bool:
        """Whether a request may be made now. While half-open, the first caller reserves the trial."""
        state = self.state(now)
        if state is BreakerState.HALF_OPEN and not self._trying:
            self._trying = True
            return True
        return state is BreakerState.CLOSED

    def succeeded(self) -> None:
        """A request was answered."""
        self._failed, self._opened, self._until, self._trying = 0, 0, None, False

    def cancelled(self) -> None:
        """The caller cancelled the request, which says nothing about the provider."""
        self._trying = False

    def failed(self, now: float, *, sure: bool = False, for_s: float | None = None) -> None:
        """A request failed. `sure`: the next one would too. `for_s`: the provider's Retry-After."""
        self._trying = False
        retry_after_s = min(for_s, MAX_RETRY_AFTER_S) if for_s is not None else 0.0
        if self.state(now) is BreakerState.OPEN:  # the request began before it opened
            self._until = max(self._until or now, now + retry_after_s)
            return
        self._failed += 1
        if self._until is None and self._failed < self._failures and not sure and for_s is None:
            return
        open_s = min(self._open_s * 2.0 ** min(self._opened, 32), self._longest_s)
        self._opened += 1
        self._failed = 0
        self._until = now + max(open_s, retry_after_s)
