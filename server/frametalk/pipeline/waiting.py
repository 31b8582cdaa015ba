"""When the player's turns begin and end: endpointing, and the patience that this player needs."""

from __future__ import annotations

from collections.abc import Callable

from frametalk.config import TurnSettings
from frametalk.core.audio import samples_to_ms
from frametalk.core.endpointing import Endpointer, SpeechEvent, Thresholds
from frametalk.core.events import Event, SpeechOver, SpeechPaused, SpeechResumed, SpeechStarted
from frametalk.core.finished import Finished, Patience, Waits

RATE_HZ = 16_000


class Waiting:
    """Follows one player's speech, window by window, on the recognition clock.

    `emit` takes what it brings about; `now` gives the server's seconds. `start_ms` is the speech needed
    to open a turn, None is the settings' own. `over_s`: when the newest turn was called over.
    """

    def __init__(
        self, settings: TurnSettings, emit: Callable[[Event], None], now: Callable[[], float]
    ) -> None:
        self.start_ms: float | None = None
        self.over_s = 0.0
        self._endpointer = Endpointer(_thresholds(settings), RATE_HZ)
        self._patience = Patience(_waits(settings))
        self._emit = emit
        self._now = now
        self._kind = self._over_kind = Finished.OPEN
        self._turn_at = self._paused_at = self._over_at = self._heard = 0

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
        """What was being said cannot be completed."""
        self._endpointer.reset()

    def force(self) -> None:
        """The open turn is over, whatever the silence says."""
        for event in self._endpointer.force():
            self._note(event)

    def hold(self) -> None:
        """Silence does not end the open turn."""
        self._endpointer.held = True

    def forget(self) -> None:
        """The turn is none. After a pause, speech that follows opens another one."""
        if self._endpointer.paused:
            self._endpointer.reset()

    def expect(self, kind: Finished) -> None:
        """What was said sounds like this: wait accordingly."""
        self._kind = kind
        self._endpointer.hold_ms = self._patience.wait_ms(kind)

    def went_on(self) -> None:
        """The turn that was called over goes on: this player pauses so long."""
        pause_ms = samples_to_ms(self._turn_at - self._over_at, RATE_HZ)
        self._patience.amend(self._over_kind, pause_ms)

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
        return samples_to_ms(max(0, end - self._turn_at), RATE_HZ)

    def _note(self, event: SpeechEvent) -> None:
        """Learn how long this player pauses, then tell the conversation."""
        if isinstance(event, SpeechStarted):
            self._turn_at, self._kind = event.at, Finished.OPEN
        elif isinstance(event, SpeechPaused):
            self._paused_at = event.at
        elif isinstance(event, SpeechResumed):
            self._patience.note(self._kind, samples_to_ms(event.at - self._paused_at, RATE_HZ))
        elif isinstance(event, SpeechOver):
            self._over_at, self._over_kind, self.over_s = event.at, self._kind, self._now()
            self._patience.note(self._kind, 0)
        self._emit(event)


def _thresholds(settings: TurnSettings) -> Thresholds:
    return Thresholds(
        speech=settings.speech_probability,
        silence=settings.silence_probability,
        start_ms=settings.start_ms,
        lasts_ms=settings.lasts_ms,
        pause_ms=settings.pause_ms,
        hold_ms=settings.hold_ms,
        settle_ms=settings.merge_ms,
        max_turn_ms=settings.max_turn_ms,
    )


def _waits(settings: TurnSettings) -> Waits:
    return Waits(
        complete_ms=settings.hold_complete_ms,
        open_ms=settings.hold_ms,
        unfinished_ms=settings.hold_unfinished_ms,
        longest_ms=settings.hold_longest_ms,
    )
