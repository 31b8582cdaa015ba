"""Addresses: what limits count as one, and which are this machine."""

from __future__ import annotations

import pytest

from frametalk.addresses import is_exempt, is_this_machine, network

HOME = "203.0.113.7"


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        (HOME, HOME),
        (f"::ffff:{HOME}", HOME),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("127.0.0.1", ""),
        ("::1", ""),
        ("::ffff:127.0.0.1", ""),
        ("127.0.0.2", "127.0.0.2"),
        ("", ""),
        ("strange", "strange"),
    ],
)
def test_an_address_counts_as(address: str, counted_as: str) -> None:
    assert network(address) == counted_as
    assert network(counted_as) == counted_as
    assert is_exempt(address) is (counted_as == "")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1", "::1", "localhost", "LOCALHOST"])
def test_loopback_is_this_machine(host: str) -> None:
    assert is_this_machine(host)


@pytest.mark.parametrize("host", ["10.0.0.2", "api.example", "localhost.example", "0.0.0.0", ""])  # noqa: S104
def test_any_other_host_is_not(host: str) -> None:
    assert not is_this_machine(host)
