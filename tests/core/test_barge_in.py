"""What stops a reply, and what is said over it without stopping it."""

from __future__ import annotations

import pytest

from frametalk.core.barge_in import BargeInClassifier
from frametalk.core.commands import Commands

COMMANDS = Commands(("who are you", "okay", "good"), ("open",), ("door",))
JUDGE = BargeInClassifier(COMMANDS)


@pytest.mark.parametrize(
    "text",
    ["uh huh", "mm hmm", "okay", "Right.", "yeah", "oh really", "I see", "all right", "", "hm"],
)
def test_signs_of_listening_never_stop_a_reply(text: str) -> None:
    assert not JUDGE.interrupts(text, 3_000)


@pytest.mark.parametrize("text", ["stop", "wait", "no", "okay stop", "No, the golden one"])
def test_a_word_that_stops_is_enough(text: str) -> None:
    assert JUDGE.interrupts(text, 300)


@pytest.mark.parametrize("text", ["open the door", "who are you"])
def test_a_command_stops_it_once_it_lasts_longer_than_a_cough(text: str) -> None:
    assert JUDGE.interrupts(text, 400)
    assert not JUDGE.interrupts(text, 200)


@pytest.mark.parametrize("text", ["I meant the other", "you have"])
def test_other_words_stop_it_once_they_are_no_sign_of_listening_misheard(text: str) -> None:
    assert JUDGE.interrupts(text, 700)
    assert not JUDGE.interrupts(text, 400)


def test_one_unknown_word_is_taken_for_a_cough_until_it_lasts() -> None:
    assert not JUDGE.interrupts("the", 300)
    assert not JUDGE.interrupts("good", 700)
    assert not JUDGE.interrupts("duck", 700)
    assert JUDGE.interrupts("duck", 1_200)


def test_words_of_the_reply_itself_are_its_echo() -> None:
    judge = BargeInClassifier(COMMANDS, echo=True)
    sounding = "I can open the door, if you want."
    assert not judge.interrupts("open the door", 800, sounding)
    assert judge.interrupts("give me the sword", 800, sounding)
    assert JUDGE.interrupts("open the door", 800, sounding)


def test_other_languages_know_their_own_words() -> None:
    assert BargeInClassifier(COMMANDS, "de").interrupts("halt", 300)
    assert not BargeInClassifier(COMMANDS, "de-CH").interrupts("genau", 2_000)
    assert BargeInClassifier(COMMANDS, "tlh").interrupts("okay okay", 700)
