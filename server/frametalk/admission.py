"""Who may open a session: where a server may listen, tokens, and bounds for clients without a session."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from frametalk.addresses import is_exempt, is_this_machine, network
from frametalk.config import ServerSettings
from frametalk.errors import ConfigError, Fault, FrametalkError, Stage
from frametalk.resumption import Resumption
from frametalk.tokens import Grant, Tokens
from frametalk.wire.messages import Hello

_S = TypeVar("_S")

WINDOW_S = 60.0
FULL_RETRY_MS = 5_000.0
MAX_ADDRESSES = 10_000  # at once; the one that failed longest ago is forgotten


def check_exposure(address: ServerSettings) -> None:
    """Raise ConfigError if other machines can reach the server and anybody there may talk to it."""
    tokens = address.token or address.token_secret or address.token_public_key
    if tokens or address.tls_certificate or address.insecure or is_this_machine(address.host):
        return
    raise ConfigError(
        f"other machines can reach {address.host}, and there is no token, no key of signed tokens "
        "and no certificate",
        remedy="set server.token, server.token_secret, server.token_public_key or "
        "server.tls_certificate, or allow it with --insecure",
    )


class WaitingRoom:
    """The sockets without a valid `hello`: at most `places`, so that they take no session's place; 0: any.

    Where it is full, a socket leaves: of the network (`addresses.network`) with the most, the one that has
    waited longest. A player's client says hello within a round trip.
    """

    def __init__(self, places: int) -> None:
        self._places = places
        self._waiting: dict[str, dict[object, Callable[[], None]]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def enter(self, who: object, address: str, leave: Callable[[], None]) -> None:
        """Wait; `leave` is called if the place is needed."""
        if 0 < self._places <= len(self):
            crowd = max(self._waiting, key=lambda each: len(self._waiting[each]))
            oldest = next(iter(self._waiting[crowd]))
            its_leave = self._waiting[crowd][oldest]
            self.remove(oldest, crowd)
            its_leave()
        self._waiting.setdefault(network(address), {})[who] = leave

    def remove(self, who: object, address: str) -> None:
        """It has a session now, or is gone; safe twice."""
        crowd = network(address)
        there = self._waiting.get(crowd, {})
        there.pop(who, None)
        if not there:
            self._waiting.pop(crowd, None)


class Attempts:
    """How often each network (`addresses.network`) has sent a wrong token lately: `limit` a minute, 0: any.

    Exempt addresses count as one network.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._failed: OrderedDict[str, deque[float]] = OrderedDict()

    def fail(self, address: str, now_s: float) -> None:
        """A token of this address was refused."""
        counted_as = network(address)
        times = self._failed.setdefault(counted_as, deque(maxlen=max(self._limit, 1)))
        self._failed.move_to_end(counted_as)
        times.append(now_s)
        while len(self._failed) > MAX_ADDRESSES:
            self._failed.popitem(last=False)

    def retry_after_s(self, address: str, now_s: float) -> float:
        """How long this address has to wait before it may send wrong tokens again; 0: not at all."""
        times = self._failed.get(network(address))
        if times is None or not self._limit or len(times) < self._limit:
            return 0.0
        return max(0.0, times[0] + WINDOW_S - now_s)


async def _nothing(_token: str) -> None:
    """There is no other server."""


@dataclass(frozen=True, slots=True)
class Entrance(Generic[_S]):
    """How a server lets a session in.

    `admit` returns what a client's token allows, or raises FrametalkError; its second argument says whether
    the client resumes a session. `restore` returns the session of a token that another server has kept,
    `resumed` is called when a session goes on.
    """

    admit: Callable[[Hello, bool], Grant]
    resumption: Resumption[_S]
    restore: Callable[[str], Awaitable[_S | None]] = _nothing
    resumed: Callable[[], None] = lambda: None


def check_room(sessions: int, limit: int) -> None:
    """Raise FrametalkError `server_full` if there are as many sessions as the server takes."""
    if sessions < limit:
        return
    error = FrametalkError(
        "server_full",
        f"the server has {limit} sessions, its limit",
        stage=Stage.SESSION,
        fault=Fault.SERVER,
        remedy="connect again later",
        fatal=True,
        retry_after_ms=FULL_RETRY_MS,
    )
    error.ref = "hello"
    raise error


def open_entrance(settings: ServerSettings) -> Entrance[Any]:
    """The entrance of a session outside a server: tokens are checked."""
    tokens = Tokens(settings)
    return Entrance(
        lambda hello, resumes: tokens.check(hello.token, resumes=resumes),
        Resumption(),
    )


def session_limit(limit_s: float) -> FrametalkError:
    """The error that ends a session after as much time as its token or the server allows."""
    return FrametalkError(
        "session_limit",
        f"a session may last {limit_s:.0f} s",
        stage=Stage.SESSION,
        remedy="connect again, with another token if the server needs one",
        fatal=True,
    )


def session_idle(minutes: int) -> FrametalkError:
    """The error that ends a session in which nothing has happened for so long."""
    return FrametalkError(
        "session_idle",
        f"nothing happened for {minutes} min",
        stage=Stage.SESSION,
        remedy="connect again when the player is back",
        fatal=True,
    )


class Door:
    """Checks the tokens of a server's clients. `now` returns monotonic seconds."""

    def __init__(self, settings: ServerSettings, now: Callable[[], float] = time.monotonic) -> None:
        self._tokens = Tokens(settings)
        self._attempts = Attempts(settings.bad_tokens_per_minute)
        self._now = now

    def admit(
        self,
        token: str,
        address: str,
        *,
        resumes: bool = False,
        admit: Callable[[Grant], None] = lambda _grant: None,
    ) -> Grant:
        """What the client may do; `resumes`, `admit`: as in `Tokens.check`.

        Raises FrametalkError `bad_token`, or `too_many_attempts` after too many of these. An exempt address
        gets the latter for a wrong token only: all players may have that address.
        """
        wait_s = self._attempts.retry_after_s(address, self._now())
        if wait_s and not is_exempt(address):
            raise _too_many_attempts(wait_s)
        try:
            return self._tokens.check(token, resumes=resumes, admit=admit)
        except FrametalkError as error:
            if error.code != "bad_token":
                raise
            if wait_s:
                raise _too_many_attempts(wait_s) from None
            self._attempts.fail(address, self._now())
            raise


def _too_many_attempts(wait_s: float) -> FrametalkError:
    error = FrametalkError(
        "too_many_attempts",
        "this address has sent too many wrong tokens",
        stage=Stage.SESSION,
        remedy=f"correct the token, and try again in {wait_s:.0f} s",
        fatal=True,
        retry_after_ms=wait_s * 1000,
    )
    error.ref = "hello"
    return error
