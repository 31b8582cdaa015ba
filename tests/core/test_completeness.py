"""How finished texts sound, and how long a player is waited for."""

from __future__ import annotations

import pytest

from frametalk.config import TurnSettings
from frametalk.core.commands import Commands
from frametalk.core.completeness import Completeness, EndpointDelays, completeness_of, with_detector

COMMANDS = Commands(("who are you",), ("open", "take"), ("door", "map", "rope"))
COMPLETE, OPEN, UNFINISHED = Completeness.COMPLETE, Completeness.UNKNOWN, Completeness.INCOMPLETE


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
def test_words(text: str, kind: Completeness) -> None:
    assert completeness_of(text, COMMANDS) is kind


@pytest.mark.parametrize(
    ("text", "language"),
    [("ich nehme die", "de-AT"), ("je voudrais le", "fr"), ("quiero la", "es")],
)
def test_other_languages_have_words_that_something_follows(text: str, language: str) -> None:
    assert completeness_of(text, COMMANDS, language) is UNFINISHED
    assert completeness_of(text, COMMANDS, "tlh") is OPEN


def test_a_judge_of_the_sound_moves_the_words_by_one_step() -> None:
    assert with_detector(COMPLETE, 0.1) is OPEN
    assert with_detector(OPEN, 0.1) is UNFINISHED
    assert with_detector(OPEN, 0.99) is COMPLETE
    assert with_detector(OPEN, 0.6) is OPEN
    assert with_detector(UNFINISHED, 0.99) is UNFINISHED


SETTINGS = TurnSettings(
    endpoint_delay_complete_ms=200,
    endpoint_delay_ms=500,
    endpoint_delay_incomplete_ms=1_400,
    endpoint_delay_max_ms=2_000,
)


def test_an_unknown_player_is_waited_for_as_set() -> None:
    delays = EndpointDelays(SETTINGS)
    assert [delays.delay_ms(kind) for kind in (COMPLETE, OPEN, UNFINISHED)] == [200, 500, 1_400]


def test_a_player_who_often_pauses_is_waited_for_longer() -> None:
    delays = EndpointDelays(SETTINGS)
    for pause_ms in (450, 0, 400, 420, 0, 430, 440, 380):
        delays.add(COMPLETE, pause_ms)
    assert 450 <= delays.delay_ms(COMPLETE) <= 600
    assert delays.delay_ms(OPEN) == 500


def test_one_long_pause_changes_nothing_and_none_is_remembered_for_ever() -> None:
    delays = EndpointDelays(SETTINGS)
    for pause_ms in (0, 0, 0, 900, 0, 0, 0, 0):
        delays.add(COMPLETE, pause_ms)
    assert delays.delay_ms(COMPLETE) == 200
    for _ in range(8):
        delays.add(OPEN, 5_000)
    assert delays.delay_ms(OPEN) == 1_500
    for _ in range(8):
        delays.add(OPEN, 0)
    assert delays.delay_ms(OPEN) == 500


def test_a_turn_that_was_not_over_after_all_counts_as_a_pause() -> None:
    delays = EndpointDelays(SETTINGS)
    for _ in range(4):
        delays.add(COMPLETE, 0)
        delays.correct(COMPLETE, 400)
    assert delays.delay_ms(COMPLETE) > 400
    delays.correct(OPEN, 900)
    assert delays.delay_ms(OPEN) == 500


def test_a_wait_that_is_set_beyond_the_longest_stays() -> None:
    delays = EndpointDelays(
        TurnSettings(endpoint_delay_complete_ms=3_000, endpoint_delay_max_ms=2_000)
    )
    for _ in range(8):
        delays.add(COMPLETE, 2_900)
    assert delays.delay_ms(COMPLETE) == 3_000
    assert delays.delay_ms(UNFINISHED) >= delays.delay_ms(COMPLETE)
