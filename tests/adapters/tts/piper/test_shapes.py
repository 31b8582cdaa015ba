"""Mouth shapes and words from phonemes and their samples."""

from __future__ import annotations

from frametalk.adapters.tts.piper.shapes import begins, marks, moved, spread
from frametalk.core.marks import Mark

SENTENCE = list("^bˈaɪ, mæ̃ː.$")
RATE_HZ = 1_000  # a sample is a millisecond
OWN = [(index * 100, index * 100 + 60) for index in range(len(SENTENCE))]  # then a blank of 40 ms
STARTS = begins(SENTENCE, OWN)


def shapes(found: tuple[Mark, ...]) -> list[tuple[int, int, str, float]]:
    return [(m.at, m.end, m.name, m.value) for m in found if m.kind == "viseme"]


def test_a_sound_begins_where_the_own_samples_of_the_one_before_end() -> None:
    found = dict(zip(range(len(SENTENCE)), STARTS, strict=True))
    assert found[0] == 0
    assert found[1] == 100  # after a pause the blank is silent
    assert found[2] == found[3] == 160  # the stress mark sounds like its vowel
    assert found[4] == 360
    assert (found[5], found[6], found[7]) == (460, 560, 700)  # comma and space: rest


def test_a_space_between_two_sounds_belongs_to_the_second() -> None:
    assert begins(list("a bˈa"), [(n * 100, n * 100 + 60) for n in range(5)]) == [
        0,
        60,
        60,
        260,
        260,
    ]


def test_shapes_follow_the_sounds() -> None:
    found = shapes(marks(SENTENCE, STARTS, 1_400, [], RATE_HZ))
    assert found[:4] == [
        (0, 100, "sil", 1.0),
        (100, 160, "PP", 1.0),
        (160, 360, "aa", 1.0),
        (360, 460, "ih", 1.0),  # second half of the diphthong, stressed like the first
    ]


def test_pauses_are_rest_and_diacritics_lengthen_a_sound() -> None:
    found = shapes(marks(SENTENCE, STARTS, 1_400, [], RATE_HZ))
    assert found[4:] == [
        (460, 700, "sil", 1.0),  # the comma and the space after it
        (700, 760, "PP", 1.0),
        (760, 1_060, "aa", 0.7),
        (1_060, 1_160, "sil", 1.0),
        (1_160, 1_400, "sil", 1.0),
    ]


def test_a_word_ends_at_a_pause_and_one_without_sound_has_no_mark() -> None:
    named = [("by", 1), ("nothing", 7), ("man", 7)]
    found = [m for m in marks(SENTENCE, STARTS, 1_400, named, RATE_HZ) if m.kind == "word"]
    assert [(m.name, m.at, m.end) for m in found] == [("by", 100, 460), ("man", 700, 1_060)]


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
