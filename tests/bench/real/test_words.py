"""Word errors: what counts as one and what does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.bench.real.words import WordErrors, distance, total, word_errors


@pytest.mark.parametrize(
    ("said", "recognised", "errors"),
    [
        ("open the red door", "Open the red door.", 0),
        ("open the red door", "open the bread door", 1),
        ("open the red door", "the red door", 1),
        ("open the red door", "oh open the red door", 1),
        ("open the red door", "", 4),
        ("go forward ten meters", "Go forward 10 metres", 0),
        ("three three four six nine two", "33-4-692", 0),
        ("twenty-five gold", "25 gold", 0),
        ("ten of clubs", "11 of clubs", 1),
    ],
)
def test_errors_are_words_that_differ(said: str, recognised: str, errors: int) -> None:
    assert word_errors(said, recognised).errors == errors


def test_a_rate_is_over_all_words_that_were_said() -> None:
    both = total([word_errors("one two three", "one two"), word_errors("four", "four")])
    assert both == WordErrors(1, 4)
    assert both.rate == 0.25


@given(st.lists(st.sampled_from("abc"), max_size=6), st.lists(st.sampled_from("abc"), max_size=6))
def test_the_distance_is_one_between_texts(one: list[str], other: list[str]) -> None:
    assert distance(one, other) == distance(other, one)
    assert (distance(one, other) == 0) == (one == other)
    assert abs(len(one) - len(other)) <= distance(one, other) <= max(len(one), len(other))
