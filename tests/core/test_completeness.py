"""How complete texts sound, and the endpoint delay for a player."""

from __future__ import annotations

import pytest

from frametalk.config import TurnSettings
from frametalk.core.commands import Commands
from frametalk.core.completeness import Completeness, EndpointDelays, completeness_of

COMMANDS = Commands(("who are you",), ("open", "take"), ("door", "map", "rope"))
COMPLETE, UNKNOWN, INCOMPLETE = Completeness.COMPLETE, Completeness.UNKNOWN, Completeness.INCOMPLETE


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("open the door", COMPLETE),
        ("open the door and", INCOMPLETE),
        ("open the", INCOMPLETE),
        ("take the map the rope", INCOMPLETE),
        ("I need um", INCOMPLETE),
        ("it is cold outside, you know", INCOMPLETE),
        ("the weather is nice", UNKNOWN),
        ("The weather is nice.", UNKNOWN),
        ("Is it?", UNKNOWN),
        ("Open the door.", COMPLETE),
        ("I know that.", INCOMPLETE),
        ("if I pull the lever", INCOMPLETE),
        ("if I pull the lever will the door of the castle open", UNKNOWN),
        ("If you like, take a sword", UNKNOWN),
        ("First the key,", INCOMPLETE),
        ("And then…", INCOMPLETE),
        ("", UNKNOWN),
        ("  ", UNKNOWN),
    ],
)
def test_the_words_of_a_text_tell_how_complete_it_sounds(text: str, kind: Completeness) -> None:
    assert completeness_of(text, COMMANDS) is kind


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("ich nehme die", "de-AT"),
        ("je voudrais le", "fr"),
        ("quiero la", "es"),
        ("voglio il", "it"),
        ("quero o", "pt"),
        ("ik wil het", "nl"),
        ("chcę miecz i", "pl"),
        ("ich komme, weißt du", "de"),
    ],
)
def test_other_languages_have_their_own_trailing_words(text: str, language: str) -> None:
    assert completeness_of(text, COMMANDS, language) is INCOMPLETE
    assert completeness_of(text, COMMANDS, "tlh") is UNKNOWN


SETTINGS = TurnSettings(
    endpoint_delay_complete_ms=200,
    endpoint_delay_ms=500,
    endpoint_delay_incomplete_ms=1_400,
    endpoint_delay_max_ms=2_000,
)


def test_a_new_player_gets_the_delays_of_the_settings() -> None:
    delays = EndpointDelays(SETTINGS)
    assert [delays.delay_ms(kind) for kind in (COMPLETE, UNKNOWN, INCOMPLETE)] == [200, 500, 1_400]


def test_doubt_of_a_turn_detector_lengthens_the_delay_of_free_speech_only() -> None:
    delays = EndpointDelays(SETTINGS)
    assert [delays.delay_ms(UNKNOWN, p) for p in (0.99, 0.95, 0.3, 0.0)] == [500, 500, 1_400, 1_400]
    assert delays.delay_ms(UNKNOWN, 0.625) == pytest.approx(950)
    assert [delays.delay_ms(COMPLETE, p) for p in (0.99, 0.0)] == [200, 200]
    assert [delays.delay_ms(INCOMPLETE, p) for p in (0.99, 0.0)] == [1_400, 1_400]


def test_the_first_pause_in_free_speech_counts_and_short_ones_never_do() -> None:
    delays = EndpointDelays(SETTINGS)
    delays.add(INCOMPLETE, 700)
    assert delays.delay_ms(UNKNOWN) == pytest.approx(805)
    assert delays.delay_ms(COMPLETE) == 200
    for _ in range(8):
        delays.add(UNKNOWN, 150)
    assert delays.delay_ms(UNKNOWN) == pytest.approx(805)
    delays.add(UNKNOWN, 0)
    assert delays.delay_ms(UNKNOWN) == 500


def test_the_delay_grows_for_a_player_who_often_pauses() -> None:
    delays = EndpointDelays(SETTINGS)
    for pause_ms in (450, 0, 400, 420, 0, 430, 440, 380):
        delays.add(COMPLETE, pause_ms)
    assert 450 <= delays.delay_ms(COMPLETE) <= 600
    assert delays.delay_ms(UNKNOWN) == 500


def test_one_long_pause_has_no_effect_and_old_pauses_expire() -> None:
    delays = EndpointDelays(SETTINGS)
    for pause_ms in (0, 0, 0, 900, 0, 0, 0, 0):
        delays.add(COMPLETE, pause_ms)
    assert delays.delay_ms(COMPLETE) == 200
    for _ in range(8):
        delays.add(UNKNOWN, 5_000)
    assert delays.delay_ms(UNKNOWN) == 1_500
    for _ in range(8):
        delays.add(UNKNOWN, 0)
    assert delays.delay_ms(UNKNOWN) == 500


def test_a_turn_that_continues_counts_as_a_pause() -> None:
    delays = EndpointDelays(SETTINGS)
    for _ in range(4):
        delays.add(COMPLETE, 0)
        delays.correct(COMPLETE, 400)
    assert delays.delay_ms(COMPLETE) > 400
    delays.correct(UNKNOWN, 900)
    assert delays.delay_ms(UNKNOWN) == pytest.approx(1_035)


def test_a_delay_set_above_the_maximum_stays() -> None:
    delays = EndpointDelays(
        TurnSettings(endpoint_delay_complete_ms=3_000, endpoint_delay_max_ms=2_000)
    )
    for _ in range(8):
        delays.add(COMPLETE, 2_900)
    assert delays.delay_ms(COMPLETE) == 3_000
    assert delays.delay_ms(INCOMPLETE) >= delays.delay_ms(COMPLETE)
