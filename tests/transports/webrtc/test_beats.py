"""Signs of life, and their absence."""

from __future__ import annotations

import asyncio

import pytest

from frametalk.transports.webrtc.beats import Liveness, Pulse
from frametalk.transports.webrtc.names import BEAT_S, CALM_S, SILENT_S


class Hand:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def passes(clock: Hand, life: Liveness, seconds: float) -> None:
    """Time passes, in which this side looks at the other every 50 ms."""
    until_s = clock.now_s + seconds
    while clock.now_s < until_s:
        clock.now_s = min(until_s, clock.now_s + 0.05)
        _looked = life.is_alive


def test_it_is_alive_from_the_first_sign_until_none_came_for_a_quarter_of_a_second() -> None:
    clock = Hand()
    life = Liveness(clock)
    assert not life.is_alive
    life.touch()
    assert life.is_calm
    passes(clock, life, SILENT_S - 0.001)
    assert life.is_alive
    passes(clock, life, 0.002)
    assert not life.is_alive


def test_after_a_silence_it_must_be_calm_for_a_while() -> None:
    clock = Hand()
    life = Liveness(clock)
    life.touch()
    passes(clock, life, 2 * SILENT_S)
    for beat in range(int(CALM_S / BEAT_S) + 1):
        assert not (life.is_calm and beat)
        life.touch()
        assert life.is_alive
        passes(clock, life, BEAT_S)
    assert life.is_calm


def test_where_signs_come_irregularly_it_waits_longer() -> None:
    clock = Hand()
    life = Liveness(clock)
    for _ in range(5):
        life.touch()
        passes(clock, life, 0.24)
    life.touch()
    passes(clock, life, 0.33)
    assert life.is_alive
    passes(clock, life, 0.02)
    assert not life.is_alive
    for _ in range(30):
        life.touch()
        passes(clock, life, BEAT_S)
    life.touch()
    passes(clock, life, SILENT_S + 0.01)
    assert not life.is_alive


def test_time_in_which_this_side_did_not_run_does_not_count() -> None:
    clock = Hand()
    life = Liveness(clock)
    life.touch()
    clock.now_s += 5
    assert life.is_alive
    passes(clock, life, SILENT_S)
    assert not life.is_alive


def test_an_end_is_noticed_at_once() -> None:
    life = Liveness(Hand())
    life.touch()
    life.end()
    assert not life.is_alive


@pytest.mark.looptime
async def test_a_pulse_beats_ten_times_a_second_until_it_is_stopped() -> None:
    beats: list[float] = []
    loop = asyncio.get_running_loop()
    pulse = Pulse(lambda: beats.append(loop.time()))
    await asyncio.sleep(1.05)
    pulse.stop()
    await asyncio.sleep(1)
    assert len(beats) == 10
