"""How fast a client's messages are taken."""

from __future__ import annotations

import pytest

from frametalk.transports.message_rate import BURST_S, REPEAT_S, MessageRate

START_S = 1_000.0


def seconds_for(rate: MessageRate, count: int, *, is_media: bool = False) -> float:
    """How long it takes to take so many messages that wait already."""
    now_s = START_S
    for _ in range(count):
        now_s += rate.wait_s(is_media=is_media, now_s=now_s)
    return now_s - START_S


def test_messages_that_came_during_a_break_are_taken_at_once() -> None:
    assert seconds_for(MessageRate(100), round(100 * BURST_S)) == 0


def test_more_messages_are_taken_at_the_limit() -> None:
    assert seconds_for(MessageRate(100), round(100 * BURST_S) + 500) == pytest.approx(5)


def test_a_client_at_the_limit_never_waits() -> None:
    rate = MessageRate(100)
    waits = {rate.wait_s(is_media=False, now_s=START_S + number / 99) for number in range(5_000)}
    assert waits == {0}


def test_sound_does_not_wait_for_messages() -> None:
    rate = MessageRate(100)
    assert seconds_for(rate, 2_000) > 0
    assert rate.wait_s(is_media=True, now_s=START_S) == 0
    assert seconds_for(MessageRate(100), 1_500, is_media=True) == pytest.approx(5)


def test_no_limit_never_waits() -> None:
    assert seconds_for(MessageRate(0), 100_000) == 0


def test_a_client_that_waits_gets_the_error_now_and_then() -> None:
    rate = MessageRate(100)
    reports = [rate.report(START_S + second) for second in range(25)]
    at = [second for second, error in enumerate(reports) if error is not None]
    assert at == [0, REPEAT_S, 2 * REPEAT_S]
    first = reports[0]
    assert first is not None
    assert (first.code, first.fatal) == ("too_many_messages", False)
