"""How much faster than real time a microphone's sound may come."""

from __future__ import annotations

import pytest

from frametalk.pipeline.frame_watch import BURST_S, RECOVERED_S, MicSpeed

FRAME_S = 0.02


def taken_s(speed: MicSpeed, times: float, for_s: float, from_s: float = 1_000.0) -> float:
    """Seconds of sound that are taken of what comes at `times` real time."""
    count = round(for_s * times / FRAME_S)
    came = (speed.takes(FRAME_S, from_s + number * FRAME_S / times) for number in range(count))
    return sum(came) * FRAME_S


@pytest.mark.parametrize("times", [1.0, 2.0, 3.9])
def test_sound_below_the_limit_is_taken(times: float) -> None:
    assert taken_s(MicSpeed(4), times, 60) == pytest.approx(60 * times, abs=0.1)


@pytest.mark.parametrize("times", [5.0, 8.0, 50.0])
def test_of_faster_sound_the_limit_and_a_burst_are_taken(times: float) -> None:
    taken = taken_s(MicSpeed(4), times, 60)
    assert taken + RECOVERED_S >= 60 * 4
    assert taken <= 60 * 4 + BURST_S + 1


def test_sound_that_waited_during_a_break_is_taken_at_once() -> None:
    speed = MicSpeed(4)
    assert taken_s(speed, 1e6, BURST_S / 1e6) == pytest.approx(BURST_S)
    assert not speed.takes(FRAME_S, 1_000.0)


def test_after_too_much_sound_a_second_passes_before_more_is_taken() -> None:
    speed = MicSpeed(4)
    taken_s(speed, 1e6, BURST_S / 1e6)
    assert not speed.takes(FRAME_S, 1_000.0)
    assert not speed.takes(FRAME_S, 1_000.1)
    assert not speed.takes(FRAME_S, 1_000.9)
    assert speed.takes(FRAME_S, 1_001.1)
    assert speed.takes(FRAME_S, 1_001.1)


def test_no_limit_takes_all() -> None:
    assert taken_s(MicSpeed(0), 1_000, 10) == pytest.approx(10_000)
