"""Speech probabilities -> speech started, paused, resumed, over. All in audio time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from frametalk.core.audio import ms_to_samples
from frametalk.core.events import (
    SpeechLasts,
    SpeechOver,
    SpeechPaused,
    SpeechResumed,
    SpeechSettled,
    SpeechStarted,
)

SpeechEvent = (
    SpeechStarted | SpeechLasts | SpeechPaused | SpeechResumed | SpeechOver | SpeechSettled
)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When a window counts as speech, and how long things must last.

    Between the two probabilities a window counts as what the one before it was. `start_ms` of speech
    open a turn, `lasts_ms` make it longer than a cough. `pause_ms` of silence are a pause worth telling,
    `resume_ms` of speech end it, `hold_ms` of silence end the turn, `max_turn_ms` of turn end it in any
    case. `settle_ms` of silence make whatever follows a new turn.
    """

    speech: float = 0.5
    silence: float = 0.35
    start_ms: float = 64
    lasts_ms: float = 192
    pause_ms: float = 64
    resume_ms: float = 64
    hold_ms: float = 480
    settle_ms: float = 1_500
    max_turn_ms: float = 60_000


class _Phase(Enum):
    QUIET = auto()
    SPEECH = auto()
    PAUSE = auto()
    SETTLING = auto()  # the turn is over, and what comes soon may still belong to it


class Endpointer:
    """Follows one microphone stream, window by window.

    A turn opens after `start_ms` of speech (the caller may ask for more while a reply is made or heard),
    and is over after `hold_ms` of silence, or at once by `force`. The caller changes `hold_ms` as it
    learns how finished the turn sounds; with `held` silence does not end it, nor with `manual`
    (push-to-talk).
    """

    def __init__(self, thresholds: Thresholds, rate_hz: int) -> None:
        self._t = thresholds
        self._rate_hz = rate_hz
        self._phase = _Phase.QUIET
        self._speech = False
        self._run_start = 0  # where the present run of speech windows began
        self._turn_start = 0
        self._speech_end = 0  # first sample after the last speech window
        self._lasted = False
        self.manual = False
        self.held = False
        self.hold_ms = thresholds.hold_ms

    @property
    def in_turn(self) -> bool:
        """Whether a turn is open."""
        return self._phase in {_Phase.SPEECH, _Phase.PAUSE}

    @property
    def paused(self) -> bool:
        """Whether the player is silent in an open turn."""
        return self._phase is _Phase.PAUSE

    def push(
        self, at: int, length: int, probability: float, start_ms: float | None = None
    ) -> list[SpeechEvent]:
        """Take the window `at .. at + length`; return what it brings about."""
        was_speech, end = self._speech, at + length
        if probability >= self._t.speech:
            self._speech = True
        elif probability < self._t.silence:
            self._speech = False
        if self._speech and not was_speech:
            self._run_start = at
        if self.in_turn:
            return self._open_turn(end)
        return self._quiet(end, self._t.start_ms if start_ms is None else start_ms)

    def _quiet(self, end: int, start_ms: float) -> list[SpeechEvent]:
        if self._speech and end - self._run_start >= self._samples(start_ms):
            self._phase = _Phase.SPEECH
            self._turn_start = self._run_start
            self._speech_end = end
            self._lasted = self.held = False
            self.hold_ms = self._t.hold_ms
            return [SpeechStarted(self._run_start)]
        silence = end - self._speech_end
        if self._phase is _Phase.SETTLING and silence >= self._samples(self._t.settle_ms):
            self._phase = _Phase.QUIET
            return [SpeechSettled()]
        return []

    def _open_turn(self, end: int) -> list[SpeechEvent]:
        events: list[SpeechEvent] = []
        if self._phase is _Phase.SPEECH:
            events += self._speaking(end)
        elif self._speech and end - self._run_start >= self._samples(self._t.resume_ms):
            self._phase = _Phase.SPEECH
            self._speech_end = end
            events.append(SpeechResumed(self._run_start))
        too_long = end - self._turn_start >= self._samples(self._t.max_turn_ms)
        if too_long:
            return [*events, *self.force()]
        waits = self.manual or self.held or self._speech
        if not waits and end - self._speech_end >= self._samples(self.hold_ms):
            self._phase, self._speech = _Phase.SETTLING, False
            events.append(SpeechOver(self._speech_end))
        return events

    def _speaking(self, end: int) -> list[SpeechEvent]:
        if self._speech:
            self._speech_end = end
            if self._lasted or end - self._turn_start < self._samples(self._t.lasts_ms):
                return []
            self._lasted = True
            return [SpeechLasts()]
        if end - self._speech_end < self._samples(self._t.pause_ms):
            return []
        self._phase = _Phase.PAUSE
        return [SpeechPaused(self._speech_end)]

    def force(self) -> list[SpeechEvent]:
        """End the open turn now, if there is one."""
        if not self.in_turn:
            return []
        self.reset()
        return [SpeechOver(self._speech_end, forced=True)]

    def reset(self) -> None:
        """Forget the open turn; speech that goes on opens the next one."""
        self._phase = _Phase.QUIET
        self._speech = False

    def _samples(self, ms: float) -> int:
        return ms_to_samples(ms, self._rate_hz)
