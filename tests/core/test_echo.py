"""The echo of a reply, the player's voice, and both together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frametalk.core.audio import RECOGNITION_RATE_HZ as RATE_HZ
from frametalk.core.audio import Samples
from frametalk.core.echo import EchoTest

WINDOW = 512
AT = 8_000  # where the reply begins on the microphone's clock


def voice(seconds: float, seed: int) -> Samples:
    """Voiced syllables of changing pitch, with noise between them, like speech."""
    dice = np.random.default_rng(seed)
    count = round(seconds * RATE_HZ)
    knots = np.arange(0, count + 2_000, 2_000)
    pitch_hz = np.interp(np.arange(count), knots, dice.uniform(90, 260, len(knots)))
    phase = 2 * np.pi * np.cumsum(pitch_hz) / RATE_HZ
    voiced = sum(np.sin(n * phase + dice.uniform(0, 6)) / n for n in range(1, 20))
    loud = np.interp(np.arange(count), knots, dice.random(len(knots)) ** 2)
    noise = dice.standard_normal(count) * np.interp(
        np.arange(count), knots, dice.random(len(knots))
    )
    sound = voiced * loud + 0.3 * noise * (1 - loud)
    return (sound / np.max(np.abs(sound)) * 10_000).astype(np.int16)


def leak(reply: Samples, delay_ms: float, level_db: float, room: bool = False) -> Samples:
    """The echo, at the microphone, of a reply that begins at AT."""
    response = np.ones(1)
    if room:
        tail = np.random.default_rng(5).standard_normal(1_600) * 10 ** (
            -3 * np.arange(1_600) / 2_000
        )
        response = np.concatenate(([1.0], 0.08 * tail))
    heard = np.convolve(reply, response) * 10 ** (level_db / 20)
    return np.concatenate((np.zeros(AT + round(delay_ms * 16)), heard)).astype(np.int16)


def shares(test: EchoTest, mic: Samples) -> list[float]:
    """The explained share of each window louder than -50 dB, without the first of them."""
    found = []
    for at in range(0, len(mic) - WINDOW + 1, WINDOW):
        window = mic[at : at + WINDOW]
        test.hear(at, window)
        if np.sqrt(np.mean(np.square(window.astype(float)))) > 104:
            found.append(test.explained())
    return found[1:]


@pytest.mark.parametrize("level_db", [-6, -12, -20])
@pytest.mark.parametrize("delay_ms", [40, 130, 300])
@pytest.mark.parametrize("room", [False, True])
def test_an_echo_is_explained_at_any_delay_and_level(
    delay_ms: float, level_db: float, room: bool
) -> None:
    test, reply = EchoTest(), voice(2.0, 1)
    test.play(AT, reply)
    found = shares(test, leak(reply, delay_ms, level_db, room))
    assert np.mean(np.array(found) >= 0.5) >= 0.97


def test_the_echo_of_a_ducked_reply_stays_explained() -> None:
    test, reply = EchoTest(), voice(2.0, 1)
    test.play(AT, reply)
    gain = np.where(np.arange(len(reply)) < len(reply) // 2, 1.0, 0.25)
    found = shares(test, leak((reply * gain).astype(np.int16), 80, -6))
    assert np.mean(np.array(found) >= 0.5) >= 0.95


def test_the_players_own_voice_is_not_explained() -> None:
    test = EchoTest()
    test.play(AT, voice(3.0, 1))
    mic = np.concatenate((np.zeros(AT, np.int16), voice(3.0, 2)))
    assert np.mean(np.array(shares(test, mic)) < 0.5) >= 0.97


def test_a_voice_over_the_echo_is_noticed_within_128_ms() -> None:
    noticed = []
    for seed in range(8):
        test, reply, player = EchoTest(), voice(2.0, seed), voice(1.0, 50 + seed)
        test.play(AT, reply)
        mic = leak(reply, 80, -12).astype(np.float64)
        mic[24_000 : 24_000 + len(player)] += 1.5 * player[: len(mic) - 24_000]
        mixed = np.clip(mic, -32_768, 32_767).astype(np.int16)
        shares_after = []
        for at in range(0, 24_000 + 4 * WINDOW, WINDOW):
            test.hear(at, mixed[at : at + WINDOW])
            if at >= 24_000:
                shares_after.append(test.explained())
        noticed.append(min(shares_after) < 0.5)
    assert sum(noticed) >= 7


def test_without_a_reply_nothing_is_explained() -> None:
    test, sound = EchoTest(), voice(1.0, 1)
    assert not test.sounding
    assert max(shares(test, sound)) == 0
    test.play(0, sound)
    test.stop(0)
    test.hear(10 * RATE_HZ, sound[:WINDOW])
    assert not test.sounding
    assert test.explained() == 0


POSITIONS = st.integers(-(2**40), 2**40)
SOUND = st.integers(0, 40_000).map(lambda length: voice(1.0, 1)[:length])
STEPS = st.one_of(
    st.tuples(st.just("play"), POSITIONS, SOUND),
    st.tuples(st.just("play"), st.integers(0, 50_000), SOUND),
    st.tuples(st.just("stop"), st.integers(-100, 60_000), SOUND),
    st.tuples(st.just("hear"), st.integers(0, 60_000), SOUND.map(lambda sound: sound[:WINDOW])),
    st.tuples(st.just("hear"), POSITIONS, SOUND.map(lambda sound: sound[:WINDOW])),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, max_size=12))
def test_any_order_of_positions_gives_a_share(steps: list[tuple[str, int, Samples]]) -> None:
    test = EchoTest()
    for name, at, sound in steps:
        if name == "stop":
            test.stop(at)
        else:
            getattr(test, name)(at, sound)
        assert 0 <= test.explained() <= 1
        assert len(test._reply) <= 6 * RATE_HZ
