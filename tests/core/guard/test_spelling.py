"""Words of the rules that are written wrongly."""

from __future__ import annotations

import pytest

from frametalk.core.guard.spelling import Vocabulary


@pytest.fixture
def vocabulary() -> Vocabulary:
    known = Vocabulary()
    for phrase in ("steal (dragon|gold)", "treasur*", "princess"):
        known.add(phrase)
    return known


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("the prin cess sleeps", "the princess sleeps"),
        ("two trea sures", "two treasures"),
        ("go ld and dra gon", "go ld and dra gon"),  # too short to be sure
        ("the prinecss and the dargon", "the princess and the dragon"),
        ("the rpincess", "the rpincess"),
        ("the dragno", "the dragno"),
        ("prin . cess", "prin . cess"),
    ],
)
def test_pieces_are_joined_and_swapped_letters_set_right(
    vocabulary: Vocabulary, written: str, read: str
) -> None:
    assert vocabulary.repaired(written) == read


def test_a_real_word_stays_as_it_is(vocabulary: Vocabulary) -> None:
    vocabulary.add_real("dargon")
    assert vocabulary.repaired("the dargon") == "the dargon"


def test_the_words_that_a_word_with_stars_may_be(vocabulary: Vocabulary) -> None:
    assert vocabulary.candidates("d[a-z]agon") == ("dragon",)
    assert vocabulary.candidates("x[a-z]agon") == ()
