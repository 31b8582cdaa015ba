"""Speech probabilities in, speech events out, in 32 ms windows of 16 kHz sound."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from frametalk.config import TurnSettings
from frametalk.core.endpointing import Endpointer, SpeechEvent
from frametalk.core.events import (
    ContinuationExpired,
    SpeechEnded,
    SpeechPaused,
    SpeechResumed,
    SpeechStarted,
    SpeechSustained,
)

WINDOW = 512


def run(endpointer: Endpointer, probabilities: list[float], first: int = 0) -> list[SpeechEvent]:
    """Push one window per probability; return the events but SpeechSustained."""
    return [
        event
        for index, probability in enumerate(probabilities, first)
        for event in endpointer.push(index * WINDOW, WINDOW, probability)
        if not isinstance(event, SpeechSustained)
    ]


def test_a_turn_starts_where_its_speech_began_and_ends_after_the_endpoint_delay() -> None:
    events = run(Endpointer(TurnSettings(pause_ms=64), 16_000), [0.0] * 5 + [0.9] * 10 + [0.0] * 20)
    assert events == [
        SpeechStarted(5 * WINDOW),
        SpeechPaused(15 * WINDOW),
        SpeechEnded(15 * WINDOW),
    ]


def test_a_click_does_not_start_a_turn() -> None:
    assert run(Endpointer(TurnSettings(pause_ms=64), 16_000), [0.0, 0.9, 0.0, 0.9, 0.0] * 10) == []


def test_the_caller_may_require_more_speech_to_start_a_turn() -> None:
    endpointer = Endpointer(TurnSettings(pause_ms=64), 16_000)
    started = [
        index
        for index in range(6)
        if SpeechStarted(0) in endpointer.push(index * WINDOW, WINDOW, 0.9, start_ms=128)
    ]
    assert started == [3]


def test_speech_after_a_short_pause_resumes_the_turn() -> None:
    events = run(Endpointer(TurnSettings(pause_ms=64), 16_000), [0.9] * 4 + [0.1] * 6 + [0.9] * 4)
    assert events == [SpeechStarted(0), SpeechPaused(4 * WINDOW), SpeechResumed(10 * WINDOW)]


def test_a_click_does_not_end_or_lengthen_a_pause() -> None:
    events = run(
        Endpointer(TurnSettings(pause_ms=64, endpoint_delay_ms=480), 16_000),
        [0.9] * 4 + [0.0] * 6 + [0.9] + [0.0] * 8,
    )
    assert events == [SpeechStarted(0), SpeechPaused(4 * WINDOW), SpeechEnded(4 * WINDOW)]


def test_the_endpoint_delay_may_change_during_the_pause() -> None:
    endpointer = Endpointer(TurnSettings(pause_ms=64), 16_000)
    run(endpointer, [0.9] * 4 + [0.0] * 3)
    endpointer.endpoint_delay_ms = 128
    assert run(endpointer, [0.0], first=7) == [SpeechEnded(4 * WINDOW)]


def test_speech_longer_than_a_cough_is_sustained_once() -> None:
    endpointer = Endpointer(TurnSettings(pause_ms=64), 16_000)
    sustained = [
        index
        for index in range(20)
        if SpeechSustained() in endpointer.push(index * WINDOW, WINDOW, 1.0)
    ]
    assert sustained == [5]


def test_a_turn_that_is_held_ends_only_by_force() -> None:
    endpointer = Endpointer(TurnSettings(pause_ms=64), 16_000)
    run(endpointer, [0.9] * 4)
    endpointer.held = True
    assert run(endpointer, [0.0] * 60, first=4) == [SpeechPaused(4 * WINDOW)]
    assert endpointer.force() == [SpeechEnded(4 * WINDOW, forced=True)]


def test_the_continuation_expires_some_time_after_the_turn() -> None:
    endpointer = Endpointer(TurnSettings(pause_ms=64, continuation_ms=960), 16_000)
    events = run(endpointer, [0.9] * 4 + [0.0] * 60)
    assert events[-2:] == [SpeechEnded(4 * WINDOW), ContinuationExpired()]
    assert endpointer.push(64 * WINDOW, WINDOW, 0.9) == []


def test_between_the_thresholds_nothing_changes() -> None:
    settings = TurnSettings(pause_ms=64, silence_probability=0.35)
    assert run(Endpointer(settings, 16_000), [0.9] * 4 + [0.4] * 40) == [SpeechStarted(0)]


def test_push_to_talk_ends_only_by_force() -> None:
    endpointer = Endpointer(TurnSettings(pause_ms=64), 16_000)
    endpointer.manual = True
    events = run(endpointer, [0.9] * 4 + [0.0] * 60)
    assert events == [SpeechStarted(0), SpeechPaused(4 * WINDOW)]
    assert endpointer.force() == [SpeechEnded(4 * WINDOW, forced=True)]
    assert endpointer.force() == []


def test_a_turn_of_the_maximum_length_ends_and_speech_opens_the_next() -> None:
    events = run(Endpointer(TurnSettings(pause_ms=64, max_turn_ms=320), 16_000), [0.9] * 14)
    ended = SpeechEnded(10 * WINDOW, forced=True)
    assert events == [SpeechStarted(0), ended, SpeechStarted(10 * WINDOW)]


@given(st.lists(st.sampled_from([0.0, 0.4, 1.0]), max_size=120))
def test_events_alternate_and_their_samples_never_decrease(probabilities: list[float]) -> None:
    endpointer = Endpointer(TurnSettings(pause_ms=64, max_turn_ms=1_000), 16_000)
    follows = {
        None: {SpeechStarted},
        SpeechStarted: {SpeechPaused, SpeechEnded},
        SpeechPaused: {SpeechResumed, SpeechEnded},
        SpeechResumed: {SpeechPaused, SpeechEnded},
        SpeechEnded: {SpeechStarted, ContinuationExpired},
        ContinuationExpired: {SpeechStarted},
    }
    last, at = None, 0
    for event in run(endpointer, probabilities):
        assert type(event) in follows[last]
        last = type(event)
        if not isinstance(event, ContinuationExpired):
            assert event.at >= at
            at = event.at
    assert endpointer.in_turn == (last not in {None, SpeechEnded, ContinuationExpired})
