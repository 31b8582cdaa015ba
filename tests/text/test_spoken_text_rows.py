"""Texts in many languages and how each is cut into clauses and spoken: the rows in spoken/.

Every row was reviewed. `why` says what is not obvious; "left to the voice" means that the voice
gets the text as it is written, because a rule would have to guess.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from frametalk.text.clauses import Clauses
from frametalk.text.number_words import number_words
from frametalk.text.spoken_text import reword

FOLDER = Path(__file__).with_name("spoken")
LANGUAGES = "de en es fr it nl pl pt".split()


def rows() -> list[tuple[str, str, str]]:
    """(language, written, spoken) of every row."""
    return [
        (row.get("language", file.stem), row["written"], row["spoken"])
        for file in sorted(FOLDER.glob("*.toml"))
        for row in tomllib.loads(file.read_text(encoding="utf-8"))["text"]
    ]


def spoken(text: str, language: str, size: int) -> str:
    """What the voice gets of a text that arrives in tokens of `size` characters."""
    cutter = Clauses(language)
    clauses = [c for at in range(0, len(text), size) for c in cutter.feed(text[at : at + size])]
    clauses += cutter.flush()
    return " | ".join(reword(clause, language, number_words).spoken for clause in clauses)


@pytest.mark.parametrize(("language", "written", "expected"), rows())
def test_a_text_is_cut_and_spoken_as_a_person_would(
    language: str, written: str, expected: str
) -> None:
    assert [spoken(written, language, size) for size in (1, 3, 1000)] == [expected] * 3


def test_there_are_enough_rows_of_each_language() -> None:
    count = Counter(language for language, _written, _spoken in rows())
    assert all(count[language] >= 25 for language in LANGUAGES)
    assert count.total() >= 200
