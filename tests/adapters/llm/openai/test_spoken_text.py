"""Whole words, whole characters, no thoughts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.adapters.llm.openai.spoken_text import Thoughts, WholeWords


def through(words: WholeWords, *tokens: str) -> list[str]:
    return [out for token in tokens for out in words.feed(token)] + words.flush()


def test_the_first_piece_goes_out_at_once_then_word_by_word() -> None:
    words = WholeWords()
    assert words.feed("I") == ["I"]
    assert words.feed(" will op") == [" will"]
    assert words.feed("en") == []
    assert words.feed(" the") == [" open"]
    assert words.feed(" door") == [" the"]
    assert words.feed(".") == [" door."], "a sentence's end waits for nothing"
    assert words.feed(" Now") == []
    assert words.feed(" go.") == [" Now", " go."], "words stay apart, as they came"
    assert words.flush() == []


def test_text_without_spaces_is_not_held_back() -> None:
    assert through(WholeWords(), "扉を", "開け", "ます") == ["扉を", "開け", "ます"]


def test_an_endless_word_is_let_go() -> None:
    words = WholeWords()
    words.feed("A ")
    assert words.feed("x" * 33) == ["x" * 33]


def test_a_character_in_two_halves_is_joined_and_a_lone_half_replaced() -> None:
    assert "".join(through(WholeWords(), "\ud83d", "\ude00 yes")) == "😀 yes"
    assert "".join(through(WholeWords(), "no \ud83d", " more")) == "no \ufffd more"
    assert "".join(through(WholeWords(), "no \ude00")) == "no \ufffd"


@given(st.lists(st.text(max_size=12)))
def test_nothing_is_lost_on_the_way(tokens: list[str]) -> None:
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
def test_what_is_thought_aloud_first_is_not_said(tokens: list[str], answer: str) -> None:
    thoughts = Thoughts()
    assert "".join([*map(thoughts.feed, tokens), thoughts.flush()]) == answer


def test_a_long_thought_is_not_kept() -> None:
    thoughts = Thoughts()
    thoughts.feed("<think>")
    for _ in range(1_000):
        assert thoughts.feed("and then again ") == ""
    assert len(thoughts._held) < 20
