"""Where sounds begin, from the library's events and the sound itself."""

from __future__ import annotations

import numpy as np

from frametalk.adapters.tts.espeak.closures import sounds

RATE_HZ = 1_000  # a sample is a millisecond
# A vowel to 100, silence to 140, a burst to 180, a vowel to 300, a murmur to 360, a vowel, a pause.
SOUND = np.concatenate(
    [
        np.tile([level, -level], length // 2).astype(np.int16)
        for level, length in
        ((8_000, 100), (0, 40), (3_500, 40), (8_000, 120), (1_500, 60), (8_000, 140), (0, 60))
    ]
)  # fmt: skip


def placed(phonemes: list[tuple[str, int]], speed: float = 1.0) -> list[tuple[int, str]]:
    return sounds(phonemes, SOUND, RATE_HZ, speed)


def close_to(found: int, expected: int) -> bool:
    return abs(found - expected) <= 3  # the window


def test_a_stop_with_its_event_at_the_burst_is_the_silence_before() -> None:
    vowel, stop, after, _ = placed([("ˈa", 0), ("p", 140), ("ə", 185), ("", 500)])
    assert vowel == (0, "ˈa")
    assert close_to(stop[0], 100)
    assert close_to(after[0], 140)  # the burst belongs to the next sound


def test_a_voiced_stop_is_the_murmur_after_its_event() -> None:
    _, _, stop, after, _ = placed([("ˈa", 0), ("ə", 185), ("b", 302), ("a", 390), ("", 500)])
    assert close_to(stop[0], 300)
    assert close_to(after[0], 360)


def test_the_lips_open_at_a_quiet_burst() -> None:
    sound = np.where(SOUND == 3_500, 900, np.where(SOUND == -3_500, -900, SOUND)).astype(np.int16)
    found = sounds([("ˈa", 0), ("p", 140), ("", 180), ("a", 181)], sound, RATE_HZ, 1.0)
    assert found[2] == (155, "")


def test_a_stop_without_quiet_beside_its_event_keeps_its_event() -> None:
    assert placed([("a", 0), ("b", 240), ("a", 270)])[1:] == [(240, "b"), (270, "a")]


def test_an_affricate_begins_with_its_closure_and_lasts_to_the_next_event() -> None:
    _, stop, after = placed([("a", 0), ("tʃ", 140), ("a", 180)])
    assert close_to(stop[0], 100)
    assert after == (180, "a")


def test_a_vowel_after_a_sonorant_begins_before_its_event() -> None:
    assert placed([("m", 182), ("a", 240)])[1] == (218, "a")
    assert placed([("m", 182), ("a", 240)], speed=2.0)[1] == (229, "a")
    assert placed([("s", 182), ("a", 240)])[1] == (240, "a")
    assert placed([("m", 182), ("a", 190)])[1] == (183, "a")


def test_a_sound_without_time_is_the_end_of_the_vowel_before() -> None:
    assert placed([("ˈɛ", 182), ("l", 300), ("f", 300)]) == [(182, "ˈɛ"), (241, "l"), (300, "f")]
    assert placed([("ˈɛ", 0), ("l", 300), ("f", 300)])[1] == (240, "l")


def test_without_sound_or_phonemes_nothing_fails() -> None:
    assert placed([]) == []
    assert sounds([("p", 0), ("a", 5)], np.zeros(0, np.int16), RATE_HZ, 1.0) == [(0, "p"), (5, "a")]
