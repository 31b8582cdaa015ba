"""From shown text to spoken text, and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.text.number_words import number_words
from frametalk.text.spoken_text import Wording, reword


def english(text: str) -> Wording:
    """The wording of a clause in an English session."""
    return reword(text, "en", number_words)


def test_the_shown_text_keeps_figures_as_written() -> None:
    clause = english("*nods* [happy] That's 25 gold.")
    assert clause.shown == "That's 25 gold."
    assert clause.spoken == "That's twenty-five gold."
    assert [(placed.cue.name, placed.at) for placed in clause.cues] == [("nod", 0), ("happy", 0)]


def test_each_piece_covers_whole_written_words() -> None:
    clause = english("It is 25, or $3.50, or 12 °C, at 7:30 p.m. on the 1st.")
    pieces = [
        (clause.shown[slice(*piece.shown)], clause.spoken[slice(*piece.spoken)])
        for piece in clause.pieces
    ]
    assert pieces == [
        ("25,", "twenty-five,"),
        ("$3.50,", "three dollars and fifty cents,"),
        ("12 °C,", "twelve degrees Celsius,"),
        ("7:30 p.m.", "seven thirty p m"),
        ("1st.", "first."),
    ]


def test_two_numbers_in_one_written_word_are_one_piece() -> None:
    clause = english("Take 2+3 now.")
    assert clause.spoken == "Take two+three now."
    assert [clause.shown[slice(*piece.shown)] for piece in clause.pieces] == ["2+3"]


@pytest.mark.parametrize(
    ("text", "language", "spoken"),
    [
        ("Das sind 1.000,5 Gold.", "de", "Das sind eintausend Komma fünf Gold."),
        ("Das sind 3.5 Gold.", "de-DE", "Das sind drei Komma fünf Gold."),
        ("C'est 25.", "fr", "C'est vingt-cinq."),
        ("São 25.", "pt-BR", "São vinte e cinco."),
        ("It is 1,000.", "en-GB", "It is one thousand."),
        ("qavIn 25, Dr. 7:30", "tlh", "qavIn 25, Dr. 7:30"),
    ],
)
def test_numbers_are_spoken_in_the_language_of_the_session(
    text: str, language: str, spoken: str
) -> None:
    assert reword(text, language, number_words).spoken == spoken


def test_the_spoken_text_has_no_markup_of_voices() -> None:
    spoken = english("a {b} \\c [[d <e |f ^g ~h\x00\x1b i_j").spoken
    assert spoken.split() == ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]


def test_joined_letters_stay_joined() -> None:
    assert reword("می\u200cخواهم", "fa", number_words).spoken == "می\u200cخواهم"


TEXT = st.text(alphabet="ab KI.,:/- 0123456789%$°Cm*[]()<>\u00bd#@&", max_size=120)


@given(st.one_of(st.text(max_size=200), TEXT))
def test_every_spoken_place_has_a_shown_place_in_order(text: str) -> None:
    clause = english(text)
    places = [clause.written(index)[0] for index in range(len(clause.spoken))]
    assert places == sorted(places)
    assert all(0 <= place < max(1, len(clause.shown)) for place in places)
    assert not set("[]{}<>|\\^~*_`#\n\x00") & set(clause.spoken)
    for piece in clause.pieces:
        assert clause.shown[slice(*piece.shown)].strip()
        assert clause.spoken[slice(*piece.spoken)].strip()
    outside = [i for i in range(len(clause.spoken)) if clause.written(i)[1] is None]
    for index in outside:
        written = clause.shown[clause.written(index)[0]]
        assert clause.spoken[index] in {written, " "}
