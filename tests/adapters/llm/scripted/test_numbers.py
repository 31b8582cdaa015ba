"""Reading numbers as people say them."""

from __future__ import annotations

import pytest

from frametalk.adapters.llm.scripted.numbers import number_at, ordinal_at


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ten", 10), ("twenty five", 25), ("a hundred and ten", 110), ("two thousand", 2000),
        ("three point five", 3.5), ("two and a half", 2.5), ("half a", 0.5), ("7", 7), ("a dozen", 12),
    ],
)  # fmt: skip
def test_a_whole_number_is_read(text: str, value: float) -> None:
    words = [*text.split(), "meters"]
    assert number_at(words, 0) == (value, len(words) - 1)


@pytest.mark.parametrize("text", ["meters", "a door", "and five", ""])
def test_other_words_are_not_numbers(text: str) -> None:
    assert number_at(text.split(), 0) is None


@pytest.mark.parametrize("text", ["9" * 20, "hundred " * 9 + "hundred", "\u0663\u00b2"])
def test_an_endless_number_is_none(text: str) -> None:
    found = number_at(["a", *text.split()], 0) or number_at(text.split(), 0)
    assert found is None or found[0] < 1e16


@pytest.mark.parametrize(
    ("text", "value", "count"),
    [
        ("second", 2, 1), ("twentieth", 20, 1), ("twenty first", 21, 2), ("3 rd", 3, 2),
        ("number two", 2, 2), ("no 12", 12, 2), ("number twenty one", 21, 3),
    ],
)  # fmt: skip
def test_a_place_in_a_row_is_read(text: str, value: int, count: int) -> None:
    assert ordinal_at(text.split(), 0) == (value, count)


@pytest.mark.parametrize("text", ["number", "no door", "two", "twenty", "door", "number half", ""])
def test_other_words_are_no_place_in_a_row(text: str) -> None:
    assert ordinal_at(text.split(), 0) is None
