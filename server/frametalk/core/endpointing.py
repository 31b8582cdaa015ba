"""Speech probabilities -> speech started, sustained, paused, resumed, ended. All in audio time."""

from __future__ import annotations

from enum import Enum, auto
from typing import Protocol

from frametalk.core.audio import ms_to_samples
from frametalk.core.events import (
    ContinuationExpired,
    SpeechEnded,
    SpeechPaused,
    SpeechResumed,
    SpeechStarted,
    SpeechSustained,
)

SpeechEvent = (
    SpeechStarted
    | SpeechSustained
    | SpeechPaused
    | SpeechResumed
    | SpeechEnded
    | ContinuationExpired
)


RESUME_MS = 64.0  # speech that ends a pause


class EndpointSettings(Protocol):
    """When a window counts as speech, and which silence ends what. `config.TurnSettings` is one."""

    @property
    def speech_probability(self) -> float:
        """At or above: speech. Between this and `silence_probability` a window counts like the last one."""

    @property
    def silence_probability(self) -> float:
        """Below: silence."""

    @property
    def start_ms(self) -> float:
        """Speech that starts a turn."""

    @property
    def pause_reply_ms(self) -> float:
        """Speech that is longer than a cough."""

    @property
    def pause_ms(self) -> float:
        """Silence that counts as a pause."""

    @property
    def endpoint_delay_ms(self) -> float:
        """Silence that ends a turn, until the caller sets another delay."""

    @property
    def continuation_ms(self) -> float:
        """Silence after which further speech is a new turn."""

    @property
    def max_turn_ms(self) -> float:
        """The length at which a turn ends in any case."""


class _Phase(Enum):
    QUIET = auto()
    SPEECH = auto()
    PAUSE = auto()
    ENDED = auto()  # speech soon after it continues the turn


class Endpointer:
    """Follows one microphone stream, window by window.

    A turn opens after `start_ms` of speech (the caller may ask for more while a reply is made or heard)
    and ends after `endpoint_delay_ms` of silence, or at once by `force`. The caller changes
    `endpoint_delay_ms` as it learns how complete the turn sounds. While `held` or `manual`
    (push-to-talk) is set, silence does not end the turn.
    """

    def __init__(self, settings: EndpointSettings, rate_hz: int) -> None:
        self._settings = settings
        self._rate_hz = rate_hz
        self._phase = _Phase.QUIET
        self._speech = False
        self._run_start = 0  # where the current run of speech windows began
        self._turn_start = 0
        self._speech_end = 0  # first sample after the last speech window
        self._sustained = False
        self.manual = False
        self.held = False
        self.endpoint_delay_ms = settings.endpoint_delay_ms

    @property
    def in_turn(self) -> bool:
        """Whether a turn is open."""
        # Asked for each frame, and the hash of an enum's member is slow.
        return self._phase is _Phase.SPEECH or self._phase is _Phase.PAUSE

    @property
    def paused(self) -> bool:
        """Whether the player is silent in an open turn."""
        return self._phase is _Phase.PAUSE

    def push(
        self, at: int, length: int, probability: float, start_ms: float | None = None
    ) -> list[SpeechEvent]:
        """Take the window `at .. at + length`; return the events that it causes."""
        was_speech, end = self._speech, at + length
        if probability >= self._settings.speech_probability:
            self._speech = True
        elif probability < self._settings.silence_probability:
            self._speech = False
        if self._speech and not was_speech:
            self._run_start = at
        if self.in_turn:
            return self._open_turn(end)
        return self._quiet(end, self._settings.start_ms if start_ms is None else start_ms)

    def _quiet(self, end: int, start_ms: float) -> list[SpeechEvent]:
        if self._speech and end - self._run_start >= self._samples(start_ms):
            self._phase = _Phase.SPEECH
            self._turn_start = self._run_start
            self._speech_end = end
            self._sustained = self.held = False
            self.endpoint_delay_ms = self._settings.endpoint_delay_ms
            return [SpeechStarted(self._run_start)]
        silence = end - self._speech_end
        if self._phase is _Phase.ENDED and silence >= self._samples(self._settings.continuation_ms):
            self._phase = _Phase.QUIET
            return [ContinuationExpired()]
        return []

    def _open_turn(self, end: int) -> list[SpeechEvent]:
        events: list[SpeechEvent] = []
        if self._phase is _Phase.SPEECH:
            events += self._speaking(end)
        elif self._speech and end - self._run_start >= self._samples(RESUME_MS):
            self._phase = _Phase.SPEECH
            self._speech_end = end
            events.append(SpeechResumed(self._run_start))
        too_long = end - self._turn_start >= self._samples(self._settings.max_turn_ms)
        if too_long:
            return [*events, *self.force()]
        stays_open = self.manual or self.held or self._speech
        if not stays_open and end - self._speech_end >= self._samples(self.endpoint_delay_ms):
            self._phase, self._speech = _Phase.ENDED, False
            events.append(SpeechEnded(self._speech_end))
        return events

    def _speaking(self, end: int) -> list[SpeechEvent]:
        if self._speech:
            self._speech_end = end
            if self._sustained or end - self._turn_start < self._samples(
                self._settings.pause_reply_ms
            ):
                return []
            self._sustained = True
            return [SpeechSustained()]
        if end - self._speech_end < self._samples(self._settings.pause_ms):
            return []
        self._phase = _Phase.PAUSE
        return [SpeechPaused(self._speech_end)]

    def force(self) -> list[SpeechEvent]:
        """End the open turn now, if there is one."""
        if not self.in_turn:
            return []
        self.reset()
        return [SpeechEnded(self._speech_end, forced=True)]

    def reset(self) -> None:
        """Close the open turn without an event; speech that continues opens the next one."""
        self._phase = _Phase.QUIET
        self._speech = False

    def _samples(self, ms: float) -> int:
        return ms_to_samples(ms, self._rate_hz)
