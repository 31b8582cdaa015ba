"""What must be changed in aioice: which addresses it uses, and what a stranger's packet can do.

aioice has no settings for these, so two names of its module are replaced when this one is imported;
tests/transports/webrtc/test_aioice_guard.py fails if another version does without them.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from aioice import ice, stun

from frametalk.logs import RateLimit

log = logging.getLogger(__name__)

_addresses: ContextVar[Sequence[str] | None] = ContextVar("addresses", default=None)
_all_addresses = ice.get_host_addresses
_junk = RateLimit(every_s=10.0)


@contextmanager
def gathering(addresses: Sequence[str] | None) -> Iterator[None]:
    """Within the context, connections of this task gather candidates on these addresses of the machine.

    None: on all addresses but loopback, as aioice does by itself.
    """
    token = _addresses.set(addresses)
    try:
        yield
    finally:
        _addresses.reset(token)


def all_addresses() -> list[str]:
    """The machine's addresses, without loopback and link-local ones."""
    return list(_all_addresses(use_ipv4=True, use_ipv6=True))


def _host_addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
    chosen = _addresses.get()
    return _all_addresses(use_ipv4, use_ipv6) if chosen is None else list(chosen)


class GuardedStun(ice.StunProtocol):
    """Takes data only from the other side's addresses, and survives packets that aioice cannot read."""

    def datagram_received(self, data: bytes | str, addr: tuple[Any, ...]) -> None:
        """As aioice's; what raises there is dropped, with a line in the log every 10 s at most."""
        try:
            if not data or not isinstance(data, bytes):
                return
            if not self._is_known(addr):
                stun.parse_message(data)  # raises for anything else, which aioice would queue
            super().datagram_received(data, addr)
        except Exception as error:  # noqa: BLE001  (whatever a stranger's bytes cause)
            if (count := _junk.take()) is not None:
                log.warning("%d packets were dropped that are no STUN: %r", count, error)

    def _is_known(self, addr: tuple[Any, ...]) -> bool:
        """Whether the other side has said that it sends from there, or has proved it."""
        return any(
            candidate.port == addr[1] and candidate._network_host == addr[0]  # noqa: SLF001
            for candidate in self.receiver._remote_candidates  # noqa: SLF001
        )


for name in ("aioice", "aiortc"):  # what concerns a session, its peer connection reports
    logging.getLogger(name).setLevel(logging.ERROR)
ice.get_host_addresses = _host_addresses
ice.StunProtocol = GuardedStun  # type: ignore[misc]
