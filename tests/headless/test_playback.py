"""When which sample of a reply leaves: the arithmetic of the playout clock."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.headless.playback import FADE_MS, PRIME_MS, Playback

RATE_HZ = 8_000
FRAME = 160  # 20 ms
PRIME = RATE_HZ * PRIME_MS // 1000


def sound(samples: int, value: int = 1_000) -> np.ndarray:
    return np.full(samples, value, np.int16)


def test_it_starts_when_enough_is_there_and_plays_in_real_time() -> None:
    playback = Playback(1, RATE_HZ)
    playback.feed(1.0, sound(FRAME))
    assert playback.advance(1.5) == 0
    playback.feed(2.0, sound(FRAME))
    assert (playback.started_s, playback.arrived_s) == (2.0, 1.0)
    assert playback.advance(2.01) == 80
    assert playback.buffered == 2 * FRAME - 80


def test_a_short_reply_starts_at_its_end_message() -> None:
    playback = Playback(1, RATE_HZ)
    playback.feed(1.0, sound(80))
    playback.end(1.2, 80)
    assert playback.advance(1.205) == 40
    assert playback.advance(5.0) == 80
    assert playback.done_s == pytest.approx(1.21)
    assert playback.underruns == 0


def test_an_empty_reply_is_over_at_once() -> None:
    playback = Playback(1, RATE_HZ)
    playback.end(3.0, 0)
    assert playback.done_s == 3.0
    assert playback.audible_s is None


def test_when_it_runs_dry_its_clock_stands_and_it_goes_on_with_the_next_sound() -> None:
    playback = Playback(1, RATE_HZ)
    playback.feed(0.0, sound(PRIME))
    assert playback.advance(1.0) == PRIME
    assert playback.underruns == 1
    playback.feed(1.0, sound(FRAME))
    playback.end(1.0, PRIME + FRAME)
    assert playback.advance(1.01) == PRIME + 80
    assert playback.advance(9.0) == PRIME + FRAME
    assert playback.underruns == 1
    assert playback.time_of(PRIME - 1) == pytest.approx((PRIME - 1) / RATE_HZ)
    assert playback.time_of(PRIME) == pytest.approx(1.0)


def test_sound_that_comes_at_the_very_last_moment_is_no_underrun() -> None:
    playback = Playback(1, RATE_HZ)
    playback.feed(0.0, sound(PRIME))
    playback.feed(PRIME / RATE_HZ, sound(FRAME))
    assert playback.underruns == 0
    assert len(playback.stretches) == 0


def test_the_first_audible_sample_has_its_time() -> None:
    playback = Playback(1, RATE_HZ)
    playback.feed(0.0, np.concatenate((sound(PRIME, 0), sound(FRAME))))
    playback.advance(PRIME / RATE_HZ - 0.001)
    assert playback.audible_s is None
    playback.advance(1.0)
    assert playback.audible_s == pytest.approx(PRIME / RATE_HZ)


def test_a_cut_keeps_what_was_heard_and_fades_out() -> None:
    playback = Playback(1, RATE_HZ)
    playback.feed(0.0, sound(10 * FRAME))
    playback.cut(0.1)
    playback.feed(0.2, sound(FRAME))
    [(at_s, heard)] = playback.sound()
    fade = RATE_HZ * FADE_MS // 1000
    assert at_s == 0.0
    assert len(heard) == 800 + fade
    assert list(heard[:800]) == [1_000] * 800
    assert np.all(np.diff(heard[800:]) < 0)
    assert playback.advance(9.0) == 800
    assert playback.buffered == 0


feeds = st.tuples(st.just("feed"), st.integers(1, 5 * FRAME))
looks = st.tuples(st.just("look"), st.just(0))
endings = st.sampled_from([("cut", 0), ("end", 0)])
steps = st.lists(st.tuples(st.integers(0, 100), feeds | looks | endings), max_size=40)


@given(steps)
def test_the_ledger_holds_whatever_comes_when(script: list[tuple[int, tuple[str, int]]]) -> None:
    """`played` never goes back or beyond what came; nothing leaves after a cut; all sums agree."""
    playback = Playback(1, RATE_HZ)
    now_ms, came, before, stopped, cut_at = 0, 0, 0, None, None
    for wait_ms, (what, size) in script:
        now_ms += wait_ms
        now_s = now_ms / 1000
        if what == "feed" and stopped is None:
            came += size
        if what == "feed":
            playback.feed(now_s, sound(size))
        elif what == "cut":
            playback.cut(now_s)
        elif what == "end" and stopped is None:
            playback.end(now_s, came)
            stopped = came
        played = playback.advance(now_s)
        if playback.was_cut and cut_at is None:
            stopped = cut_at = played
        assert before <= played <= came
        assert cut_at in {None, played}, "nothing leaves after a cut"
        before = played
    playback.advance(now_ms / 1000 + 1_000)
    heard = sum(end - first for _, first, end in playback.stretches)
    assert heard == playback.played
    assert (playback.done_s is None) == (stopped is None)
    assert all(
        late.at_s >= early.at_s + (early.end - early.first) / RATE_HZ - 1e-9
        for early, late in zip(playback.stretches, playback.stretches[1:], strict=False)
    )


def test_time_of_is_the_inverse_of_the_playout_clock() -> None:
    playback = Playback(1, RATE_HZ)
    playback.feed(0.5, sound(4 * FRAME))
    playback.advance(0.55)
    for sample in range(0, playback.played, 7):
        at_s = playback.time_of(sample)
        assert at_s is not None
        assert at_s == pytest.approx(0.5 + sample / RATE_HZ)
    assert playback.time_of(playback.played) is None
