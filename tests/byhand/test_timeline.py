"""Aligned rows of sound, mouth shapes and words, in characters of 20 ms."""

from __future__ import annotations

import numpy as np

from frametalk.byhand.saying import Said
from frametalk.byhand.timeline import timeline
from frametalk.core.marks import Mark

CELL = 320  # samples at 16 kHz


def said(marks: list[Mark], cells: int, loud: range = range(0)) -> Said:
    samples = np.zeros(cells * CELL, np.int16)
    for cell in loud:
        samples[cell * CELL : (cell + 1) * CELL] = 20_000
    return Said(16_000, samples, tuple(marks), ())


def viseme(name: str, begin: int, end: int) -> Mark:
    return Mark("viseme", begin * CELL, end * CELL, name)


def test_shapes_and_words_align_with_the_sound() -> None:
    marks = [
        Mark("word", 5 * CELL, 15 * CELL, "papa"),
        viseme("PP", 5, 10),
        viseme("aa", 10, 15),
    ]
    seconds, sound, mouth, words = timeline(said(marks, 25, range(5, 15)), 80)
    assert seconds == "      0 s       .         ."
    assert sound.split() == ["sound", "█" * 10]
    assert mouth[6:].count("P") >= 5
    assert mouth[6 + 6 : 6 + 9] == "PPP"
    assert mouth[6 + 12 : 6 + 14] == "aa"
    assert mouth.endswith("-" * 5)
    assert words == "words      papa"


def test_long_speech_is_split_into_blocks_of_the_terminals_width() -> None:
    marks = [
        Mark("word", cell * CELL, (cell + 10) * CELL, f"w{cell}") for cell in range(0, 200, 10)
    ]
    lines = timeline(said(marks, 200), 66)
    assert len(lines) == 4 * 4  # 60 characters a block
    assert max(map(len, lines)) <= 66
    assert lines[7].split() == ["words", "w60", "w70", "w80", "w90", "w100", "w110"]
    assert "2 s" in lines[4]


def test_a_word_without_room_is_truncated_by_the_next() -> None:
    marks = [Mark("word", 0, CELL, "blacksmith"), Mark("word", 3 * CELL, 5 * CELL, "is")]
    assert timeline(said(marks, 30), 80)[3] == "words blais"


def test_a_narrow_terminal_gets_blocks_of_the_least_width() -> None:
    lines = timeline(said([], 45), 10)
    assert len(lines) == 3 * 4
