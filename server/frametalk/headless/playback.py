"""The virtual speaker's arithmetic for one reply: when which sample leaves, exact to the sample."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from frametalk.core.audio import Samples, first_audible, ms_to_samples

PRIME_MS = 40  # sound collected before the first sample leaves
FADE_MS = 10


class Stretch(NamedTuple):
    """Samples `first` up to `end` of a reply left the speaker without a gap, from `at_s` on."""

    at_s: float
    first: int
    end: int


class Playback:
    """One reply's sound and its playout clock. All times are arguments, in seconds, never going back.

    Playing starts when `PRIME_MS` are there, or the reply's end; it consumes samples in real time;
    when it runs dry the reply's clock stands until more sound comes. After `cut` nothing more leaves.
    """

    def __init__(self, reply: int, rate_hz: int) -> None:
        self.reply = reply
        self.rate_hz = rate_hz
        self.played = 0  # samples that have left
        self.available = 0  # samples that have come
        self.underruns = 0
        self.stretches: list[Stretch] = []
        self.arrived_s: float | None = None
        self.started_s: float | None = None
        self.done_s: float | None = None  # nothing leaves from then on
        self.was_cut = False
        self._total: int | None = None
        self._onset: int | None = None  # first audible sample
        self._pcm: list[Samples] = []
        self._running: tuple[float, int] | None = None  # since when, from which sample
        self._prime = ms_to_samples(PRIME_MS, rate_hz)

    # ---- what comes ------------------------------------------------------------------------------

    def feed(self, at_s: float, pcm: Samples) -> None:
        """The next samples came; what comes after the end or a cut is dropped."""
        self.advance(at_s)
        if self.done_s is not None or self._total is not None:
            return
        if self.arrived_s is None:
            self.arrived_s = at_s
        if self._onset is None and (loud := first_audible(pcm)) is not None:
            self._onset = self.available + loud
        self._pcm.append(pcm)
        self.available += len(pcm)
        if self.started_s is not None or self.available >= self._prime:
            self._run(at_s)

    def end(self, at_s: float, samples: int) -> None:
        """The reply is `samples` long."""
        self.advance(at_s)
        if self.done_s is not None:
            return
        self._total = samples
        self._run(at_s)
        self._finish_if_over(at_s)

    def cut(self, at_s: float) -> None:
        """Stop at once and forget what waits."""
        self.advance(at_s)
        if self.done_s is None:
            self.done_s = at_s
            self.was_cut = True
            self._stop(self.played)

    def _run(self, at_s: float) -> None:
        if self._running is None and self.available > self.played:
            self._running = (at_s, self.played)
            if self.started_s is None:
                self.started_s = at_s

    # ---- what leaves -----------------------------------------------------------------------------

    def advance(self, now_s: float) -> int:
        """Let time pass; how many samples have left by now."""
        if self._running is not None:
            since_s, first = self._running
            # The margin keeps a sample that is due at this very instant from rounding away.
            due = first + math.floor((now_s - since_s) * self.rate_hz + 1e-6)
            self.played = max(self.played, min(due, self.available))
            ended = self._total is not None
            if due > self.available or (ended and due == self.available):
                dry_s = since_s + (self.available - first) / self.rate_hz
                self._stop(self.available)
                self._finish_if_over(dry_s)
                self.underruns += self.done_s is None
        return self.played

    def _stop(self, end: int) -> None:
        if self._running is not None and end > self._running[1]:
            self.stretches.append(Stretch(*self._running, end))
        self._running = None

    def _finish_if_over(self, at_s: float) -> None:
        if self._total is not None and self.played >= self._total and self.done_s is None:
            self.done_s = at_s

    @property
    def buffered(self) -> int:
        """Samples that came and wait."""
        return 0 if self.done_s is not None else self.available - self.played

    @property
    def ends_s(self) -> float | None:
        """When the last sample will have left; None while the reply's end or its start is unknown."""
        if self._running is None or self._total is None:
            return None
        since_s, first = self._running
        return since_s + (self.available - first) / self.rate_hz

    # ---- afterwards ------------------------------------------------------------------------------

    def time_of(self, sample: int) -> float | None:
        """When `sample` left the speaker; None if it has not."""
        running = [] if self._running is None else [Stretch(*self._running, self.played)]
        for at_s, first, end in (*self.stretches, *running):
            if first <= sample < end:
                return at_s + (sample - first) / self.rate_hz
        return None

    @property
    def audible_s(self) -> float | None:
        """When the first audible sample left; None if none has."""
        return None if self._onset is None else self.time_of(self._onset)

    def sound(self) -> list[tuple[float, Samples]]:
        """What was really heard: pieces of sound and when each began, a cut one with its fade."""
        pcm = np.concatenate(self._pcm) if self._pcm else np.empty(0, np.int16)
        pieces = [(at_s, pcm[first:end]) for at_s, first, end in self.stretches]
        if self.was_cut and pieces and self.stretches[-1].end == self.played:
            at_s, piece = pieces[-1]
            tail = pcm[self.played : self.played + ms_to_samples(FADE_MS, self.rate_hz)]
            fade = np.linspace(1, 0, len(tail), endpoint=False)
            pieces[-1] = (at_s, np.concatenate((piece, (tail * fade).astype(np.int16))))
        return pieces
