"""How finished texts sound, and how long a player is waited for."""

from __future__ import annotations

import pytest

from frametalk.core.commands import Commands
from frametalk.core.finished import Finished, Patience, Waits, how_finished, with_sound

COMMANDS = Commands(("who are you",), ("open", "take"), ("door", "map", "rope"))
COMPLETE, OPEN, UNFINISHED = Finished.COMPLETE, Finished.OPEN, Finished.UNFINISHED


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("open the door", COMPLETE),
        ("open the door and", UNFINISHED),
        ("open the", UNFINISHED),
        ("take the map the rope", UNFINISHED),
        ("I need um", UNFINISHED),
        ("it is cold outside, you know", UNFINISHED),
        ("the weather is nice", OPEN),
        ("The weather is nice.", COMPLETE),
        ("Is it?", COMPLETE),
        ("First the key,", UNFINISHED),
        ("And then…", UNFINISHED),
        ("", OPEN),
        ("  ", OPEN),
    ],
)
def test_words(text: str, kind: Finished) -> None:
    assert how_finished(text, COMMANDS) is kind


@pytest.mark.parametrize(
    ("text", "language"),
    [("ich nehme die", "de-AT"), ("je voudrais le", "fr"), ("quiero la", "es")],
)
def test_other_languages_have_words_that_something_follows(text: str, language: str) -> None:
    assert how_finished(text, COMMANDS, language) is UNFINISHED
    assert how_finished(text, COMMANDS, "tlh") is OPEN


def test_a_judge_of_the_sound_moves_the_words_by_one_step() -> None:
    assert with_sound(COMPLETE, 0.1) is OPEN
    assert with_sound(OPEN, 0.1) is UNFINISHED
    assert with_sound(OPEN, 0.99) is COMPLETE
    assert with_sound(OPEN, 0.6) is OPEN
    assert with_sound(UNFINISHED, 0.99) is UNFINISHED


WAITS = Waits(complete_ms=200, open_ms=500, unfinished_ms=1_400, longest_ms=2_000)


def test_an_unknown_player_is_waited_for_as_set() -> None:
    patience = Patience(WAITS)
    assert [patience.wait_ms(kind) for kind in (COMPLETE, OPEN, UNFINISHED)] == [200, 500, 1_400]


def test_a_player_who_often_pauses_is_waited_for_longer() -> None:
    patience = Patience(WAITS)
    for pause_ms in (450, 0, 400, 420, 0, 430, 440, 380):
        patience.note(COMPLETE, pause_ms)
    assert 450 <= patience.wait_ms(COMPLETE) <= 600
    assert patience.wait_ms(OPEN) == 500


def test_one_long_pause_changes_nothing_and_none_is_remembered_for_ever() -> None:
    patience = Patience(WAITS)
    for pause_ms in (0, 0, 0, 900, 0, 0, 0, 0):
        patience.note(COMPLETE, pause_ms)
    assert patience.wait_ms(COMPLETE) == 200
    for _ in range(8):
        patience.note(OPEN, 5_000)
    assert patience.wait_ms(OPEN) == 1_500
    for _ in range(8):
        patience.note(OPEN, 0)
    assert patience.wait_ms(OPEN) == 500


def test_a_turn_that_was_not_over_after_all_counts_as_a_pause() -> None:
    patience = Patience(WAITS)
    for _ in range(4):
        patience.note(COMPLETE, 0)
        patience.amend(COMPLETE, 400)
    assert patience.wait_ms(COMPLETE) > 400
    patience.amend(OPEN, 900)
    assert patience.wait_ms(OPEN) == 500


def test_a_wait_that_is_set_beyond_the_longest_stays() -> None:
    patience = Patience(Waits(complete_ms=3_000, longest_ms=2_000))
    for _ in range(8):
        patience.note(COMPLETE, 2_900)
    assert patience.wait_ms(COMPLETE) == 3_000
    assert patience.wait_ms(UNFINISHED) >= patience.wait_ms(COMPLETE)
