from __future__ import annotations

from frametalk import admission
from frametalk.admission import WINDOW_S, Attempts, WaitingRoom


def test_the_socket_that_waited_longest_leaves_a_full_waiting_room() -> None:
    left: list[int] = []
    room = WaitingRoom(3)
    for number in range(5):
        room.enter(number, lambda number=number: left.append(number))
    assert left == [0, 1]
    assert len(room) == 3


def test_who_has_a_session_does_not_leave() -> None:
    left: list[int] = []
    room = WaitingRoom(2)
    for number in range(4):
        room.enter(number, lambda number=number: left.append(number))
        room.remove(number)
        room.remove(number)
    assert left == []


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
