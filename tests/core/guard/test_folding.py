"""Disguises of words, undone; hypothesis looks for texts that break it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.core.guard.folding import folded, masked, spelled, views


@pytest.mark.parametrize(
    "text",
    [
        "d r a g o n",
        "D.R.A.G.O.N",
        "d-r-a-g-o-n",
        "dr4g0n",
        "drag0n!",
        "drаgоn",  # with Cyrillic letters
        "ｄｒａｇｏｎ",
        "𝖉𝖗𝖆𝖌𝖔𝖓",
        "ⓓⓡⓐⓖⓞⓝ",
        "🅳🆁🅰🅶🅾🅽",
        "dr\u200bag\u00adon",
        "dràgön",
        "draaaaagon",
        "dr.ag.on",
        "d_r_a_g_o_n",
        "D R 4 G O N",
        "dra9on",
        "TheDragonSleeps",
        "t h e  d r a g o n",
        "contro quell'dragon",
        "dr agon",  # a piece without a vowel is no word
    ],
)
def test_a_disguised_word_is_read(text: str) -> None:
    assert any("dragon" in view.split() for view in views(text))


def test_plain_text_has_one_view() -> None:
    assert views("Open the red door, please.") == ("open the red door please .",)


def test_numbers_stay_numbers() -> None:
    assert views("I have 1000 gold and 5 keys.")[0] == "i have 1000 gold and 5 keys ."
    assert all("1000" in view for view in views("I have 1000 gold."))


def test_the_spanish_letter_stays_itself() -> None:
    assert views("El año del niño") == ("el año del niño",)
    assert folded("MÜLLER") == "muller"


def test_letters_with_spaces_are_one_word_however_long() -> None:
    assert spelled("a f i n e d a y for it") == ("afineday", "fineday", "afineda", "fineda")
    assert spelled("to be or not to be, a b c") == ()
    assert spelled("1 2 3 4 5") == ()


def test_letters_left_out_are_any_letters() -> None:
    assert masked("a d*g and **bold** text") == (("d*g", "d[a-z]g"),)
    assert masked("no stars here, 2*3 neither") == ()


@given(st.text(max_size=200))
def test_every_text_has_views(text: str) -> None:
    found = views(text)
    assert len(found) == len(set(found)) >= 1
    assert all(view == " ".join(view.split()) for view in found)
    masked(text)
    spelled(text)
