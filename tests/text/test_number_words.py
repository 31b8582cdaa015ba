"""Numbers in words: the forms and languages of the library, and that no input makes it fail."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.text.number_words import MAX_DIGITS, number_words


@pytest.mark.parametrize(
    ("value", "form", "language", "words"),
    [
        ("25", "cardinal", "en", "twenty-five"),
        ("-3.5", "cardinal", "en-US", "minus three point five"),
        ("1234", "cardinal", "en", "one thousand two hundred and thirty-four"),
        ("22", "ordinal", "en", "twenty-second"),
        ("1984", "year", "en", "nineteen eighty-four"),
        ("25", "cardinal", "de-AT", "fünfundzwanzig"),
        ("70", "cardinal", "fr-BE", "septante"),
        ("25", "cardinal", "tlh", ""),
        ("25", "cardinal", "", ""),
        ("9" * (MAX_DIGITS + 1), "cardinal", "en", ""),
        ("five", "cardinal", "en", ""),
        ("32291277", "cardinal", "am", ""),  # the library would never return
    ],
)
def test_a_number_becomes_words(value: str, form: str, language: str, words: str) -> None:
    assert number_words(value, form, language) == words  # type: ignore[arg-type]


LANGUAGES = "am ar de en fr he it ja ko nl pl ru th uk vi zh xx".split()


@given(
    st.one_of(st.text(max_size=20), st.decimals(allow_nan=True).map(str), st.integers().map(str)),
    st.sampled_from(["cardinal", "ordinal", "year"]),
    st.sampled_from(LANGUAGES),
)
def test_any_input_gives_text(value: str, form: str, language: str) -> None:
    assert isinstance(number_words(value, form, language), str)  # type: ignore[arg-type]


def test_the_first_number_imports_the_library() -> None:
    program = (
        "import sys, frametalk.text.number_words as n\n"
        "assert 'num2words' not in sys.modules\n"
        "assert n.number_words('1', 'cardinal', 'en') == 'one'\n"
        "assert 'num2words' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
