"""A written token is replaced whole or left as it is."""

from __future__ import annotations

import pytest

from frametalk.text.number_words import number_words
from frametalk.text.spoken_text import reword
from frametalk.text.whole_tokens import Replacement, whole_tokens


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "it", "pt", "nl", "pl"])
@pytest.mark.parametrize(
    "token",
    "25:61 5/6/7 1-2-3-x 51°30'N 5·5 R2-D2 2d6+5 AB-123-CD US$5 5$x 7:xx 1.2.3.4.5.6.7.8 room:5"
    " x=5² 1,2,3 5'x /5/ 12_000 5½½".split(),
)
def test_a_token_that_is_known_only_in_part_stays_as_written(token: str, language: str) -> None:
    written = f"So {token} ja"
    assert reword(written, language, number_words).spoken.split() == (
        written.replace("_", " ").split()
    )


@pytest.mark.parametrize(
    ("token", "spoken"),
    [
        ("(25)", "(twenty-five)"),
        ('"25"', '"twenty-five"'),
        ("25-year-old", "twenty-five-year-old"),
        ("mid-1990s", "mid-nineteen nineties"),
        ("2+3", "two+three"),
        ("25?!", "twenty-five?!"),
    ],
)
def test_what_can_stand_beside_words_stays_beside_them(token: str, spoken: str) -> None:
    assert reword(token, "en", number_words).spoken == spoken


def test_replacements_in_one_token_stay_together() -> None:
    text = "take Mr.2+3 now"
    parts = [
        Replacement(5, 8, "Mister", number=False),
        Replacement(8, 9, "two", number=True),
        Replacement(10, 11, "three", number=True),
    ]
    (token,) = whole_tokens(text, parts)
    assert (text[token.begin : token.end], len(token.parts)) == ("Mr.2+3", 3)


def test_a_replacement_of_several_words_makes_one_token_of_them() -> None:
    text = "on Jan 1, 1980."
    (token,) = whole_tokens(text, [Replacement(3, 14, "January first", number=True)])
    assert text[token.begin : token.end] == "Jan 1, 1980."
