"""How fast a client's messages are taken."""

from __future__ import annotations

import pytest

from frametalk.transports.message_rate import BURST_S, REPEAT_S, MessageRate, Rates

START_S = 1_000.0


def seconds_for(rate: MessageRate, count: int, size_bytes: int = 0, **kind: bool) -> float:
    """How long it takes to take so many messages that wait already."""
    now_s = START_S
    for _ in range(count):
        now_s += rate.wait_s(size_bytes, now_s, **kind)
    return now_s - START_S


def messages(limit: int) -> MessageRate:
    return MessageRate(Rates(messages=limit))


def test_messages_that_came_during_a_break_are_taken_at_once() -> None:
    assert seconds_for(messages(100), round(100 * BURST_S)) == 0


def test_more_messages_are_taken_at_the_limit() -> None:
    assert seconds_for(messages(100), round(100 * BURST_S) + 500) == pytest.approx(5)


def test_a_client_at_the_limit_never_waits() -> None:
    rate = messages(100)
    waits = {rate.wait_s(0, START_S + number / 99) for number in range(5_000)}
    assert waits == {0}


def test_sound_does_not_wait_for_messages() -> None:
    rate = messages(100)
    assert seconds_for(rate, 2_000) > 0
    assert rate.wait_s(0, START_S, is_media=True) == 0
    assert seconds_for(messages(100), 1_500, is_media=True) == pytest.approx(5)


def test_large_messages_are_taken_at_the_limit_of_bytes() -> None:
    rate = MessageRate(Rates(kilobytes=100))
    in_the_burst = round(100 * BURST_S)
    assert seconds_for(rate, in_the_burst, 1_000) == 0
    assert seconds_for(rate, 500, 1_000) == pytest.approx(5)
    assert rate.wait_s(1_000, START_S, is_media=True) == 0


def test_large_frames_of_sound_are_taken_at_the_limit_of_bytes() -> None:
    rate = MessageRate(Rates(kilobytes=100))
    assert seconds_for(rate, round(100 * BURST_S) + 500, 1_000, is_media=True) == pytest.approx(5)


def test_changes_of_the_scene_have_a_limit_of_their_own() -> None:
    rate = MessageRate(Rates(messages=1_000, scene_changes=10))
    assert seconds_for(rate, round(10 * BURST_S) + 50, is_scene=True) == pytest.approx(5)
    assert rate.wait_s(0, START_S + 5) == 0


def test_no_limit_never_waits() -> None:
    rate = MessageRate(Rates())
    assert seconds_for(rate, 100_000, 60_000) == 0
    assert seconds_for(rate, 100_000, 60_000, is_scene=True) == 0
    assert seconds_for(rate, 100_000, 60_000, is_media=True) == 0


def test_a_client_that_waits_gets_the_error_now_and_then() -> None:
    rate = messages(100)
    seconds_for(rate, 2_000)
    reports = [rate.report(START_S + second) for second in range(25)]
    at = [second for second, error in enumerate(reports) if error is not None]
    assert at == [0, REPEAT_S, 2 * REPEAT_S]
    first = reports[0]
    assert first is not None
    assert (first.code, first.fatal) == ("too_many_messages", False)


@pytest.mark.parametrize(
    ("rates", "code", "text"),
    [
        (Rates(messages=9, kilobytes=1_000, scene_changes=99), "too_many_messages", "9 messages"),
        (Rates(messages=500, kilobytes=9, scene_changes=99), "too_many_bytes", "9 kB of messages"),
        (Rates(messages=500, kilobytes=1_000, scene_changes=9), "too_many_messages", "9 changes"),
    ],
)
def test_the_error_names_the_limit_that_is_exceeded(rates: Rates, code: str, text: str) -> None:
    rate = MessageRate(rates)
    seconds_for(rate, 900, 500, is_scene=True)
    error = rate.report(START_S)
    assert error is not None
    assert error.code == code
    assert text in error.text


def test_a_frame_that_has_to_wait_is_not_counted() -> None:
    rate = MessageRate(Rates(messages=100))
    while rate.takes_media(656, START_S):
        pass
    assert not rate.takes_media(656, START_S)
    assert rate.wait_s(656, START_S, is_media=True) == pytest.approx(1 / 100)
    assert rate.takes_media(656, START_S + 3 / 100)
    assert MessageRate(Rates()).takes_media(656, START_S)


def test_a_frame_that_is_too_large_for_the_rate_waits() -> None:
    rate = MessageRate(Rates(messages=100, kilobytes=10))
    assert not rate.takes_media(round(10_000 * BURST_S) + 1, START_S)
    assert rate.takes_media(round(10_000 * BURST_S), START_S)
