"""Who may read an operator's page."""

from __future__ import annotations

from typing import Any

import pytest

from frametalk.config import ServerSettings
from frametalk.page_token import PageToken
from frametalk.transports.http import Request

TOKEN = "a page token of the test"  # noqa: S105  (a sample)
RIGHT = f"Bearer {TOKEN}"
STRANGER = "192.0.2.1"


def checker(token: str = TOKEN, limit: int = 3) -> PageToken:
    return PageToken(token, "server.metrics_token", limit)


def status(checked: PageToken, authorization: str = "", address: str = STRANGER) -> int:
    """The status of the refusal; 200: the page may be read."""
    request = Request("/metrics", False, authorization=authorization, address=address)
    refusal = checked.refusal(request)
    return 200 if refusal is None else refusal.status


def test_the_token_opens_the_page_from_anywhere_and_nothing_else_does() -> None:
    for address in (STRANGER, "127.0.0.1"):
        checked = checker(limit=0)
        assert status(checked, RIGHT, address) == 200
        for wrong in ("", "Bearer", "Bearer another", f"Basic {TOKEN}", TOKEN, "Bearer übung"):
            assert status(checked, wrong, address) == 401


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("127.0.0.1", 200),
        ("::1", 200),
        ("::ffff:127.0.0.1", 200),
        (STRANGER, 403),
        ("2001:db8::1", 403),
        ("127.0.0.2", 403),
        ("", 403),
    ],
)
def test_without_a_token_only_this_machine_may_read_it(address: str, found: int) -> None:
    checked = checker(token="")
    assert status(checked, "", address) == found
    assert status(checked, "Bearer ", address) == found
    assert status(checked, RIGHT, address) == found


def test_a_refusal_says_which_setting_is_missing() -> None:
    for checked in (checker(), checker(token="")):
        refusal = checked.refusal(Request("/metrics", False, address=STRANGER))
        assert refusal is not None
        assert b"server.metrics_token" in refusal.body
        assert TOKEN.encode() not in refusal.body


def test_wrong_tokens_are_throttled_by_network() -> None:
    checked = checker()
    guesses = [status(checked, "Bearer guess", f"2001:db8::{number}") for number in range(4)]
    assert guesses == [401, 401, 401, 429]
    assert status(checked, RIGHT, "2001:db8::9") == 429
    assert status(checked, RIGHT, "2001:db8:0:1::1") == 200


def test_a_request_without_a_token_is_no_guess() -> None:
    checked = checker()
    assert {status(checked) for _ in range(10)} == {401}
    assert status(checked, RIGHT) == 200


def test_behind_a_proxy_the_right_token_is_not_throttled() -> None:
    checked = checker()
    guesses = [status(checked, "Bearer guess", "127.0.0.1") for _ in range(5)]
    assert guesses == [401] * 3 + [429] * 2
    assert status(checked, RIGHT, "127.0.0.1") == 200


@pytest.mark.parametrize("name", ["debug_token", "metrics_token"])
def test_a_short_token_is_refused(name: str) -> None:
    short: dict[str, Any] = {name: "short"}
    with pytest.raises(ValueError, match=f"{name} needs at least 16 characters"):
        ServerSettings(**short)
