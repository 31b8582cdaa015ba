"""Addresses of clients and hosts: what limits count as one, and which are this machine."""

from __future__ import annotations

import ipaddress

# A proxy on this machine has these for all players, and programs here need no network to do harm.
EXEMPT = frozenset({"127.0.0.1", "::1"})
SUBSCRIBER_BITS = (
    64  # of an IPv6 address; the rest each device chooses itself, as often as it likes
)


def network(address: str) -> str:
    """What the limits count as one address: an IPv4 address, or the first half of an IPv6 address.

    Empty for an address that is not counted.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        parsed = parsed.ipv4_mapped or parsed
    if str(parsed) in EXEMPT:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address):
        host_bits = parsed.max_prefixlen - SUBSCRIBER_BITS
        return str(ipaddress.IPv6Address(int(parsed) >> host_bits << host_bits))
    return str(parsed)


def is_exempt(address: str) -> bool:
    """Whether limits do not count this address: many players may have it."""
    return not network(address)


def is_this_machine(host: str) -> bool:
    """Whether a host's name or address means the machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
