"""Reading numbers as people say them."""

from __future__ import annotations

import pytest

from frametalk.adapters.llm.scripted.numbers import number_at


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
