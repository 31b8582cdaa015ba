"""Which words over a reply interrupt it."""

from __future__ import annotations

import pytest

from frametalk.core.barge_in import BargeInClassifier
from frametalk.core.commands import Commands

COMMANDS = Commands(("who are you", "okay", "good"), ("open",), ("door",))
CLASSIFIER = BargeInClassifier(COMMANDS)


@pytest.mark.parametrize(
    "text",
    ["uh huh", "mm hmm", "okay", "Right.", "yeah", "oh really", "I see", "all right", "", "hm"],
)
def test_a_backchannel_never_interrupts(text: str) -> None:
    assert not CLASSIFIER.interrupts(text, 3_000)


@pytest.mark.parametrize("text", ["stop", "wait", "no", "okay stop", "No, the golden one"])
def test_a_stop_word_is_enough(text: str) -> None:
    assert CLASSIFIER.interrupts(text, 300)


@pytest.mark.parametrize("text", ["open the door", "who are you"])
def test_a_command_interrupts_once_it_is_longer_than_a_cough(text: str) -> None:
    assert CLASSIFIER.interrupts(text, 400)
    assert not CLASSIFIER.interrupts(text, 200)


@pytest.mark.parametrize("text", ["I meant the other", "you have"])
def test_other_words_interrupt_only_once_they_are_long_enough(text: str) -> None:
    assert CLASSIFIER.interrupts(text, 700)
    assert not CLASSIFIER.interrupts(text, 400)


def test_over_the_first_sound_of_a_reply_two_words_go_on_with_the_turn() -> None:
    assert CLASSIFIER.interrupts("and the map", 480, in_soft_start=True)
    assert not CLASSIFIER.interrupts("and the map", 480)
    assert not CLASSIFIER.interrupts("please", 480, in_soft_start=True)
    assert not CLASSIFIER.interrupts("the map", 200, in_soft_start=True)


def test_one_unknown_word_interrupts_only_once_it_is_long() -> None:
    assert not CLASSIFIER.interrupts("the", 300)
    assert not CLASSIFIER.interrupts("good", 700)
    assert not CLASSIFIER.interrupts("duck", 700)
    assert CLASSIFIER.interrupts("duck", 1_200)


def test_with_echo_the_words_of_the_reply_do_not_interrupt() -> None:
    classifier = BargeInClassifier(COMMANDS, echo=True)
    sounding = "I can open the door, if you want."
    assert not classifier.interrupts("open the door", 800, sounding)
    assert classifier.interrupts("give me the sword", 800, sounding)
    assert CLASSIFIER.interrupts("open the door", 800, sounding)


@pytest.mark.parametrize(
    ("language", "backchannel", "interruption"),
    [
        ("de", "ja genau", "Moment"),
        ("fr", "d'accord", "attendez"),
        ("es-MX", "claro", "espera"),
        ("it", "va bene", "aspetta"),
        ("pt-BR", "pois é", "espere"),
        ("nl", "ja precies", "wacht"),
        ("pl", "no tak", "czekaj"),
        ("cmn", "嗯，好的", "等一下"),
        ("ja", "なるほど", "待って"),
    ],
)
def test_every_listed_language_has_backchannels_and_interruptions(
    language: str, backchannel: str, interruption: str
) -> None:
    classifier = BargeInClassifier(COMMANDS, language)
    assert not classifier.interrupts(backchannel, 3_000)
    assert classifier.interrupts(interruption, 300)


def test_each_language_has_its_own_words() -> None:
    assert BargeInClassifier(COMMANDS, "de").interrupts("halt", 300)
    assert not BargeInClassifier(COMMANDS, "de-CH").interrupts("genau", 2_000)
    assert BargeInClassifier(COMMANDS, "tlh").interrupts("okay okay", 700)


@pytest.mark.parametrize(
    ("text", "continues"),
    [
        ("stop", False),
        ("no wait", False),
        ("um stop that now", False),
        ("stop stop stop stop", False),
        ("and the golden key", True),
        ("no door of the house was open", True),
        ("and stop there", True),
    ],
)
def test_a_short_interruption_does_not_continue_the_turn(text: str, continues: bool) -> None:
    commands = Commands((), (), ())
    assert BargeInClassifier(commands).continues(text) is continues
