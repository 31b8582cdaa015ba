"""The virtual speaker's arithmetic for one reply: when each sample leaves."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from frametalk.core.audio import AUDIBLE, Samples, first_audible, ms_to_samples
from frametalk.headless.tape import Tape
from frametalk.headless.volume import DUCK_GAIN, FADE_MS, ChangedBy, Times, Volume, VolumeChange

PRIME_MS = 40  # sound collected before the first sample leaves
_ABOVE_DUCK = DUCK_GAIN * 1.01


class Stretch(NamedTuple):
    """Samples `first` up to `end` of a reply left the speaker without a gap, beginning at `at_s`."""

    at_s: float
    first: int
    end: int


class Playback:
    """One reply's sound and its clock. All times are arguments, in seconds, and never go back.

    Playing starts once `PRIME_MS` of sound, or all of the reply, is there, and uses samples up in real
    time. The clock stands while no sound is left and while the reply is paused. After `cut` nothing more
    leaves. `volume` is the gain over time; a fade-out plays a little beyond the sample at which the
    clock stands.
    """

    def __init__(self, reply: int, rate_hz: int) -> None:
        self.reply = reply
        self.rate_hz = rate_hz
        self.pcm = Tape()
        self.volume = Volume()
        self.played = 0  # samples that left
        self.underruns = 0
        self.stretches: list[Stretch] = []
        self.arrived_s: float | None = None
        self.started_s: float | None = None
        self.done_s: float | None = None  # nothing leaves after that
        self.was_cut = False
        self.paused = False
        self._total: int | None = None
        self._onset: int | None = None  # first audible sample
        self._running: tuple[float, int] | None = None  # since which time, from which sample
        self._faded: set[int] = set()  # stretches that ended in a fade
        self._prime = ms_to_samples(PRIME_MS, rate_hz)

    @property
    def available(self) -> int:
        """Samples that have come."""
        return len(self.pcm)

    # ---- what comes ------------------------------------------------------------------------------

    def feed(self, at_s: float, pcm: Samples) -> None:
        """Take the next samples; those after the end or a cut are ignored."""
        self.advance(at_s)
        if self.done_s is not None or self._total is not None:
            return
        if self.arrived_s is None:
            self.arrived_s = at_s
        if self._onset is None and (loud := first_audible(pcm)) is not None:
            self._onset = self.available + loud
        self.pcm.append(pcm)
        if self.started_s is not None or self.available >= self._prime:
            self._run(at_s)

    def end(self, at_s: float, samples: int) -> None:
        """The reply is `samples` long."""
        self.advance(at_s)
        if self.done_s is not None:
            return
        self._total = samples
        self._run(at_s)
        self._finish_if_complete(at_s)

    def cut(self, at_s: float) -> None:
        """Stop at once and for good."""
        self.advance(at_s)
        if self.done_s is None:
            self.done_s = at_s
            self.was_cut = True
            self.volume.stop(at_s)
            self._stop(self.played, faded=True)

    def _run(self, at_s: float) -> None:
        if self._running is None and self.available > self.played and not self.paused:
            self._running = (at_s, self.played)
            if self.started_s is None:
                self.started_s = at_s

    # ---- how loud --------------------------------------------------------------------------------

    def lower(self, at_s: float, by: ChangedBy) -> None:
        """Play at duck level; a paused reply resumes at that level."""
        if self._may_change(at_s):
            self.volume.lower(at_s, by)
            self._go_on(at_s)

    def pause(self, at_s: float, by: ChangedBy = "server") -> None:
        """Fade out and stop the clock; this does not count as an underrun."""
        if self._may_change(at_s) and not self.paused:
            self.volume.pause(at_s, by)
            self.paused = True
            self._stop(self.played, faded=True)

    def resume(self, at_s: float, by: ChangedBy = "server") -> None:
        """Play at full volume; a paused reply resumes where its clock stands."""
        if self._may_change(at_s):
            self.volume.raise_(at_s, by)
            self._go_on(at_s)

    @property
    def changes(self) -> list[VolumeChange]:
        """When it was lowered, paused and raised, and by whom."""
        return self.volume.changes

    def _may_change(self, at_s: float) -> bool:
        self.advance(at_s)
        return self.done_s is None

    def _go_on(self, at_s: float) -> None:
        if self.paused:
            self.paused = False
            ended = self._total is not None
            if ended or self.started_s is not None or self.available >= self._prime:
                self._run(at_s)

    # ---- what leaves -----------------------------------------------------------------------------

    def advance(self, now_s: float) -> int:
        """Let time pass; return how many samples have left."""
        if self._running is not None:
            since_s, first = self._running
            # The margin keeps a sample that is due at this instant from being rounded off.
            due = first + math.floor((now_s - since_s) * self.rate_hz + 1e-6)
            self.played = max(self.played, min(due, self.available))
            ended = self._total is not None
            if due > self.available or (ended and due == self.available):
                dry_s = since_s + (self.available - first) / self.rate_hz
                self._stop(self.available)
                self._finish_if_complete(dry_s)
                self.underruns += self.done_s is None
        return self.played

    def _stop(self, end: int, *, faded: bool = False) -> None:
        if self._running is not None and end > self._running[1]:
            if faded:
                self._faded.add(len(self.stretches))
            self.stretches.append(Stretch(*self._running, end))
        self._running = None

    def _finish_if_complete(self, at_s: float) -> None:
        if self._total is not None and self.played >= self._total and self.done_s is None:
            self.done_s = at_s

    @property
    def running(self) -> bool:
        """Whether samples leave, as of the last `advance`."""
        return self._running is not None

    @property
    def complete(self) -> bool:
        """Whether all sound has come."""
        return self._total is not None

    @property
    def buffered(self) -> int:
        """Samples that came and have not left."""
        return 0 if self.done_s is not None else self.available - self.played

    @property
    def ends_s(self) -> float | None:
        """When the last sample will have left; None while the reply's start or end is unknown."""
        if self._running is None or self._total is None:
            return None
        since_s, first = self._running
        return since_s + (self.available - first) / self.rate_hz

    # ---- afterwards ------------------------------------------------------------------------------

    def time_of(self, sample: int) -> float | None:
        """When `sample` left the speaker; None if it has not left."""
        running = [] if self._running is None else [Stretch(*self._running, self.played)]
        for at_s, first, end in (*self.stretches, *running):
            if first <= sample < end:
                return at_s + (sample - first) / self.rate_hz
        return None

    @property
    def audible_s(self) -> float | None:
        """When the first audible sample left; None if none has left."""
        return None if self._onset is None else self.time_of(self._onset)

    @property
    def last_audible_s(self) -> float | None:
        """When the last sample left that was audible and above duck level; None if there was none."""
        for piece in reversed(self.pieces(self.played)):
            pcm, at_s = self.pcm.read(piece.first, piece.end), self._times(piece)
            gains = self.volume.gains(at_s)
            loud = np.flatnonzero((np.abs(pcm * gains) >= AUDIBLE) & (gains > _ABOVE_DUCK))
            if len(loud):
                return float(at_s[loud[-1]])
        return None

    def pieces(self, running_to: int) -> list[Stretch]:
        """What left the speaker, with fade-outs. A stretch that still plays ends at sample `running_to`."""
        ends = [stretch.at_s for stretch in self.stretches[1:]]  # each fade ends by then
        ends.append(math.inf if self._running is None else self._running[0])
        fade = ms_to_samples(FADE_MS, self.rate_hz)
        pieces = []
        for index, stretch in enumerate(self.stretches):
            at_s, first, end = stretch
            if index not in self._faded:
                pieces.append(stretch)
                continue
            room = min((ends[index] - at_s) * self.rate_hz, end - first + fade)
            pieces.append(Stretch(at_s, first, min(first + round(room), self.available)))
        if self._running is not None and running_to > self._running[1]:
            pieces.append(Stretch(*self._running, running_to))
        return pieces

    def sound(self) -> list[tuple[float, Samples]]:
        """What was heard: pieces of sound at their real volume, and when each began."""
        return [
            (
                piece.at_s,
                (self.pcm.read(piece.first, piece.end) * self.volume.gains(self._times(piece)))
                .round()
                .astype(np.int16),
            )
            for piece in self.pieces(self.played)
        ]

    def _times(self, piece: Stretch) -> Times:
        return piece.at_s + np.arange(piece.end - piece.first) / self.rate_hz
