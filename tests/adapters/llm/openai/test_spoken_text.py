"""Whole words, whole characters, no thoughts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.adapters.llm.openai.spoken_text import Thoughts, WholeWords


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
    ("tokens", "answer"),
    [
        (["<think>The player is rude.</think>\n\nHello."], "Hello."),
        (["<thi", "nk>hm", "m </th", "ink> ", "Hel", "lo."], "Hello."),
        (["\n <think></think>Hello."], "Hello."),
        (["<", "3 you"], "<3 you"),
        (["<thin ice>"], "<thin ice>"),
        (["Hello <think>x</think>"], "Hello <think>x</think>"),
        (["<think>and so on"], ""),
        (["<thi"], "<thi"),
        (["a", "b"], "ab"),
    ],
)
def test_thoughts_before_the_answer_are_removed(tokens: list[str], answer: str) -> None:
    thoughts = Thoughts()
    assert "".join([*map(thoughts.feed, tokens), thoughts.flush()]) == answer


def test_the_memory_for_a_thought_is_bounded() -> None:
    thoughts = Thoughts()
    thoughts.feed("<think>")
    for _ in range(1_000):
        assert thoughts.feed("and then again ") == ""
    assert len(thoughts._buffer) < 20
