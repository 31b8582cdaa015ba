"""What comes out of a conversion, and when."""

from __future__ import annotations

import numpy as np
import pytest

from frametalk.core.audio import Samples
from frametalk.transports.webrtc.resampling import Downsampler

FRAME = 960


def in_frames(sound: Samples, to_hz: int) -> list[Samples]:
    converter = Downsampler(48_000, to_hz)
    return [converter.process(sound[at : at + FRAME]) for at in range(0, len(sound), FRAME)]


def tone(hz: float) -> Samples:
    return (10_000 * np.sin(2 * np.pi * hz * np.arange(48_000) / 48_000)).astype(np.int16)


@pytest.mark.parametrize("to_hz", [8_000, 16_000, 24_000])
def test_a_click_stays_at_its_time(to_hz: int) -> None:
    sound = np.zeros(48_000, np.int16)
    sound[24_000] = 30_000
    assert np.argmax(np.concatenate(in_frames(sound, to_hz))) == to_hz // 2


def test_all_but_half_a_millisecond_comes_out_at_once() -> None:
    lengths = [len(frame) for frame in in_frames(tone(440), 16_000)]
    assert lengths[0] >= 320 - 8
    assert set(lengths[1:]) == {320}


@pytest.mark.parametrize(("hz", "passes"), [(300, True), (6_000, True), (9_500, False)])
def test_the_upper_band_is_not_folded_into_speech(hz: float, passes: bool) -> None:
    level = float(np.concatenate(in_frames(tone(hz), 16_000)).astype(float).std())
    assert level > 6_000 if passes else level < 100


def test_the_same_rate_is_passed_on() -> None:
    sound = tone(440)
    assert np.array_equal(np.concatenate(in_frames(sound, 48_000)), sound)


def test_a_rate_that_does_not_divide_is_served_too() -> None:
    assert abs(len(np.concatenate(in_frames(tone(440), 44_100))) - 44_100) < 2_000
