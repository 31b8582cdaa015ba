"""One answer from two models, without a word said twice."""

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
        # goes on, with and without the space
        ("I will open", " the door.", "I will open the door."),
        ("I will open", "the door.", "I will open the door."),
        ("I will open ", "the door.", "I will open the door."),
        ("I will open", ", if you wish.", "I will open, if you wish."),
        ("扉を", "開けます", "扉を開けます"),
        # says the end again
        ("I will open the", "open the door.", "I will open the door."),
        ("I will open the", "the door.", "I will open the door."),
        ("I will open the ", "The door.", "I will open the door."),
        # says it all again, in another dress
        ("I will open the", "I will open the door.", "I will open the door."),
        ("Well, I will", "well I WILL open it.", "Well, I will open it."),
        ("I will open the door", "I will open the door. Come.", "I will open the door. Come."),
        ("I will open the door.", "I will open the door. Come.", "I will open the door. Come."),
        ("I will open the door.", "I will open the door.", "I will open the door."),
        ("I will open the door.", "I will", "I will open the door."),
        # begins in the same way and goes elsewhere
        ("I will open the door", "I will open a window", "I will open the door a window"),
        # the first half of a word
        ("Cert", "Certainly, friend.", "Certainly, friend."),
        # one word like the last is no repetition across a sentence's end
        ("That is for you.", "You may go.", "That is for you. You may go."),
        ("That is for you.", "you. Go.", "That is for you. Go."),
        # a word that comes several times
        ("very very", "very very big", "very very big"),
        ("the key to the", "to the chest", "the key to the chest"),
        # another answer altogether
        ("Let me see.", "No, friend.", "Let me see. No, friend."),
        ("", " Hello.", " Hello."),
        ("I will", "", "I will"),
        ("I will", "... ", "I will... "),
    ],
)
def test_what_was_said_is_not_said_again(said: str, second: str, whole: str) -> None:
    assert joined(said, second) == whole
    assert joined(said, *second) == whole, "letter by letter"


def test_text_is_held_only_while_it_may_be_a_repetition() -> None:
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
def test_any_overlap_cut_anywhere_gives_each_word_once(
    said: int, new: int, again: int, cuts: list[int]
) -> None:
    whole = WORDS[: said + new]
    second = " ".join(whole[max(0, said - again) :])
    bounds = [0, *sorted(min(cut, len(second)) for cut in cuts), len(second)]
    tokens = [second[a:b] for a, b in itertools.pairwise(bounds)]
    assert joined(" ".join(whole[:said]), *tokens) == " ".join(whole)


@given(said=st.text(max_size=30), tokens=st.lists(st.text(max_size=10), max_size=6))
def test_nothing_new_is_invented(said: str, tokens: list[str]) -> None:
    more = Continuation(said)
    new = "".join([*(more.feed(token) for token in tokens), more.flush()]).strip()
    assert new in "".join(tokens)
