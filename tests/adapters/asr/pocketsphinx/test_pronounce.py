"""Names that are not in the dictionary get phonemes."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.adapters.asr.pocketsphinx.pronounce import pronounce

KNOWN = {"iron": "AY ER N", "hold": "HH OW L D"}
PHONEMES = frozenset(
    "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W "
    "Y Z ZH".split()
)


@pytest.mark.parametrize(
    ("word", "phonemes"),
    [
        ("ironhold", "AY ER N HH OW L D"),
        ("thorin", "TH AO R IH N"),
        ("elke", "EH L K"),
        ("grimm", "G R IH M"),
        ("zane", "Z EY N EH"),
    ],
)
def test_a_name_sounds_as_it_is_spelt(word: str, phonemes: str) -> None:
    said = pronounce(word, KNOWN.get).split()
    assert said[:2] == phonemes.split()[:2]


@given(st.text(alphabet=string.ascii_lowercase + "'", min_size=1, max_size=30))
def test_every_word_gets_phonemes_that_the_recogniser_knows(word: str) -> None:
    said = pronounce(word, KNOWN.get).split()
    assert said
    assert set(said) <= PHONEMES
