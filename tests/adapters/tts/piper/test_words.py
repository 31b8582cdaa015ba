"""Piper's input text, and the places of words among its phonemes."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.adapters.tts.piper.words import (
    MAX_PHONEMES,
    SEGMENT_CHARS,
    neutral,
    segments,
    sentences,
    starts,
    written,
)


@given(st.text(alphabet="[]a \0\ud800", max_size=40))
def test_no_text_is_interpreted_as_phonemes(text: str) -> None:
    safe = neutral(text)
    assert "[[" not in safe
    assert "]]" not in safe
    assert "\0" not in safe
    safe.encode()
    kept = [c for c in text if c in "[]a"]
    assert [c for c in safe if c in "[]a"] == kept


@given(st.text(alphabet="ab. !\n", max_size=1_500))
def test_segments_join_to_the_text(text: str) -> None:
    pieces = list(segments(text))
    assert "".join(pieces) == text
    assert all(len(piece) <= SEGMENT_CHARS for piece in pieces)


def test_a_long_text_is_split_after_sentences() -> None:
    sentence = "This is the story of a king. "
    pieces = list(segments(sentence * 40))
    assert len(pieces) > 2
    assert all(piece.endswith("king. ") for piece in pieces if piece)


def test_a_long_sentence_is_split_at_a_space() -> None:
    cut = sentences([list("word " * 300), list(".."), []])
    assert "".join("".join(each) for each in cut) == "word " * 300
    assert all(len(each) <= MAX_PHONEMES and each[-1] == " " for each in cut)


def test_words_are_named_as_written() -> None:
    text = 'Well, "friend": that\u2019s $25 - e.g. 10:30 (no?) \U0001f5e1 \u4f60\u597d'
    assert written(text) == [
        "Well", "friend", "that\u2019s", "25", "e.g", "10:30", "no", "\u4f60\u597d",
    ]  # fmt: skip


SPOKEN = [
    ("ðˈæts|twˈɛnti fˈaɪv|ɡˈoʊld", "ðæts |twˈɛnti fˈaɪv |ɡˈoʊld."),
    ("ˈɪn|ðə|hˈaʊs|ʌv|ðə|kˈɪŋ", "ɪn|ðə |hˈaʊs |ʌv|ðə |kˈɪŋ"),
    ("ˈaɪ|æm|hˈɪɹ", "aɪ|ɐm |hˈɪɹ"),
    ("ˈeɪ|fɹˈɛnd", "ɐ |fɹˈɛnd"),
    ("wˈʌn|ˌiːdʒˈiː|ðˈɪs", "wˈʌn |fˌɔːɹɛɡzˈæmpəl |ðˈɪs"),
    ("ɪt|həlˈoʊ", "ɪt?|həlˈoʊ"),
    ("|ˈɛks", "|ˈɛks"),
]


@pytest.mark.parametrize(("alone", "spoken"), SPOKEN)
def test_words_find_their_phonemes(alone: str, spoken: str) -> None:
    said = spoken.replace("|", "")
    begins = starts([list(word) for word in alone.split("|")], list(said))
    assert "|".join(said[a:b] for a, b in pairwise([*begins, len(said)])) == spoken


@given(
    st.lists(st.text(alphabet="abːˈ ,", max_size=6), max_size=8),
    st.text(alphabet="abcːˈ ,.", max_size=30),
)
def test_begins_are_in_order_for_any_text(words: list[str], spoken: str) -> None:
    begins = starts([list(word) for word in words], list(spoken))
    assert begins == sorted(begins)
    assert len(begins) == len(words)
    assert all(0 <= at <= len(spoken) for at in begins)
