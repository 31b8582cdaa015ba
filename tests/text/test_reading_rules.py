"""Numbers as each language writes them."""

from __future__ import annotations

import pytest

from frametalk.text.reading_rules import plain


@pytest.mark.parametrize(
    ("written", "language", "value"),
    [
        ("1,000.5", "en", "1000.5"),
        ("1.000,5", "de", "1000.5"),
        ("1.000", "de", "1000"),
        ("1.000", "en", "1.000"),
        ("3.5", "de", "3.5"),
        ("3,5", "fr-CA", "3.5"),
        ("\u22124", "en", "-4"),
        ("1,000", "ja", "1000"),
    ],
)
def test_a_written_number_becomes_one_as_programs_write_it(
    written: str, language: str, value: str
) -> None:
    assert plain(written, language) == value
