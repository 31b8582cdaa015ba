"""Mouth shapes and words from phonemes and their samples."""

from __future__ import annotations

from frametalk.adapters.tts.piper.shapes import marks, moved, spread
from frametalk.core.marks import Mark

SENTENCE = list("^bˈaɪ, mæ̃ː.$")
STARTS = [index * 100 for index in range(len(SENTENCE))]


def shapes(found: tuple[Mark, ...]) -> list[tuple[int, int, str, float]]:
    return [(m.at, m.end, m.name, m.value) for m in found if m.kind == "viseme"]


def test_a_shape_begins_at_its_phoneme_or_the_stress_before_it() -> None:
    found = shapes(marks(SENTENCE, STARTS, 1_400, []))
    assert found[:4] == [
        (0, 100, "sil", 1.0),
        (100, 200, "PP", 1.0),
        (200, 400, "aa", 1.0),  # with the stress before it
        (400, 500, "ih", 1.0),  # second half of the diphthong, stressed like the first
    ]


def test_pauses_are_rest_and_diacritics_lengthen_a_sound() -> None:
    found = shapes(marks(SENTENCE, STARTS, 1_400, []))
    assert found[4:] == [
        (500, 700, "sil", 1.0),  # the comma and the space after it
        (700, 800, "PP", 1.0),
        (800, 1_100, "aa", 0.7),
        (1_100, 1_200, "sil", 1.0),
        (1_200, 1_400, "sil", 1.0),
    ]


def test_a_word_ends_at_a_pause_and_one_without_sound_has_no_mark() -> None:
    named = [("by", 1), ("nothing", 7), ("man", 7)]
    found = [m for m in marks(SENTENCE, STARTS, 1_400, named) if m.kind == "word"]
    assert [(m.name, m.at, m.end) for m in found] == [("by", 100, 500), ("man", 700, 1_100)]


def test_an_estimate_gives_vowels_and_pauses_more_time_than_consonants() -> None:
    guess = [*spread(SENTENCE, 10_000), 10_000]
    length = {name: guess[at + 1] - guess[at] for at, name in enumerate(SENTENCE)}
    assert guess == sorted(guess)
    assert guess[0] == 0
    assert length["b"] < length["a"] < length[","]
    assert length["ˈ"] <= 1
    assert spread([], 100) == []


def test_moved_marks_do_not_begin_before_sample_0() -> None:
    placed = [
        Mark("viseme", 0, 50, "sil"),
        Mark("word", 40, 90, "by"),
        Mark("viseme", 90, 95, "aa"),
    ]
    assert moved(placed, -50) == [["word", 0, 40, "by", 1.0], ["viseme", 40, 45, "aa", 1.0]]
    assert moved(placed, 10)[0] == ["viseme", 10, 60, "sil", 1.0]
