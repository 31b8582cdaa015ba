"""The window of sound that is read: what is cut off, what becomes history, what is forced."""

from __future__ import annotations

import numpy as np

from frametalk.adapters.asr.whisper.turn import (
    HISTORY_TOKENS,
    KEPT_SAMPLES,
    LONGEST_SAMPLES,
    RATE_HZ,
    WINDOW_SAMPLES,
    Turn,
    pause_between,
)
from frametalk.core.agreement import TimedWord, written

VOICE = (4_000 * np.sin(2 * np.pi * 150 * np.arange(RATE_HZ * 60) / RATE_HZ)).astype(np.int16)


def word(text: str, begin_s: float, end_s: float, token: int) -> TimedWord:
    return TimedWord(f" {text}", int(begin_s * RATE_HZ), int(end_s * RATE_HZ), 1.0, (token,))


def sound(seconds: float, *pauses: tuple[float, float]) -> np.ndarray:
    """A voice with pauses from one second to another."""
    samples = VOICE[: int(seconds * RATE_HZ)].copy()
    for begin_s, end_s in pauses:
        samples[int(begin_s * RATE_HZ) : int(end_s * RATE_HZ)] = 0
    return samples


def heard(turn: Turn, words: list[TimedWord]) -> None:
    """Two readings that agree; the last of the words stays open."""
    turn.take(words, turn.fed - 1)
    turn.take(words, turn.fed)


def test_a_short_turn_is_read_whole_and_its_stable_words_are_forced() -> None:
    turn = Turn(("red door",), "en")
    turn.feed(sound(2).tobytes())
    heard(turn, [word("open", 0.2, 0.6, 7), word("the", 0.6, 0.8, 8), word("door", 0.8, 1.3, 9)])
    request = turn.request(full=False)
    assert len(request.samples) == 2 * RATE_HZ
    assert (request.history, request.prefix) == ((), (7, 8))
    assert (request.hints, request.language, request.full) == (("red door",), "en", False)
    assert turn.text == "open the door"


def test_a_longer_one_is_cut_at_the_last_pause_between_stable_words() -> None:
    turn = Turn((), "en")
    turn.feed(sound(6, (1.0, 1.2), (3.0, 3.2)).tobytes())
    words = [
        word("one", 0.2, 1.0, 1), word("two", 1.2, 2.0, 2), word("three", 2.0, 3.0, 3),
        word("four", 3.2, 4.0, 4), word("five", 4.0, 4.6, 5), word("six", 4.6, 5.2, 6),
    ]  # fmt: skip
    heard(turn, words)
    request = turn.request(full=False)
    assert (request.history, request.prefix) == ((1, 2, 3), (4, 5))
    cut = 6 * RATE_HZ - len(request.samples)
    assert 3.0 * RATE_HZ <= cut <= 3.2 * RATE_HZ
    assert np.array_equal(request.samples, sound(6, (1.0, 1.2), (3.0, 3.2))[cut:])
    # The next reading's words are placed in the window; on the turn's clock they follow the stable ones.
    placed = turn.place([TimedWord(" seven", 100, 100), TimedWord(" eight", 40_000, 43_000)])
    begins = int(4.0 * RATE_HZ)  # where the last stable word does, for it was read at another time
    assert [(word.at, word.end) for word in placed] == [
        (begins, begins + 1),
        (cut + 40_000, cut + 43_000),
    ]


def test_without_a_pause_there_is_no_cut_while_the_window_is_bearable() -> None:
    turn = Turn((), "en")
    turn.feed(sound(10).tobytes())
    heard(turn, [word(str(n), n, n + 1, n) for n in range(10)])
    assert len(turn.request(full=False).samples) == 10 * RATE_HZ


def test_the_end_of_the_window_is_never_cut_off() -> None:
    turn = Turn((), "en")
    turn.feed(sound(5, (4.0, 4.3)).tobytes())
    heard(turn, [word("one", 0.5, 4.0, 1), word("two", 4.3, 4.6, 2), word("three", 4.6, 5.0, 3)])
    samples = turn.request(full=False).samples
    assert len(samples) >= KEPT_SAMPLES
    assert len(samples) == 5 * RATE_HZ


def test_a_window_that_the_model_cannot_take_is_cut_after_a_word_whatever_was_agreed() -> None:
    turn = Turn((), "en")
    turn.feed(sound(30).tobytes())
    turn.take([word(str(n), n, n + 1, n) for n in range(29)], turn.fed)
    request = turn.request(full=False)
    assert len(request.samples) == 4 * RATE_HZ
    assert written(turn.words.stable) == " ".join(str(n) for n in range(26))
    assert request.history == tuple(range(26))
    assert request.prefix == ()


def test_noise_without_words_is_forgotten_in_the_end() -> None:
    turn = Turn((), "en")
    for _second in range(100):
        turn.feed(sound(1).tobytes())
        assert len(turn.request(full=False).samples) <= LONGEST_SAMPLES
        turn.take((), turn.fed)
    assert turn.fed == 100 * RATE_HZ


def test_history_is_bounded() -> None:
    turn = Turn((), "en")
    for second in range(200):
        turn.feed(sound(1, (0.9, 1.0)).tobytes())
        last = turn.words.stable[-1].end if turn.words.stable else 0
        turn.take([TimedWord(f" {second}", last, turn.fed, 1.0, (second,))] * 2, turn.fed)
        request = turn.request(full=False)
        assert len(request.history) <= HISTORY_TOKENS
        assert len(request.samples) <= LONGEST_SAMPLES


def test_reading_the_same_sound_twice_makes_nothing_stable() -> None:
    turn = Turn((), "en")
    turn.feed(sound(2).tobytes())
    words = [word("open", 0, 1, 1), word("it", 1, 2, 2)]
    turn.take(words, turn.fed)
    turn.take(words, turn.fed)
    assert turn.words.stable == []
    assert turn.text == "open it"


def test_a_pause_is_found_beside_where_the_words_seem_to_meet() -> None:
    samples = sound(4, (1.6, 1.75))
    one, other = word("one", 0.8, 1.5, 1), word("two", 1.5, 2.4, 2)
    cut = pause_between(samples, one, other, 0)
    assert cut is not None
    assert 1.6 * RATE_HZ <= cut <= 1.75 * RATE_HZ
    assert pause_between(sound(4), one, other, 0) is None
    assert pause_between(samples[:100], one, other, 0) is None
    assert WINDOW_SAMPLES < LONGEST_SAMPLES
