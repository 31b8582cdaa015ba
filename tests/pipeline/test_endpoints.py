"""When turns begin and end for one player, and what is learnt of the player's pauses."""

from __future__ import annotations

from frametalk.config import TurnSettings
from frametalk.core.completeness import Completeness
from frametalk.core.events import Event, SpeechEnded, SpeechPaused, SpeechResumed, SpeechStarted
from frametalk.pipeline.endpoints import Endpoints

WINDOW = 512
MS = WINDOW / 16
SETTINGS = TurnSettings(endpoint_delay_complete_ms=208, endpoint_delay_ms=480)


class Player:
    """Speaks and is silent, window by window."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.endpoints = Endpoints(SETTINGS, self.events.append, lambda: self.at / 16_000)
        self.at = 0

    def sound(self, windows: int, *, speech: bool) -> list[Event]:
        """What so many windows bring about."""
        before = len(self.events)
        for _ in range(windows):
            self.endpoints.push(self.at, WINDOW, 0.9 if speech else 0.0)
            self.at += WINDOW
        return [event for event in self.events[before:] if type(event) in ENDS]


ENDS = {SpeechStarted, SpeechPaused, SpeechResumed, SpeechEnded}


def kinds(events: list[Event]) -> list[type[Event]]:
    return [type(event) for event in events]


def test_a_turn_ends_by_how_finished_it_sounds() -> None:
    player = Player()
    assert kinds(player.sound(10, speech=True)) == [SpeechStarted]
    assert player.endpoints.speech_ms == 10 * MS
    player.endpoints.expect(Completeness.COMPLETE)
    assert kinds(player.sound(7, speech=False)) == [SpeechPaused, SpeechEnded]
    assert player.endpoints.ended_s > 0
    player.sound(60, speech=False)
    player.sound(10, speech=True)
    player.endpoints.expect(Completeness.INCOMPLETE)
    assert kinds(player.sound(40, speech=False)) == [SpeechPaused]


def test_what_was_said_before_does_not_shorten_the_next_turns_wait() -> None:
    player = Player()
    player.sound(10, speech=True)
    player.endpoints.expect(Completeness.COMPLETE)
    player.sound(80, speech=False)
    player.sound(10, speech=True)
    assert kinds(player.sound(14, speech=False)) == [SpeechPaused]
    assert kinds(player.sound(1, speech=False)) == [SpeechEnded]


def test_a_player_who_goes_on_after_the_end_is_waited_for_longer_next_time() -> None:
    player = Player()
    for _ in range(6):
        player.sound(10, speech=True)
        player.endpoints.expect(Completeness.COMPLETE)
        player.sound(10, speech=False)  # 320 ms: called over after 224
        player.sound(10, speech=True)
        player.endpoints.continued()
        player.endpoints.expect(Completeness.COMPLETE)
        player.sound(80, speech=False)
    player.sound(10, speech=True)
    player.endpoints.expect(Completeness.COMPLETE)
    assert kinds(player.sound(9, speech=False)) == [SpeechPaused]


def test_a_turn_that_is_none_leaves_the_next_speech_a_turn_of_its_own() -> None:
    player = Player()
    player.sound(10, speech=True)
    player.sound(3, speech=False)
    assert player.endpoints.paused
    player.endpoints.cancel()
    assert not player.endpoints.in_turn
    assert kinds(player.sound(3, speech=True)) == [SpeechStarted]
