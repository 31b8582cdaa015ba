from __future__ import annotations

from functools import partial

import pytest

from frametalk import admission
from frametalk.admission import WINDOW_S, Attempts, Door, WaitingRoom, check_exposure
from frametalk.config import ServerSettings
from frametalk.errors import ConfigError, FrametalkError
from signing import SECRET, signed


def test_the_socket_that_waited_longest_leaves_a_full_waiting_room() -> None:
    left: list[int] = []
    room = WaitingRoom(3)
    for number in range(5):
        room.enter(number, "a", partial(left.append, number))
    assert left == [0, 1]
    assert len(room) == 3


def test_an_address_with_many_sockets_displaces_its_own() -> None:
    left: list[str] = []
    room = WaitingRoom(4)
    room.enter("player", "home", partial(left.append, "player"))
    for number in range(6):
        room.enter(number, "evil", partial(left.append, f"evil {number}"))
    assert left == ["evil 0", "evil 1", "evil 2"]


def test_the_devices_of_an_ipv6_network_displace_each_other() -> None:
    left: list[str] = []
    room = WaitingRoom(4)
    room.enter("player", "2001:db8:1:2::1", partial(left.append, "player"))
    for number in range(6):
        address = f"2001:db8:bad:bad::{number:x}"
        room.enter(number, address, partial(left.append, f"evil {number}"))
    room.remove("player", "2001:db8:1:2::1")
    assert left == ["evil 0", "evil 1", "evil 2"]
    assert len(room) == 3


def test_a_socket_with_a_session_does_not_leave() -> None:
    left: list[int] = []
    room = WaitingRoom(2)
    for number in range(4):
        room.enter(number, "a", partial(left.append, number))
        room.remove(number, "a")
        room.remove(number, "a")
    assert (left, len(room)) == ([], 0)


def test_a_room_without_a_limit_takes_everybody() -> None:
    room, left = WaitingRoom(0), []
    for number in range(1_000):
        room.enter(number, "evil", lambda: left.append(1))
    assert (len(room), left) == (1_000, [])


def test_an_address_waits_after_its_limit_of_wrong_tokens() -> None:
    attempts = Attempts(3)
    for second in range(3):
        assert attempts.retry_after_s("evil", second) == 0
        attempts.fail("evil", second)
    assert attempts.retry_after_s("evil", 3) == WINDOW_S - 3
    assert attempts.retry_after_s("good", 3) == 0
    assert attempts.retry_after_s("evil", WINDOW_S) == 0
    attempts.fail("evil", WINDOW_S)
    assert attempts.retry_after_s("evil", WINDOW_S) == 1


def test_the_addresses_of_an_ipv6_network_wait_together() -> None:
    attempts = Attempts(3)
    for number in range(3):
        attempts.fail(f"2001:db8:bad:bad::{number:x}", 0)
    assert attempts.retry_after_s("2001:db8:bad:bad:ffff::1", 0) == WINDOW_S
    assert attempts.retry_after_s("2001:db8:bad:bee::1", 0) == 0


def test_no_limit_never_waits() -> None:
    attempts = Attempts(0)
    for _ in range(100):
        attempts.fail("evil", 1)
    assert attempts.retry_after_s("evil", 1) == 0


def test_the_memory_of_addresses_has_a_bound() -> None:
    attempts = Attempts(1)
    for number in range(admission.MAX_ADDRESSES + 1):
        attempts.fail(str(number), 1)
    assert attempts.retry_after_s("0", 1) == 0
    assert attempts.retry_after_s("1", 1) > 0


def outcome(door: Door, token: str, address: str) -> str:
    """The code of the refusal, or `admitted`."""
    try:
        door.admit(token, address)
    except FrametalkError as error:
        return error.code if error.fatal else "not fatal"
    return "admitted"


@pytest.mark.parametrize(
    ("evil", "evil_too", "home"),
    [
        ("203.0.113.7", "::ffff:203.0.113.7", "203.0.113.8"),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1"),
        ("127.0.0.2", "127.0.0.2", "127.0.0.1"),
    ],
)
def test_after_too_many_wrong_tokens_not_even_the_right_one_is_accepted_for_a_while(
    evil: str, evil_too: str, home: str
) -> None:
    now_s = 0.0
    settings = ServerSettings(token="s3cret", bad_tokens_per_minute=2)  # noqa: S106  (a sample)
    door = Door(settings, lambda: now_s)
    assert [outcome(door, "a", evil), outcome(door, "b", evil_too)] == ["bad_token"] * 2
    assert outcome(door, "s3cret", evil) == outcome(door, "s3cret", evil_too) == "too_many_attempts"
    assert outcome(door, "s3cret", home) == "admitted"
    now_s = WINDOW_S
    assert outcome(door, "s3cret", evil) == "admitted"


@pytest.mark.parametrize("proxy", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_behind_a_proxy_wrong_tokens_do_not_keep_out_players_with_right_ones(proxy: str) -> None:
    now_s = 0.0
    settings = ServerSettings(token="s3cret", bad_tokens_per_minute=2)  # noqa: S106  (a sample)
    door = Door(settings, lambda: now_s)
    guesses = [outcome(door, guess, proxy) for guess in "abcd"]
    assert guesses == ["bad_token"] * 2 + ["too_many_attempts"] * 2
    assert outcome(door, "s3cret", proxy) == "admitted"
    assert outcome(door, "e", proxy) == "too_many_attempts"
    now_s = WINDOW_S
    assert outcome(door, "f", proxy) == "bad_token"


@pytest.mark.parametrize("address", ["127.0.0.1", "203.0.113.7"])
def test_used_and_expired_tokens_count_as_wrong(address: str) -> None:
    settings = ServerSettings(token_secret=SECRET, bad_tokens_per_minute=2)
    door = Door(settings, lambda: 0.0)
    used, expired = signed("ada"), signed("ada", for_s=-60)
    assert outcome(door, used, address) == "admitted"
    assert [outcome(door, each, address) for each in (used, expired)] == ["bad_token"] * 2
    assert outcome(door, used, address) == "too_many_attempts"
    is_proxy = address == "127.0.0.1"
    assert outcome(door, signed("ada"), address) == (
        "admitted" if is_proxy else "too_many_attempts"
    )


@pytest.mark.parametrize(
    "address",
    [
        ServerSettings(host="127.0.0.1"),
        ServerSettings(host="127.8.8.8"),
        ServerSettings(host="::1"),
        ServerSettings(host="localhost"),
        ServerSettings(host="192.168.1.5", token="x"),  # noqa: S106  (a sample)
        ServerSettings(host="0.0.0.0", token_secret="x" * 32),  # noqa: S104
        ServerSettings(host="0.0.0.0", token_public_key="public.pem"),  # noqa: S104, S106
        ServerSettings(host="::", tls_certificate="a.pem", tls_key="b.pem"),
        ServerSettings(host="game.example", insecure=True),
    ],
)
def test_a_server_may_listen(address: ServerSettings) -> None:
    check_exposure(address)


@pytest.mark.parametrize("host", ["::", "192.168.1.5", "game.example", "localhost.example", ""])
def test_a_server_that_anyone_can_reach_and_use_needs_permission(host: str) -> None:
    with pytest.raises(ConfigError, match="no token, no key of signed tokens and no") as refused:
        check_exposure(ServerSettings(host=host, debug_token="sees only the page /debug"))  # noqa: S106
    for setting in ("token", "token_secret", "token_public_key", "tls_certificate"):
        assert f"server.{setting}" in refused.value.remedy
    assert "--insecure" in refused.value.remedy
