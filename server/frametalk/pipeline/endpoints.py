"""Where the player's turns start and end: endpointing, with delays that suit this player."""

from __future__ import annotations

import logging

from frametalk.context import SessionContext
from frametalk.core.audio import RECOGNITION_RATE_HZ, samples_to_ms
from frametalk.core.completeness import Completeness, EndpointDelays
from frametalk.core.endpointing import Endpointer, SpeechEvent
from frametalk.core.events import SpeechEnded, SpeechPaused, SpeechResumed, SpeechStarted

log = logging.getLogger(__name__)


class Endpoints:
    """Follows one player's speech, window by window, on the recognition clock.

    `start_ms` is the speech needed to open a turn, None for the setting. `ended_s`: when the newest turn
    ended.
    """

    def __init__(self, context: SessionContext) -> None:
        settings = context.settings.turns
        self.start_ms: float | None = None
        self.ended_s = 0.0
        self._endpointer = Endpointer(settings, RECOGNITION_RATE_HZ)
        self._delays = EndpointDelays(settings)
        self._context = context
        self._kind = self._ended_kind = Completeness.UNKNOWN
        self._turn_at = self._paused_at = self._ended_at = self._heard = 0
        self._before = 0, Completeness.UNKNOWN  # where the speech before this one ended, and how

    def push(self, at: int, length: int, probability: float) -> None:
        """The next window and how likely it is speech."""
        self._heard = at + length
        for event in self._endpointer.push(at, length, probability, self.start_ms):
            self._note(event)

    def begin(self, *, manual: bool) -> None:
        """A microphone opens; with `manual` (push-to-talk) silence ends no turn."""
        self._endpointer.manual = manual
        self._endpointer.reset()

    def reset(self) -> None:
        """The open turn cannot be completed."""
        self._endpointer.reset()

    def force(self) -> None:
        """End the open turn now."""
        for event in self._endpointer.force():
            self._note(event)

    def hold(self) -> None:
        """Silence does not end the open turn."""
        self._endpointer.held = True

    def cancel(self) -> None:
        """The open turn is cancelled. After a pause, speech that follows opens another one."""
        if self._endpointer.paused:
            self._endpointer.reset()

    def expect(self, kind: Completeness, end_probability: float | None = None) -> None:
        """The turn sounds like this: set the endpoint delay accordingly."""
        delay_ms = self._delays.delay_ms(kind, end_probability)
        if kind is not self._kind or delay_ms != self._endpointer.endpoint_delay_ms:
            sound = "" if end_probability is None else f", an end with {end_probability:.2f}"
            why = f"the turn sounds {kind.name.lower()}{sound}: wait {delay_ms:.0f} ms"
            log.debug(why)
            self._context.diary.decision(why)
        self._kind, self._endpointer.endpoint_delay_ms = kind, delay_ms

    def expect_text(self) -> None:
        """The turn's text is still to come: a silence ends the turn only if it takes very long."""
        longest_ms = self._delays.delay_ms(Completeness.INCOMPLETE)
        self._endpointer.endpoint_delay_ms = max(longest_ms, self._endpointer.endpoint_delay_ms)

    def continued(self) -> None:
        """The player continued a turn that had ended: learn from the length of that pause."""
        ended_at, kind = self._before
        pause_ms = samples_to_ms(self._turn_at - ended_at, RECOGNITION_RATE_HZ)
        log.debug("the player went on after %.0f ms", pause_ms)
        self._context.diary.decision(f"the player went on after {pause_ms:.0f} ms")
        self._delays.correct(kind, pause_ms)

    @property
    def in_turn(self) -> bool:
        """Whether a turn is open."""
        return self._endpointer.in_turn

    @property
    def paused(self) -> bool:
        """Whether the player is silent in an open turn."""
        return self._endpointer.paused

    @property
    def turn_at(self) -> int:
        """Where the present turn, or what continues it, began."""
        return self._turn_at

    @property
    def speech_ms(self) -> float:
        """How long the present turn's speech has lasted."""
        end = self._paused_at if self._endpointer.paused else self._heard
        return samples_to_ms(max(0, end - self._turn_at), RECOGNITION_RATE_HZ)

    def _note(self, event: SpeechEvent) -> None:
        """Learn how long this player pauses, then pass the event on."""
        if isinstance(event, SpeechStarted):
            self._turn_at, self._kind = event.at, Completeness.UNKNOWN
            self._before = self._ended_at, self._ended_kind
        elif isinstance(event, SpeechPaused):
            self._paused_at = event.at
        elif isinstance(event, SpeechResumed):
            self._delays.add(
                self._kind, samples_to_ms(event.at - self._paused_at, RECOGNITION_RATE_HZ)
            )
        elif isinstance(event, SpeechEnded):
            self._ended_at, self._ended_kind, self.ended_s = (
                event.at,
                self._kind,
                self._context.now(),
            )
            self._delays.add(self._kind, 0)
        self._context.emit(event)
