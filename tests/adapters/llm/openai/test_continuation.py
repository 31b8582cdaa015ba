"""One answer from two models, without repeated words."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.adapters.llm.openai.continuation import Continuation


def joined(said: str, *tokens: str) -> str:
    more = Continuation(said)
    return said + "".join([*(more.feed(token) for token in tokens), more.flush()])


@pytest.mark.parametrize(
    ("said", "second", "whole"),
    [
        # continues, with and without the space
        ("I will open", " the door.", "I will open the door."),
        ("I will open", "the door.", "I will open the door."),
        ("I will open ", "the door.", "I will open the door."),
        ("I will open", ", if you wish.", "I will open, if you wish."),
        ("扉を", "開けます", "扉を開けます"),
        # repeats the end
        ("I will open the", "open the door.", "I will open the door."),
        ("I will open the", "the door.", "I will open the door."),
        ("I will open the ", "The door.", "I will open the door."),
        # repeats everything, in other case or punctuation
        ("I will open the", "I will open the door.", "I will open the door."),
        ("Well, I will", "well I WILL open it.", "Well, I will open it."),
        ("I will open the door", "I will open the door. Come.", "I will open the door. Come."),
        ("I will open the door.", "I will open the door. Come.", "I will open the door. Come."),
        ("I will open the door.", "I will open the door.", "I will open the door."),
        ("I will open the door.", "I will", "I will open the door."),
        # begins in the same way and differs later
        ("I will open the door", "I will open a window", "I will open the door a window"),
        # completes a word
        ("Cert", "Certainly, friend.", "Certainly, friend."),
        # one word equal to the last is not a repetition after a sentence
        ("That is for you.", "You may go.", "That is for you. You may go."),
        ("That is for you.", "you. Go.", "That is for you. Go."),
        # a word that occurs several times
        ("very very", "very very big", "very very big"),
        ("the key to the", "to the chest", "the key to the chest"),
        # a different answer
        ("Let me see.", "No, friend.", "Let me see. No, friend."),
        ("", " Hello.", " Hello."),
        ("I will", "", "I will"),
        ("I will", "... ", "I will... "),
    ],
)
def test_repeated_words_are_left_out(said: str, second: str, whole: str) -> None:
    assert joined(said, second) == whole
    assert joined(said, *second) == whole, "letter by letter"


def test_text_is_buffered_only_while_it_may_be_a_repetition() -> None:
    more = Continuation("I will open the")
    assert more.feed("I will") == ""
    assert more.feed(" open the") == ""
    assert more.feed(" door") == " door"
    assert more.feed("s and") == "s and"


WORDS = [f"w{number}" for number in range(40)]


@given(
    said=st.integers(1, 15),
    new=st.integers(1, 10),
    again=st.integers(0, 15),
    cuts=st.lists(st.integers(0, 200), max_size=8),
)
def test_any_overlap_in_any_pieces_gives_each_word_once(
    said: int, new: int, again: int, cuts: list[int]
) -> None:
    whole = WORDS[: said + new]
    second = " ".join(whole[max(0, said - again) :])
    bounds = [0, *sorted(min(cut, len(second)) for cut in cuts), len(second)]
    tokens = [second[a:b] for a, b in itertools.pairwise(bounds)]
    assert joined(" ".join(whole[:said]), *tokens) == " ".join(whole)


@given(said=st.text(max_size=30), tokens=st.lists(st.text(max_size=10), max_size=6))
def test_no_text_is_invented(said: str, tokens: list[str]) -> None:
    more = Continuation(said)
    new = "".join([*(more.feed(token) for token in tokens), more.flush()]).strip()
    assert new in "".join(tokens)
