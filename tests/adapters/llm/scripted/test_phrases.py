"""Utterances and patterns in the form in which they are compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.adapters.llm.scripted.phrases import (
    NEW_PATTERNS,
    pattern_of,
    phrase_of,
    read_patterns,
)
from pauses import pauses


@pytest.mark.parametrize(
    ("text", "words", "articles"),
    [
        ("Open the red door, please!", "open red door", {1}),
        ("open the uh door for me right now", "open door", {1}),
        ("well hey okay open that door", "open door", {1}),
        ("take that", "take that", set()),
        ("put that there", "put that there", set()),
        ("open that one", "open that 1", set()),
        ("the", "the", set()),
        ("open the", "open the", set()),
        ("give her the key", "give her key", {2}),
        ("the the door", "the door", {1}),
        ("open door a", "open door a", set()),
        ("take a dozen", "take 12", set()),
        ("the second door", "2th door", {0}),
        ("the 21st and the twenty second", "21th and 22th", {0, 2}),
        ("door number two, no. 3", "door 2th 3th", set()),
        ("room one oh one", "room 101", set()),
        ("half a meter", "0.5 meter", set()),
        ("three point five", "3.5", set()),
    ],
)
def test_the_words_that_matter_are_kept(text: str, words: str, articles: set[int]) -> None:
    phrase = phrase_of(text)
    assert " ".join(phrase.words) == words
    assert phrase.articles == articles
    assert phrase.whole


def test_a_long_text_is_not_whole() -> None:
    assert not phrase_of("word " * 100).whole
    assert not phrase_of("x" * 60_000).whole


def test_slots_of_a_pattern_are_words() -> None:
    pattern = pattern_of("Put the {thing} on the {thing2}, {number} times")
    assert pattern.words == ("put", "{thing}", "on", "{thing2}", "{number}", "times")
    assert pattern.articles == {1, 3}
    assert not pattern.joined
    assert pattern_of("\u6253\u5f00{thing}").joined


@given(st.text(max_size=200))
def test_every_text_has_a_phrase(text: str) -> None:
    phrase = phrase_of(text)
    assert all(phrase.words)
    assert all(0 <= at < len(phrase.words) for at in phrase.articles)
    pattern_of(text)


def test_others_have_their_turn_while_many_patterns_are_read() -> None:
    patterns = [f"verb number {n} {{thing}}" for n in range(256)]
    assert pauses(read_patterns(patterns)) == 256 // NEW_PATTERNS
    assert pauses(read_patterns(patterns)) == 0
