"""Words that sound like a name of the scene, and words that do not."""

from __future__ import annotations

import pytest

from frametalk.adapters.asr.whisper.names import Likeness, difference, names_like, sounds, was_said

NAMES = ("Bram", "Thrain", "Excalibur", "Ravenholt", "green potion", "red door")


def likest(text: str) -> str:
    """The text with the likest name in its place."""
    words = text.split()
    found = names_like(words, NAMES)
    if not found:
        return text
    return " ".join((*words[: found[0].first], found[0].name, *words[found[0].end :]))


@pytest.mark.parametrize(
    ("read", "possible"),
    [
        ("give this to Brem.", "give this to Bram"),
        ("I seek X caliber.", "I seek Excalibur"),
        ("take me to Ravenhold", "take me to Ravenholt"),
        ("drink the green portion.", "drink the green potion"),
        ("open the read door", "open the red door"),
    ],
)
def test_misspelled_names_are_found(read: str, possible: str) -> None:
    assert likest(read) == possible


@pytest.mark.parametrize("text", ["", "Bram!", "open the red door", "it is a fine evening", "?"])
def test_names_that_were_read_and_other_words_are_left_alone(text: str) -> None:
    assert likest(text) == text


def test_spellings_of_one_sound_are_equal() -> None:
    pairs = [("knight", "night"), ("phone", "fone"), ("write", "right"), ("rock", "rok")]
    assert [sounds(one) == sounds(other) for one, other in pairs] == [True] * len(pairs)
    assert difference(sounds("door"), sounds("tor")) < difference(sounds("door"), sounds("more"))
    assert difference("", "") == 0


def test_the_likest_come_first_and_there_are_few() -> None:
    found = names_like(["Brem"] * 3, [f"Bram{'m' * n}" for n in range(9)])
    assert len(found) == 2
    assert [one.change for one in found] == sorted(one.change for one in found)


def test_words_that_were_read_without_doubt_are_left_alone() -> None:
    words = ["ask", "Brem", "or", "Brem"]
    assert [one.first for one in names_like(words, ["Bram"], sure={0, 1, 2})] == [3, 2]
    assert names_like(words, ["Bram"], sure=range(4)) == []


def test_a_name_needs_a_sound_about_as_probable() -> None:
    same, other = Likeness(0, 1, "Bram", 0.0), Likeness(0, 1, "Bram", 0.3)
    assert was_said(same, -2.9)
    assert not was_said(same, -4.7)
    assert not was_said(other, -2.9)
    assert was_said(other, 1.3)
