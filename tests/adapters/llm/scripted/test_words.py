"""Utterances as words that can be compared."""

from __future__ import annotations

import pytest

from frametalk.adapters.llm.scripted.words import MAX_WORDS, read


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Open the DOOR!", "open the door"),
        ("I can't, don't ask.", "i can not do not ask"),
        ("What's that?", "what is that"),
        ("caf\u00e9", "cafe"),
        ("gimme 5", "give me 5"),
        ("\U0001f5e1 ...", ""),
    ],
)
def test_case_accents_contractions_and_punctuation_are_removed(text: str, words: str) -> None:
    assert " ".join(read(text).words) == words


def test_the_end_of_a_long_text_is_kept() -> None:
    said = read("one " * 500 + "open the door")
    assert len(said.words) == MAX_WORDS
    assert said.words[-3:] == ("open", "the", "door")
