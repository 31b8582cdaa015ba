"""Tokens in, clauses out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.text.clauses import MAX_CHARS, Clauses
from frametalk.text.markup import open_at


def cut(text: str, size: int) -> list[str]:
    """All clauses of a text that arrives in tokens of `size` characters."""
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
        ("It costs 1,000 gold. Yes.", ["It costs 1,000 gold.", "Yes."]),
        ("See No. 5. No. I know No. 6", ["See No. 5.", "No.", "I know No. 6"]),
        ("J. R. Smith it was.", ["J. R. Smith it was."]),
        ("1. Sword\n2. Shield", ["1. Sword", "2. Shield"]),
        ("*He looks up. Then nods.* Hello.", ["*He looks up. Then nods.*", "Hello."]),
        ("Well (sighs. Looks away) then. Go.", ["Well (sighs. Looks away) then.", "Go."]),
        ("See [the map. Now](https://a.b/c). Go.", ["See [the map. Now](https://a.b/c).", "Go."]),
        ("**Stop.** Now go.", ["**Stop.**", "Now go."]),
        ("[emotion: happy] Welcome.", ["[emotion: happy] Welcome."]),
        ("Tom &amp; Sons are here; come.", ["Tom &amp; Sons are here;", "come."]),
        ("Farewell. *bows*", ["Farewell.", "*bows*"]),
        ("Farewell. 😀", ["Farewell.", "😀"]),
        ("", []),
        (" ... !? ", []),
    ],
)
def test_clauses_do_not_depend_on_how_the_text_arrives(
    text: str, clauses: list[str], size: int
) -> None:
    assert cut(text, size) == clauses


def test_the_first_sentence_comes_before_the_second_is_complete() -> None:
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
        (["*He", " nods", "."], []),
        (["*He", " nods", ".", "*", " Yes", "."], ["*He nods.*", "Yes."]),
    ],
)
def test_a_token_of_a_whole_word_ends_a_sentence_without_a_space(
    tokens: list[str], ready: list[str]
) -> None:
    clauses = Clauses()
    assert [clause for token in tokens for clause in clauses.feed(token)] == ready


def test_markup_that_is_never_closed_delays_clauses_only_up_to_its_limit() -> None:
    clauses = Clauses()
    assert clauses.feed("*so. it. goes. ") == []
    story = [clause for _ in range(30) for clause in clauses.feed("on and on it goes. ")]
    assert story[:5] == ["*so.", "it.", "goes.", "on and on it goes.", "on and on it goes."]


def test_a_long_sentence_is_not_cut_inside_a_direction() -> None:
    clauses = cut("word " * 45 + "*looks at the very old and rusty door over there* and on", 7)
    assert clauses[1].startswith("*looks at the very old and rusty door over there*")


@pytest.mark.parametrize(
    ("text", "end", "clauses"),
    [
        ("Well met. The door", " The door", ["Well met."]),
        ("Well met. The door", "Well met. The door", ["Well met."]),
        ("Well met. The door", "door", ["Well met.", "The"]),
        ("Well met", "Well met", []),
        ("Well met. The", "", ["Well met.", "The"]),
    ],
)
def test_a_dropped_end_is_in_no_later_clause(text: str, end: str, clauses: list[str]) -> None:
    cutter = Clauses()
    cut_before = [clause for letter in text for clause in cutter.feed(letter)]
    cutter.drop(end)
    assert cut_before + cutter.flush() == clauses


MARKED = st.text(alphabet="ab NoJ5 .,!?\n*_[]()<>`\\é😀", max_size=600)


@given(st.one_of(st.text(max_size=600), MARKED), st.integers(1, 40))
def test_no_letter_is_lost_or_repeated(text: str, size: int) -> None:
    clauses = cut(text, size)
    assert all(len(clause) <= MAX_CHARS and clause == clause.strip() for clause in clauses)
    assert [c for c in "".join(clauses) if c.isalnum()] == [c for c in text if c.isalnum()]


@pytest.mark.parametrize("unit", ["a", "a. ", "*", "[a", "(a. ", "<a ", "[a](", "a, ", "No. "])
def test_the_work_is_linear_in_the_length_of_the_text(
    unit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    characters = 0

    def count(text: str) -> int | None:
        nonlocal characters
        characters += len(text)
        return open_at(text)

    monkeypatch.setattr("frametalk.text.clauses.open_at", count)
    text = unit * 4_000
    cut(text, len(text))
    assert characters <= (MAX_CHARS + 8) * (len(text) + 1)
