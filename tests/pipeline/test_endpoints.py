"""Where the turns of one player start and end, and what is learnt from the player's pauses."""

from __future__ import annotations

import logging

import pytest

from frametalk.config import FrametalkSettings, TurnSettings
from frametalk.core.completeness import Completeness
from frametalk.core.events import Event, SpeechEnded, SpeechPaused, SpeechResumed, SpeechStarted
from frametalk.pipeline.endpoints import Endpoints
from stages import RATE_HZ, Stage

WINDOW = 512
MS = WINDOW / 16
SETTINGS = TurnSettings(endpoint_delay_complete_ms=208, endpoint_delay_ms=480)


class Player:
    """Speaks and is silent, window by window."""

    def __init__(self) -> None:
        stage = Stage(FrametalkSettings(turns=SETTINGS), now=lambda: self.at / RATE_HZ)
        self.events = stage.events
        self.endpoints = Endpoints(stage.context)
        self.at = 0

    def sound(self, windows: int, *, speech: bool) -> list[Event]:
        """The events of so many windows."""
        before = len(self.events)
        for _ in range(windows):
            self.endpoints.push(self.at, WINDOW, 0.9 if speech else 0.0)
            self.at += WINDOW
        return [event for event in self.events[before:] if type(event) in ENDS]


ENDS = {SpeechStarted, SpeechPaused, SpeechResumed, SpeechEnded}


def kinds(events: list[Event]) -> list[type[Event]]:
    return [type(event) for event in events]


def test_the_endpoint_delay_depends_on_completeness() -> None:
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


def test_completeness_does_not_carry_over_to_the_next_turn() -> None:
    player = Player()
    player.sound(10, speech=True)
    player.endpoints.expect(Completeness.COMPLETE)
    player.sound(80, speech=False)
    player.sound(10, speech=True)
    assert kinds(player.sound(14, speech=False)) == [SpeechPaused]
    assert kinds(player.sound(1, speech=False)) == [SpeechEnded]


def test_continued_turns_lengthen_the_delay_for_this_player() -> None:
    player = Player()
    for _ in range(6):
        player.sound(10, speech=True)
        player.endpoints.expect(Completeness.COMPLETE)
        for _ in range(2):
            player.sound(10, speech=False)  # 320 ms: ended after 224
            player.sound(10, speech=True)
            player.endpoints.continued()
            player.endpoints.expect(Completeness.COMPLETE)
        player.sound(80, speech=False)
    player.sound(10, speech=True)
    player.endpoints.expect(Completeness.COMPLETE)
    assert kinds(player.sound(9, speech=False)) == [SpeechPaused]


def test_while_the_text_is_still_to_come_only_a_long_silence_ends_the_turn() -> None:
    player = Player()
    player.sound(10, speech=True)
    player.sound(2, speech=False)
    player.endpoints.expect_text()
    assert kinds(player.sound(30, speech=False)) == []
    player.endpoints.expect(Completeness.COMPLETE)
    assert kinds(player.sound(1, speech=False)) == [SpeechEnded]


def test_why_a_pause_was_judged_so_is_in_the_debug_log(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("frametalk"), "propagate", True)
    player = Player()
    player.sound(10, speech=True)
    with caplog.at_level(logging.DEBUG, logger="frametalk.pipeline.endpoints"):
        player.endpoints.expect(Completeness.UNKNOWN, 0.3)
    (line,) = caplog.messages
    assert line == "the turn sounds unknown, an end with 0.30: wait 1400 ms"


def test_after_a_cancelled_turn_further_speech_opens_another() -> None:
    player = Player()
    player.sound(10, speech=True)
    player.sound(3, speech=False)
    assert player.endpoints.paused
    player.endpoints.cancel()
    assert not player.endpoints.in_turn
    assert kinds(player.sound(3, speech=True)) == [SpeechStarted]
