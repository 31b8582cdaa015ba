"""Tokens in, clauses worth speaking out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.core.clauses import MAX_CHARS, Clauses


def cut(text: str, size: int) -> list[str]:
    """All clauses of a text that comes in tokens of `size` characters."""
    clauses = Clauses()
    found = [c for i in range(0, len(text), size) for c in clauses.feed(text[i : i + size])]
    return found + clauses.flush()


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("Well met. What do you need?", ["Well met.", "What do you need?"]),
        ("It costs 3.5 gold.", ["It costs 3.5 gold."]),
        ("Ask Mr. Smith about it.", ["Ask Mr. Smith about it."]),
        ('"Halt!" he said. No.', ['"Halt!"', "he said.", "No."]),
        ("Wait... I know you.", ["Wait...", "I know you."]),
        ("Yes, friend.", ["Yes, friend."]),
        (
            "I have been the blacksmith of this village since my father, and his before.",
            [
                "I have been the blacksmith of this village since my father,",
                "and his before.",
            ],
        ),
        ("one\ntwo", ["one", "two"]),
        ("", []),
        (" ... !? ", []),
    ],
)
def test_clauses_do_not_depend_on_how_the_text_arrives(
    text: str, clauses: list[str], size: int
) -> None:
    assert cut(text, size) == clauses


def test_the_first_sentence_is_there_before_the_second_is_complete() -> None:
    clauses = Clauses()
    assert clauses.feed("Well met. And") == ["Well met."]


@pytest.mark.parametrize(
    ("tokens", "ready"),
    [
        ([" It", " is", " open."], ["It is open."]),
        (["It", " is", " open", "."], ["It is open."]),
        (["Ask", " Mr", "."], []),
        (["Ask", " Mr."], []),
        (["It", " costs", " 3", "."], []),
        (["Wait", ".."], []),
        (["o", "k", "."], []),
    ],
)
def test_whole_words_need_no_space_to_end_a_sentence(tokens: list[str], ready: list[str]) -> None:
    clauses = Clauses()
    assert [clause for token in tokens for clause in clauses.feed(token)] == ready


@given(st.text(alphabet="ab .,!?\n\u00e9", max_size=600), st.integers(1, 40))
def test_nothing_that_can_be_spoken_is_lost_or_doubled(text: str, size: int) -> None:
    clauses = cut(text, size)
    assert all(len(clause) <= MAX_CHARS and clause == clause.strip() for clause in clauses)
    assert [c for c in "".join(clauses) if c.isalpha()] == [c for c in text if c.isalpha()]
