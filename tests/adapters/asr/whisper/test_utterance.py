"""The window of sound: what is cut off, what becomes history, what becomes the prefix."""

from __future__ import annotations

import numpy as np

from frametalk.adapters.asr.whisper.utterance import (
    HISTORY_TOKENS,
    MAX_SAMPLES,
    MIN_LEFT_SAMPLES,
    WINDOW_SAMPLES,
    Utterance,
    pause_between,
)
from frametalk.core.agreement import TimedWord, written
from frametalk.core.audio import RECOGNITION_RATE_HZ as RATE_HZ

VOICE = (4_000 * np.sin(2 * np.pi * 150 * np.arange(RATE_HZ * 60) / RATE_HZ)).astype(np.int16)


def word(text: str, begin_s: float, end_s: float, token: int) -> TimedWord:
    return TimedWord(f" {text}", int(begin_s * RATE_HZ), int(end_s * RATE_HZ), 1.0, (token,))


def sound(seconds: float, *pauses: tuple[float, float]) -> np.ndarray:
    """A voice with pauses from one second to another."""
    samples = VOICE[: int(seconds * RATE_HZ)].copy()
    for begin_s, end_s in pauses:
        samples[int(begin_s * RATE_HZ) : int(end_s * RATE_HZ)] = 0
    return samples


def read_twice(utterance: Utterance, words: list[TimedWord]) -> None:
    """Two readings that agree; the last word stays open."""
    utterance.take(words, utterance.fed - 1)
    utterance.take(words, utterance.fed)


def test_the_stable_words_of_a_short_utterance_are_the_prefix() -> None:
    utterance = Utterance(("red door",), "en")
    utterance.feed(sound(2).tobytes())
    read_twice(
        utterance, [word("open", 0.2, 0.6, 7), word("the", 0.6, 0.8, 8), word("door", 0.8, 1.3, 9)]
    )
    request = utterance.request(full=False)
    assert len(request.samples) == 2 * RATE_HZ
    assert (request.history, request.prefix) == ((), (7, 8))
    assert (request.names, request.language, request.full) == (("red door",), "en", False)
    assert utterance.text == "open the door"


def test_a_longer_utterance_is_cut_at_the_last_pause_between_stable_words() -> None:
    utterance = Utterance((), "en")
    utterance.feed(sound(6, (1.0, 1.2), (3.0, 3.2)).tobytes())
    words = [
        word("one", 0.2, 1.0, 1), word("two", 1.2, 2.0, 2), word("three", 2.0, 3.0, 3),
        word("four", 3.2, 4.0, 4), word("five", 4.0, 4.6, 5), word("six", 4.6, 5.2, 6),
    ]  # fmt: skip
    read_twice(utterance, words)
    request = utterance.request(full=False)
    assert (request.history, request.prefix) == ((1, 2, 3), (4, 5))
    cut = 6 * RATE_HZ - len(request.samples)
    assert 3.0 * RATE_HZ <= cut <= 3.2 * RATE_HZ
    assert np.array_equal(request.samples, sound(6, (1.0, 1.2), (3.0, 3.2))[cut:])
    # Words of the next reading are placed after the stable ones.
    placed = utterance.place([TimedWord(" seven", 100, 100), TimedWord(" eight", 40_000, 43_000)])
    begins = int(4.0 * RATE_HZ)  # where the last stable word begins
    assert [(word.at, word.end) for word in placed] == [
        (begins, begins + 1),
        (cut + 40_000, cut + 43_000),
    ]


def test_a_window_without_a_pause_is_not_cut_before_its_bound() -> None:
    utterance = Utterance((), "en")
    utterance.feed(sound(10).tobytes())
    read_twice(utterance, [word(str(n), n, n + 1, n) for n in range(10)])
    assert len(utterance.request(full=False).samples) == 10 * RATE_HZ


def test_the_end_of_the_window_is_never_cut_off() -> None:
    utterance = Utterance((), "en")
    utterance.feed(sound(5, (4.0, 4.3)).tobytes())
    read_twice(
        utterance, [word("one", 0.5, 4.0, 1), word("two", 4.3, 4.6, 2), word("three", 4.6, 5.0, 3)]
    )
    samples = utterance.request(full=False).samples
    assert len(samples) >= MIN_LEFT_SAMPLES
    assert len(samples) == 5 * RATE_HZ


def test_a_window_at_its_bound_is_cut_after_a_word_without_agreement() -> None:
    utterance = Utterance((), "en")
    utterance.feed(sound(30).tobytes())
    utterance.take([word(str(n), n, n + 1, n) for n in range(29)], utterance.fed)
    request = utterance.request(full=False)
    assert len(request.samples) == 4 * RATE_HZ
    assert written(utterance.words.stable) == " ".join(str(n) for n in range(26))
    assert request.history == tuple(range(26))
    assert request.prefix == ()


def test_noise_without_words_is_bounded() -> None:
    utterance = Utterance((), "en")
    for _second in range(100):
        utterance.feed(sound(1).tobytes())
        assert len(utterance.request(full=False).samples) <= MAX_SAMPLES
        utterance.take((), utterance.fed)
    assert utterance.fed == 100 * RATE_HZ


def test_history_is_bounded() -> None:
    utterance = Utterance((), "en")
    for second in range(200):
        utterance.feed(sound(1, (0.9, 1.0)).tobytes())
        last = utterance.words.stable[-1].end if utterance.words.stable else 0
        utterance.take(
            [TimedWord(f" {second}", last, utterance.fed, 1.0, (second,))] * 2, utterance.fed
        )
        request = utterance.request(full=False)
        assert len(request.history) <= HISTORY_TOKENS
        assert len(request.samples) <= MAX_SAMPLES


def test_two_readings_of_the_same_sound_make_nothing_stable() -> None:
    utterance = Utterance((), "en")
    utterance.feed(sound(2).tobytes())
    words = [word("open", 0, 1, 1), word("it", 1, 2, 2)]
    utterance.take(words, utterance.fed)
    utterance.take(words, utterance.fed)
    assert utterance.words.stable == []
    assert utterance.text == "open it"


def test_a_pause_is_found_near_the_border_of_two_words() -> None:
    samples = sound(4, (1.6, 1.75))
    one, other = word("one", 0.8, 1.5, 1), word("two", 1.5, 2.4, 2)
    cut = pause_between(samples, one, other, 0)
    assert cut is not None
    assert 1.6 * RATE_HZ <= cut <= 1.75 * RATE_HZ
    assert pause_between(sound(4), one, other, 0) is None
    assert pause_between(samples[:100], one, other, 0) is None
    assert WINDOW_SAMPLES < MAX_SAMPLES
