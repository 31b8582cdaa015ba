"""Probabilities in, speech events out, in 32 ms windows of 16 kHz sound."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from frametalk.core.endpointing import Endpointer, SpeechEvent, Thresholds
from frametalk.core.events import SpeechOver, SpeechPaused, SpeechResumed, SpeechStarted

WINDOW = 512


def run(endpointer: Endpointer, probabilities: list[float], first: int = 0) -> list[SpeechEvent]:
    """Push one window per probability."""
    return [
        event
        for index, probability in enumerate(probabilities, first)
        for event in endpointer.push(index * WINDOW, WINDOW, probability)
    ]


def test_a_turn_starts_where_its_speech_began_and_ends_after_the_hold() -> None:
    events = run(Endpointer(Thresholds(), 16_000), [0.0] * 5 + [0.9] * 10 + [0.0] * 20)
    assert events == [
        SpeechStarted(5 * WINDOW),
        SpeechPaused(15 * WINDOW),
        SpeechOver(15 * WINDOW),
    ]


def test_a_click_is_no_speech() -> None:
    assert run(Endpointer(Thresholds(), 16_000), [0.0, 0.9, 0.0, 0.9, 0.0] * 10) == []


def test_over_a_reply_more_speech_is_asked_for() -> None:
    endpointer = Endpointer(Thresholds(), 16_000)
    started = [
        index for index in range(6) if endpointer.push(index * WINDOW, WINDOW, 0.9, start_ms=128)
    ]
    assert started == [3]


def test_a_short_pause_is_told_and_taken_back() -> None:
    events = run(Endpointer(Thresholds(), 16_000), [0.9] * 4 + [0.1] * 6 + [0.9] * 4)
    assert events == [SpeechStarted(0), SpeechPaused(4 * WINDOW), SpeechResumed(10 * WINDOW)]


def test_between_the_thresholds_nothing_changes() -> None:
    assert run(Endpointer(Thresholds(), 16_000), [0.9] * 4 + [0.4] * 40) == [SpeechStarted(0)]


def test_push_to_talk_ends_only_by_force() -> None:
    endpointer = Endpointer(Thresholds(), 16_000)
    endpointer.manual = True
    events = run(endpointer, [0.9] * 4 + [0.0] * 60)
    assert events == [SpeechStarted(0), SpeechPaused(4 * WINDOW)]
    assert endpointer.force() == [SpeechOver(4 * WINDOW)]
    assert endpointer.force() == []


def test_endless_speech_is_called_over_and_a_next_turn_opens() -> None:
    events = run(Endpointer(Thresholds(max_turn_ms=320), 16_000), [0.9] * 14)
    assert events == [SpeechStarted(0), SpeechOver(10 * WINDOW), SpeechStarted(10 * WINDOW)]


@given(st.lists(st.sampled_from([0.0, 0.4, 1.0]), max_size=120))
def test_events_alternate_and_their_samples_never_go_back(probabilities: list[float]) -> None:
    endpointer = Endpointer(Thresholds(max_turn_ms=1_000), 16_000)
    follows = {
        None: {SpeechStarted},
        SpeechStarted: {SpeechPaused, SpeechOver},
        SpeechPaused: {SpeechResumed, SpeechOver},
        SpeechResumed: {SpeechPaused, SpeechOver},
        SpeechOver: {SpeechStarted},
    }
    last, at = None, 0
    for event in run(endpointer, probabilities):
        assert type(event) in follows[last]
        assert event.at >= at
        last, at = type(event), event.at
    assert endpointer.in_turn == (last not in {None, SpeechOver})
