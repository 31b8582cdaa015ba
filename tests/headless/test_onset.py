"""The client's onset detector: where a voice begins, and which sounds are not a voice."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from frametalk.core.audio import RECOGNITION_RATE_HZ
from frametalk.headless.onset import OnsetDetector

RATE_HZ = RECOGNITION_RATE_HZ
FRAME = 320


def noise(ms: float, level_db: float, seed: int = 1) -> np.ndarray:
    """White noise of this level, in dB of full scale."""
    dice = np.random.default_rng(seed)
    return 32_768 * 10 ** (level_db / 20) * dice.standard_normal(round(ms * RATE_HZ / 1000))


def voice(ms: float, level_db: float, seed: int = 1) -> np.ndarray:
    """Noise in syllables, four per second, loud from the first sample on."""
    sound = noise(ms, level_db, seed)
    return sound * (0.1 + 0.9 * np.cos(2 * np.pi * 2 * np.arange(len(sound)) / RATE_HZ) ** 2)


def silence(ms: float) -> np.ndarray:
    return np.zeros(round(ms * RATE_HZ / 1000))


def onsets(
    detector: OnsetDetector, sound: np.ndarray, played: np.ndarray | None = None
) -> Iterator[tuple[int, int]]:
    """Where a voice began, and the end of the frame in which it was detected."""
    for at in range(0, len(sound) - FRAME + 1, FRAME):
        frame = np.clip(sound[at : at + FRAME], -32_768, 32_767).astype(np.int16)
        left = None if played is None else played[at : at + FRAME]
        onset = detector.feed(at, frame, left)
        if onset is not None:
            yield onset, at + FRAME


def delayed(sound: np.ndarray, ms: float, level_db: float) -> np.ndarray:
    """The sound as it comes back from a loudspeaker."""
    late = np.concatenate((silence(ms), sound))[: len(sound)]
    return late * 10 ** (level_db / 20)


@pytest.mark.parametrize("begins_ms", [200, 203, 207, 211, 216, 219.9])
def test_a_voice_is_detected_within_40_ms_of_its_onset(begins_ms: float) -> None:
    sound = np.concatenate((silence(begins_ms), voice(400, -25), silence(100)))
    [(onset, known)] = onsets(OnsetDetector(), sound)
    begins = begins_ms * 16
    assert onset - begins == pytest.approx(0, abs=80)
    assert known - begins <= 40 * 16


def test_one_click_is_not_a_voice() -> None:
    sound = np.concatenate((silence(200), noise(4, -10), silence(200)))
    assert list(onsets(OnsetDetector(), sound)) == []


def test_silence_and_soft_noise_are_not_a_voice() -> None:
    assert list(onsets(OnsetDetector(), silence(500))) == []
    assert list(onsets(OnsetDetector(), noise(5_000, -58))) == []


def test_a_loud_room_is_learned_and_a_voice_in_it_is_detected() -> None:
    detector = OnsetDetector()
    room = noise(10_000, -40)
    heard = list(onsets(detector, room))
    assert len(heard) <= 1, "only at its beginning"
    assert detector.noise_db == pytest.approx(-40, abs=3)
    room = noise(1_000, -40, seed=2)
    room[8_000:] += voice(500, -22)
    [(onset, known)] = onsets(detector, room)
    assert onset == 8_000
    assert known - 8_000 <= 40 * 16


def test_a_sentence_is_one_onset_and_a_new_sentence_is_another() -> None:
    sentence = np.concatenate((voice(600, -20), silence(600)))
    assert len(list(onsets(OnsetDetector(), np.tile(sentence, 3)))) == 3


@pytest.mark.parametrize("delay_ms", [0, 60, 200])
@pytest.mark.parametrize("level_db", [-30, -15, -8])
def test_the_echo_of_a_reply_is_not_a_voice(delay_ms: float, level_db: float) -> None:
    reply = np.concatenate((silence(300), voice(4_000, -18), silence(300), voice(2_000, -18, 3)))
    assert list(onsets(OnsetDetector(), delayed(reply, delay_ms, level_db), reply)) == []


def test_without_a_loudspeaker_the_same_sound_is_a_voice() -> None:
    reply = np.concatenate((silence(300), voice(2_000, -18)))
    assert list(onsets(OnsetDetector(), delayed(reply, 60, -10))) != []


def test_a_voice_softer_than_the_reply_is_detected_over_its_learned_echo() -> None:
    reply = np.concatenate((silence(300), voice(6_000, -18)))
    mic = delayed(reply, 80, -26)
    begins = 3_000 * 16
    mic[begins : begins + 8_000] += voice(500, -25, seed=7)
    [(onset, known)] = onsets(OnsetDetector(), mic, reply)
    assert onset == pytest.approx(begins, abs=80)
    assert known - begins <= 40 * 16


def test_after_a_false_alarm_the_same_echo_is_not_a_voice() -> None:
    detector = OnsetDetector()
    reply = np.concatenate((silence(300), voice(1_000, -24)))
    loud = delayed(reply, 60, 3)
    assert len(list(onsets(detector, loud, reply))) == 1
    detector.false_alarm()
    assert detector.coupling_db == pytest.approx(3, abs=1.5)
    assert list(onsets(detector, loud, reply)) == []


def test_the_echo_is_not_learned_while_a_voice_is_confirmed() -> None:
    detector = OnsetDetector()
    reply = np.concatenate((silence(300), voice(2_000, -18)))
    list(onsets(detector, delayed(reply, 60, -26), reply))
    detector.confirmed = True
    before_db = detector.coupling_db
    list(onsets(detector, reply * 0.9, reply))
    assert detector.coupling_db == before_db
