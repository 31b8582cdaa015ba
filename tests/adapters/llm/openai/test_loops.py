"""Answers that repeat themselves."""

from __future__ import annotations

import pytest

from frametalk.adapters.llm.openai.loops import loop_in


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("I am a smith. I live here. I am a smith. And", "I am a smith. I live here."),
        ("They drink beer. They  DRINK beer! Yes", "They drink beer."),
        ("A fire that never ends\nA fire that never ends\n", "A fire that never ends\n"),
    ],
)
def test_the_first_repeated_sentence_is_found(text: str, left: str) -> None:
    at = loop_in(text)
    assert at is not None
    assert text[:at] == left or text[:at].rstrip() == left.rstrip()


@pytest.mark.parametrize(
    "text", ["No. No. No.", "I am a smith. I am a smith", "", "He came. He saw. He won the war."]
)
def test_short_unfinished_and_different_sentences_are_no_loop(text: str) -> None:
    assert loop_in(text) is None
