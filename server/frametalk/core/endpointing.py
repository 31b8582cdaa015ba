"""Speech probabilities -> speech started, paused, resumed, over. All in audio time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from frametalk.core.audio import ms_to_samples
from frametalk.core.events import SpeechOver, SpeechPaused, SpeechResumed, SpeechStarted

SpeechEvent = SpeechStarted | SpeechPaused | SpeechResumed | SpeechOver


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When a window counts as speech, and how long things must last.

    Between the two probabilities a window counts as what the one before it was. `pause_ms` of silence
    is a pause worth telling, `hold_ms` ends the turn, `max_turn_ms` of turn ends it in any case.
    """

    speech: float = 0.5
    silence: float = 0.35
    start_ms: float = 64
    pause_ms: float = 96
    hold_ms: float = 480
    max_turn_ms: float = 60_000


class _Phase(Enum):
    QUIET = auto()
    SPEECH = auto()
    PAUSE = auto()


class Endpointer:
    """Follows one microphone stream, window by window.

    A turn opens after `start_ms` of speech (the caller may ask for more while a reply is heard), and
    is over after `hold_ms` of silence, or at once by `force`. With `manual` (push-to-talk) silence
    does not end it.
    """

    def __init__(self, thresholds: Thresholds, rate_hz: int) -> None:
        self._t = thresholds
        self._rate_hz = rate_hz
        self._phase = _Phase.QUIET
        self._speech = False
        self._run_start = 0  # where the present run of speech windows began
        self._turn_start = 0
        self._speech_end = 0  # first sample after the last speech window
        self.manual = False

    @property
    def in_turn(self) -> bool:
        """Whether a turn is open."""
        return self._phase is not _Phase.QUIET

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
        if self._speech:
            self._speech_end = end
        if self._phase is _Phase.QUIET:
            return self._quiet(end, self._t.start_ms if start_ms is None else start_ms)
        return self._open_turn(end)

    def _quiet(self, end: int, start_ms: float) -> list[SpeechEvent]:
        if not self._speech or end - self._run_start < self._samples(start_ms):
            return []
        self._phase = _Phase.SPEECH
        self._turn_start = self._run_start
        return [SpeechStarted(self._run_start)]

    def _open_turn(self, end: int) -> list[SpeechEvent]:
        events: list[SpeechEvent] = []
        silence = end - self._speech_end
        if self._speech and self._phase is _Phase.PAUSE:
            self._phase = _Phase.SPEECH
            events.append(SpeechResumed(self._run_start))
        elif self._phase is _Phase.SPEECH and silence >= self._samples(self._t.pause_ms):
            self._phase = _Phase.PAUSE
            events.append(SpeechPaused(self._speech_end))
        too_long = end - self._turn_start >= self._samples(self._t.max_turn_ms)
        silent = silence >= self._samples(self._t.hold_ms) and not self.manual
        if too_long or silent:
            events.extend(self.force())
        return events

    def force(self) -> list[SpeechEvent]:
        """End the open turn now, if there is one."""
        if self._phase is _Phase.QUIET:
            return []
        self.reset()
        return [SpeechOver(self._speech_end)]

    def reset(self) -> None:
        """Forget the open turn; speech that goes on opens the next one."""
        self._phase = _Phase.QUIET
        self._speech = False

    def _samples(self, ms: float) -> int:
        return ms_to_samples(ms, self._rate_hz)
