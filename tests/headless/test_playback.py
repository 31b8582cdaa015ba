"""When each sample of a reply leaves: the arithmetic of its clock."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.headless.playback import PRIME_MS, Playback
from frametalk.headless.volume import DUCK_GAIN, FADE_MS, RAMP_MS

RATE_HZ = 8_000
FRAME = 160  # 20 ms
PRIME = RATE_HZ * PRIME_MS // 1000


def sound(samples: int, value: int = 1_000) -> np.ndarray:
    return np.full(samples, value, np.int16)


def test_it_starts_once_primed_and_plays_in_real_time() -> None:
    playback = Playback(1, RATE_HZ)
    playback.feed(1.0, sound(FRAME))
    assert playback.advance(1.5) == 0
    playback.feed(2.0, sound(FRAME))
    assert (playback.started_s, playback.arrived_s) == (2.0, 1.0)
    assert playback.advance(2.01) == 80
    assert playback.buffered == 2 * FRAME - 80


def test_a_reply_shorter_than_the_prime_starts_at_its_end_message() -> None:
    playback = Playback(1, RATE_HZ)
    playback.feed(1.0, sound(80))
    playback.end(1.2, 80)
    assert playback.advance(1.205) == 40
    assert playback.advance(5.0) == 80
    assert playback.done_s == pytest.approx(1.21)
    assert playback.underruns == 0


def test_an_empty_reply_is_done_at_once() -> None:
    playback = Playback(1, RATE_HZ)
    playback.end(3.0, 0)
    assert playback.done_s == 3.0
    assert playback.audible_s is None


def test_its_clock_stands_while_it_is_dry_and_goes_on_with_the_next_sound() -> None:
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


def test_sound_that_comes_at_the_last_instant_is_not_an_underrun() -> None:
    playback = Playback(1, RATE_HZ)
    playback.feed(0.0, sound(PRIME))
    playback.feed(PRIME / RATE_HZ, sound(FRAME))
    assert playback.underruns == 0
    assert len(playback.stretches) == 0


def test_the_time_of_the_first_audible_sample_is_known_once_it_left() -> None:
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


def playing(frames: int = 100) -> Playback:
    """A complete reply that has played since 0.0."""
    playback = Playback(1, RATE_HZ)
    playback.feed(0.0, sound(frames * FRAME))
    playback.end(0.0, frames * FRAME)
    return playback


def changes(playback: Playback) -> list[tuple[float, str, str]]:
    return [tuple(change) for change in playback.changes]


def test_a_lowered_reply_plays_softer_until_it_is_raised() -> None:
    playback = playing()
    playback.lower(0.1, "local")
    playback.lower(0.2, "server")
    playback.resume(0.3, "server")
    playback.advance(2.0)
    [(at_s, heard)] = playback.sound()
    assert (at_s, len(heard)) == (0.0, 100 * FRAME)
    ramp = RATE_HZ * RAMP_MS // 1000
    assert set(heard[:800]) == set(heard[2_400 + ramp :]) == {1_000}
    assert set(heard[800 + ramp : 2_400]) == {round(1_000 * DUCK_GAIN)}
    assert np.all(np.diff(heard[800 : 800 + ramp]) < 0)
    assert changes(playback) == [(0.1, "lowered", "local"), (0.3, "raised", "server")]


def test_a_paused_reply_fades_out_and_resumes_where_it_stopped() -> None:
    playback = playing()
    playback.pause(0.1)
    assert playback.advance(0.7) == 800
    assert (playback.ends_s, playback.underruns) == (None, 0)
    assert playback.buffered == 100 * FRAME - 800
    playback.resume(0.8)
    assert playback.advance(0.9) == 1_600
    playback.advance(9.0)
    (first_s, first), (second_s, second) = playback.sound()
    fade = RATE_HZ * FADE_MS // 1000
    assert (first_s, second_s) == (0.0, 0.8)
    assert len(first) == 800 + fade
    assert np.all(np.diff(first[800:]) < 0)
    assert len(second) == 100 * FRAME - 800
    assert set(second[RATE_HZ * RAMP_MS // 1000 :]) == {1_000}
    assert playback.done_s == pytest.approx(2.0 + 0.7)
    assert changes(playback) == [(0.1, "paused", "server"), (0.8, "raised", "server")]


def test_sound_that_comes_during_a_pause_waits() -> None:
    playback = Playback(1, RATE_HZ)
    playback.feed(0.0, sound(PRIME))
    playback.advance(0.02)
    playback.pause(0.02)
    playback.feed(0.03, sound(FRAME))
    playback.end(0.04, PRIME + FRAME)
    assert playback.advance(5.0) == 160
    assert playback.underruns == 0
    playback.lower(5.0, "server")
    assert playback.advance(9.0) == PRIME + FRAME
    assert playback.underruns == 0
    assert set(playback.sound()[1][1][100:]) == {round(1_000 * DUCK_GAIN)}


def test_a_pause_that_ends_within_its_fade_does_not_overlap_itself() -> None:
    playback = playing()
    playback.pause(0.1)
    playback.resume(0.105)
    playback.advance(0.2)
    (first_s, first), (second_s, _) = playback.sound()
    assert first_s + len(first) / RATE_HZ == pytest.approx(second_s)


def test_a_cut_while_it_is_paused_or_lowered() -> None:
    paused, lowered = playing(), playing()
    paused.pause(0.1)
    paused.cut(0.5)
    [(_, heard)] = paused.sound()
    assert len(heard) == 800 + RATE_HZ * FADE_MS // 1000
    assert paused.advance(9.0) == 800
    lowered.lower(0.1, "server")
    lowered.cut(0.5)
    [(_, heard)] = lowered.sound()
    assert heard[4_000] == round(1_000 * DUCK_GAIN)
    assert np.all(np.diff(heard[4_000:]) <= 0)
    for playback in (paused, lowered):
        playback.resume(1.0)
        assert playback.changes[-1].at_s == 0.1, "a reply that is done does not change"


def test_the_time_of_the_last_sample_above_duck_level() -> None:
    playback = playing()
    assert Playback(1, RATE_HZ).last_audible_s is None
    playback.lower(0.1, "local")
    playback.pause(0.4)
    playback.cut(0.8)
    assert playback.last_audible_s == pytest.approx(0.1 + RAMP_MS / 1000, abs=1e-3)
    stopped = playing()
    stopped.cut(0.1)
    assert stopped.last_audible_s == pytest.approx(0.1 + FADE_MS / 1000 * 0.75, abs=1e-3)
    to_its_end = playing()
    to_its_end.advance(9.0)
    assert to_its_end.last_audible_s == pytest.approx(2.0 - 1 / RATE_HZ)


feeds = st.tuples(st.just("feed"), st.integers(1, 5 * FRAME))
looks = st.tuples(st.just("look"), st.just(0))
endings = st.sampled_from([("cut", 0), ("end", 0)])
volumes = st.sampled_from([("pause", 0), ("resume", 0), ("lower", 0)])
steps = st.lists(st.tuples(st.integers(0, 100), feeds | looks | endings | volumes), max_size=40)


@given(steps)
def test_the_clock_is_consistent_for_any_sequence_of_events(
    script: list[tuple[int, tuple[str, int]]],
) -> None:
    """`played` never goes back or beyond what came, nothing leaves after a cut or during a pause, and
    all sums agree.
    """
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
        elif what == "pause":
            playback.pause(now_s)
        elif what == "resume":
            playback.resume(now_s)
        elif what == "lower":
            playback.lower(now_s, "local")
        elif what == "end" and stopped is None:
            playback.end(now_s, came)
            stopped = came
        played = playback.advance(now_s)
        if playback.was_cut and cut_at is None:
            stopped = cut_at = played
        assert before <= played <= came
        assert cut_at in {None, played}, "nothing leaves after a cut"
        before = played
        if playback.paused:
            assert playback.advance(now_s) == played
    playback.resume(now_ms / 1000)
    playback.advance(now_ms / 1000 + 1_000)
    heard = sum(end - first for _, first, end in playback.stretches)
    assert heard == playback.played
    assert (playback.done_s is None) == (stopped is None)
    pieces = playback.sound()
    assert all(
        late_s >= early_s + len(pcm) / RATE_HZ - 1 / RATE_HZ
        for (early_s, pcm), (late_s, _) in pairwise(pieces)
    )
    assert all(
        late.at_s >= early.at_s + (early.end - early.first) / RATE_HZ - 1e-9
        for early, late in zip(playback.stretches, playback.stretches[1:], strict=False)
    )


def test_time_of_is_the_inverse_of_the_clock() -> None:
    playback = Playback(1, RATE_HZ)
    playback.feed(0.5, sound(4 * FRAME))
    playback.advance(0.55)
    for sample in range(0, playback.played, 7):
        at_s = playback.time_of(sample)
        assert at_s is not None
        assert at_s == pytest.approx(0.5 + sample / RATE_HZ)
    assert playback.time_of(playback.played) is None
