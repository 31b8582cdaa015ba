"""Playback by arithmetic: it runs while it has sound, and says when it had none."""

from __future__ import annotations

import numpy as np

from frametalk.bench.load.playback import Playback

RATE_HZ = 10_000  # 10 samples in a millisecond
TONE = np.full(200, 8_000, "<i2").tobytes()  # 20 ms
SILENCE = bytes(400)


def ms(count: int) -> int:
    return count * 1_000


def test_it_plays_from_its_first_frame_on() -> None:
    playback = Playback(1, 1, RATE_HZ)
    assert playback.played(ms(5)) == 0
    playback.frame(TONE, ms(10))
    assert playback.played(ms(15)) == 50
    assert playback.played(ms(99)) == 200  # all that has come


def test_it_is_over_when_all_of_it_was_played() -> None:
    playback = Playback(1, 1, RATE_HZ)
    playback.frame(TONE, 0)
    assert not playback.is_over(ms(50))  # its length is not known
    playback.length = 200
    assert not playback.is_over(ms(19))
    assert playback.is_over(ms(20))


def test_a_frame_that_comes_after_the_last_sample_was_played_is_late() -> None:
    playback = Playback(1, 1, RATE_HZ)
    playback.frame(TONE, 0)
    playback.frame(TONE, ms(19))
    assert playback.underruns == 0
    playback.frame(TONE, ms(41))
    assert playback.underruns == 1
    assert playback.played(ms(42)) == 410  # it went on when the frame came


def test_the_empty_last_frame_is_never_late() -> None:
    playback = Playback(1, 1, RATE_HZ)
    playback.frame(TONE, 0)
    playback.frame(b"", ms(70))
    assert playback.underruns == 0


def test_the_first_audible_sample_is_dated_when_it_is_played() -> None:
    playback = Playback(1, 1, RATE_HZ)
    playback.frame(SILENCE, ms(100))
    playback.frame(TONE, ms(101))
    assert playback.audible_us == ms(120)


def test_a_pause_stops_it_and_a_cut_ends_it() -> None:
    playback = Playback(1, 1, RATE_HZ)
    playback.frame(TONE * 2, 0)
    playback.hold(True, ms(10))
    assert playback.played(ms(30)) == 100
    playback.hold(False, ms(30))
    assert playback.played(ms(35)) == 150
    playback.stop(ms(36))
    assert playback.is_over(ms(36))
    assert playback.played(ms(60)) == 160
