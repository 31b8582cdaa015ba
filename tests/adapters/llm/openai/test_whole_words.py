"""Whole words, whole characters, whole sentences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.adapters.llm.openai.whole_words import WholeWords, unfinished


def through(words: WholeWords, *tokens: str) -> list[str]:
    return [out for token in tokens for out in words.feed(token)] + words.flush()


def test_the_first_piece_passes_at_once_then_word_by_word() -> None:
    words = WholeWords()
    assert words.feed("I") == ["I"]
    assert words.feed(" will op") == [" will"]
    assert words.feed("en") == []
    assert words.feed(" the") == [" open"]
    assert words.feed(" door") == [" the"]
    assert words.feed(".") == [" door."], "the end of a sentence passes at once"
    assert words.feed(" Now") == []
    assert words.feed(" go.") == [" Now", " go."], "words of different tokens stay apart"
    assert words.flush() == []


def test_text_without_spaces_is_not_buffered() -> None:
    assert through(WholeWords(), "扉を", "開け", "ます") == ["扉を", "開け", "ます"]


def test_a_very_long_word_is_passed_on() -> None:
    words = WholeWords()
    words.feed("A ")
    assert words.feed("x" * 33) == ["x" * 33]


def test_surrogate_pairs_are_joined_and_lone_ones_replaced() -> None:
    assert "".join(through(WholeWords(), "\ud83d", "\ude00 yes")) == "😀 yes"
    assert "".join(through(WholeWords(), "no \ud83d", " more")) == "no \ufffd more"
    assert "".join(through(WholeWords(), "no \ude00")) == "no \ufffd"


@given(st.lists(st.text(max_size=12)))
def test_no_text_is_lost(tokens: list[str]) -> None:
    assert "".join(through(WholeWords(), *tokens)) == "".join(tokens)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("", ""),
        ("Well met.", ""),
        ("Well met. The door is", " The door is"),
        ("The door is", "The door is"),
        ('"Well met!" he', " he"),
        ("*nods.* Yes", " Yes"),
        ("It costs 3.5", "It costs 3.5"),
        ("Is it? Ask Mr. Bram", " Ask Mr. Bram"),
        ("Ask Mr.", "Ask Mr."),
        ("\u4f60\u597d\u3002\u95e8", "\u95e8"),
        ("\u0939\u093e\u0901\u0964 \u0926", " \u0926"),
        ("Wait\u2026 what", " what"),
    ],
)
def test_the_end_that_is_not_a_sentence(text: str, end: str) -> None:
    assert unfinished(text) == end
