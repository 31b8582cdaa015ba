"""Which of a client's ICE candidates the server takes: it must not be made to send to any host."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import NamedTuple

from frametalk.errors import FrametalkError, Stage

MAX_CANDIDATES = 32
MAX_PUBLIC_HOSTS = 4
LOWEST_PORT, HIGHEST_PORT = 1_024, 65_535
FIELDS = 8  # foundation, component, transport, priority, address, port, "typ", type
LONGEST_LINE = 1_024

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Candidate(NamedTuple):
    """What is needed of a candidate; `line` is its text without the attribute's name."""

    line: str
    transport: str
    address: str
    port: int


class Candidates:
    """Sifts one client's candidates. `client` is the address from which it has connected.

    What an ordinary client sends and this server cannot use is ignored: names, TCP, loopback and private
    addresses of a client that comes from elsewhere. So a client on the internet does not learn what
    answers in the server's own network.
    """

    def __init__(self, client: str) -> None:
        self._client = _address(client)
        self._count = 0
        self._public: set[Address] = set()

    def take(self, text: str) -> str | None:
        """The candidate's line if it is taken, None if it is ignored.

        Raises FrametalkError `rtc_candidate` if no client may send it.
        """
        self._count += 1
        if self._count > MAX_CANDIDATES:
            raise _refused(f"there are more than {MAX_CANDIDATES} candidates")
        candidate = parse(text)
        address = _address(candidate.address)
        if candidate.transport != "udp" or address is None:
            return None
        if not LOWEST_PORT <= candidate.port <= HIGHEST_PORT:
            raise _refused(f"port {candidate.port} is not one of a client")
        reserved = address.is_reserved and not address.is_loopback
        if address.is_multicast or address.is_unspecified or reserved:
            raise _refused(f"candidate {self._count} does not have the address of one host")
        return candidate.line if self._is_near(address) or self._is_public(address) else None

    def _is_near(self, address: Address) -> bool:
        """Whether a client with this address can be where the client is."""
        client = self._client
        if client is None or address.is_global:
            return False
        if address.is_loopback or address.is_link_local:
            return client.is_loopback or (address.is_link_local and client.is_link_local)
        return address == client or client.is_private

    def _is_public(self, address: Address) -> bool:
        if not address.is_global:
            return False
        self._public.add(address)
        if len(self._public) > MAX_PUBLIC_HOSTS:
            raise _refused(f"candidate {self._count} has the {len(self._public)}th public address")
        return True


def parse(text: str) -> Candidate:
    """Read a candidate, with or without `a=` and `candidate:`. Raises FrametalkError `rtc_candidate`."""
    line = text.strip().removeprefix("a=").removeprefix("candidate:")
    parts = line.split(maxsplit=FIELDS)
    try:
        if len(line) > LONGEST_LINE or parts[6] != "typ" or len(parts) < FIELDS:
            raise ValueError
        int(parts[1]), int(parts[3])
        return Candidate(line, parts[2].lower(), parts[4], int(parts[5]))
    except (ValueError, IndexError):
        raise _refused("a candidate is not as RFC 8839 (5.1) writes it") from None


def split(sdp: str) -> tuple[str, list[tuple[int, str]]]:
    """An SDP without its candidates, and these with the number of their media section, from 0."""
    lines, candidates, section = [], [], -1
    for line in _lines(sdp):
        if line.startswith("m="):
            section += 1
        if line.startswith("a=candidate:"):
            candidates.append((max(section, 0), line))
        elif line != "a=end-of-candidates":
            lines.append(line)
    return "\r\n".join(lines) + "\r\n", candidates


def _lines(sdp: str) -> Iterator[str]:
    return (stripped for line in sdp.splitlines() if (stripped := line.strip()))


def _address(text: str) -> Address | None:
    """An IP address; one of IPv4 that is written as IPv6 as what it is. None: a name."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return address if mapped is None else mapped


def _refused(text: str) -> FrametalkError:
    """The error; `text` has no address, since recordings and logs have it."""
    return FrametalkError(
        "rtc_candidate",
        text,
        stage=Stage.LINK,
        remedy="send only the candidates of the client's own device and of its TURN server",
    )
