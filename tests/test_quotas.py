"""What one address and one player may take of a server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from frametalk.addresses import network
from frametalk.admission import MAX_ADDRESSES
from frametalk.errors import FrametalkError
from frametalk.quotas import WINDOW_S, Handshakes, check_address, check_subject

HOME = "203.0.113.7"


def outcome(check: Callable[..., None], *args: Any) -> str:
    """The code of the error that ends the session, or `admitted`."""
    try:
        check(*args)
    except FrametalkError as error:
        return error.code if error.fatal else "not fatal"
    return "admitted"


# ---- connections in a minute ---------------------------------------------------------------------


def test_an_address_may_open_its_connections_at_once_and_then_one_at_a_time() -> None:
    handshakes = Handshakes(3)
    came = [outcome(handshakes.count, HOME, 100.0) for _ in range(4)]
    assert came == ["admitted"] * 3 + ["too_many_handshakes"]
    assert outcome(handshakes.count, HOME, 119.0) == "too_many_handshakes"
    assert outcome(handshakes.count, HOME, 120.0) == "admitted"
    assert outcome(handshakes.count, HOME, 120.0) == "too_many_handshakes"


def test_other_addresses_are_not_refused() -> None:
    handshakes = Handshakes(1)
    handshakes.count(HOME, 0.0)
    assert outcome(handshakes.count, HOME, 0.0) == "too_many_handshakes"
    assert outcome(handshakes.count, "198.51.100.1", 0.0) == "admitted"
    assert [outcome(handshakes.count, network("127.0.0.1"), 0.0) for _ in range(5)] == [
        "admitted"
    ] * 5


def test_the_error_says_when_another_try_succeeds() -> None:
    handshakes = Handshakes(2)
    handshakes.count(HOME, 0.0)
    handshakes.count(HOME, 0.0)
    with pytest.raises(FrametalkError, match="connect again in 20 s") as refused:
        handshakes.count(HOME, 10.0)
    assert refused.value.retry_after_ms == pytest.approx(20_000)
    handshakes.count(HOME, 10.0 + refused.value.retry_after_ms / 1000)


@pytest.mark.parametrize("limit", [1, 7, 300, 1_000_000])
def test_an_even_stream_at_the_limit_is_never_refused(limit: int) -> None:
    handshakes = Handshakes(limit)
    for number in range(3_000):
        handshakes.count(HOME, 1e6 + number * WINDOW_S / limit)


def test_no_limit_of_connections() -> None:
    handshakes = Handshakes(0)
    assert {outcome(handshakes.count, HOME, 0.0) for _ in range(10_000)} == {"admitted"}


def test_the_memory_of_connections_has_a_bound() -> None:
    handshakes = Handshakes(1)
    for number in range(MAX_ADDRESSES + 1):
        handshakes.count(str(number), 0.0)
    assert len(handshakes._used_until_s) == MAX_ADDRESSES
    assert outcome(handshakes.count, str(MAX_ADDRESSES), 0.0) == "too_many_handshakes"


# ---- sessions at once ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "code"), [(check_address, "address_limit"), (check_subject, "subject_limit")]
)
def test_sessions_at_once_are_limited(check: Callable[..., None], code: str) -> None:
    others = ["a", "b", "a", "", "", ""]
    assert outcome(check, "a", others, 2) == code
    assert outcome(check, "a", others, 3) == "admitted"
    assert outcome(check, "b", others, 2) == "admitted"
    assert outcome(check, "a", others, 0) == "admitted"
    assert outcome(check, "", others, 1) == "admitted"
