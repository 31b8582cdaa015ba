"""The ledger: the samples that the client played become the words that the player heard."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.core.heard import Ledger
from frametalk.core.marks import Mark
from frametalk.errors import FrametalkError


def word(text: str, at: int, end: int) -> Mark:
    """A word mark."""
    return Mark("word", at, end, text)


def a_reply() -> Ledger:
    """Two clauses, "Very well, friend." and "The door is open."; 100 samples a word."""
    ledger = Ledger()
    ledger.begin_clause("Very well, friend.", 0)
    for index, text in enumerate(["Very", "well", "friend"]):
        ledger.word(word(text, index * 100, index * 100 + 100))
    ledger.end_clause(350)
    ledger.begin_clause("The door is open.", 350)
    for index, text in enumerate(["The", "door", "is", "open"]):
        ledger.word(word(text, 350 + index * 100, 450 + index * 100))
    ledger.end_clause(800)
    ledger.sent = 800
    return ledger


@pytest.mark.parametrize(
    ("sample", "heard"),
    [
        (0, ""),
        (99, ""),
        (100, "Very"),
        (299, "Very well,"),
        (300, "Very well, friend."),
        (449, "Very well, friend."),
        (650, "Very well, friend. The door is"),
        (800, "Very well, friend. The door is open."),
    ],
)
def test_played_samples_become_words_rounded_down(sample: int, heard: str) -> None:
    ledger = a_reply()
    ledger.report(sample)
    assert ledger.heard() == heard


def test_a_word_that_the_voice_rewrote_is_heard_with_the_next_word() -> None:
    ledger = Ledger()
    ledger.begin_clause("That's 25 gold.", 0)
    ledger.word(word("That's", 0, 100))
    ledger.word(word("twenty-five", 100, 200))
    ledger.word(word("gold", 200, 300))
    ledger.sent = 400
    ledger.report(250)
    assert ledger.heard() == "That's"
    ledger.report(300)
    assert ledger.heard() == "That's 25 gold."
    ledger.end_clause(400)
    ledger.report(400)
    assert ledger.heard() == "That's 25 gold."


@pytest.mark.parametrize(("sample", "code"), [(99, "played_backwards"), (801, "played_beyond")])
def test_an_impossible_report_is_refused_and_changes_nothing(sample: int, code: str) -> None:
    ledger = a_reply()
    ledger.report(100)
    with pytest.raises(FrametalkError) as caught:
        ledger.report(sample)
    assert caught.value.code == code
    assert ledger.played == 100


@given(st.lists(st.integers(0, 800), max_size=20))
def test_the_heard_text_only_grows_and_is_a_prefix_of_the_reply(samples: list[int]) -> None:
    ledger, before = a_reply(), ""
    for sample in sorted(samples):
        ledger.report(sample)
        assert ledger.heard().startswith(before)
        assert "Very well, friend. The door is open.".startswith(ledger.heard())
        before = ledger.heard()
