"""The newest sound of a microphone in one ring, its windows, and when it came."""

from __future__ import annotations

from array import array

import numpy as np

from frametalk.core.audio import Samples

ARRIVALS = 200  # of the newest sound
JOINED_SAMPLES = 160  # sound that came in pieces no longer than this together has one arrival


class RecentSound:
    """Keeps at least the newest `samples` of a stream whose next sample is number `start`.

    Windows of `window` samples are views of the ring: they hold until `room` more samples were written.
    """

    def __init__(self, samples: int, window: int, start: int = 0) -> None:
        # A whole number of windows: none of them wraps around.
        self._ring = np.zeros(-(-samples // window) * window, np.int16)
        self._window = window
        self._start = start
        self.end = start
        # The newest arrivals: where their sound ends, and when it came. Objects would take 22 KB.
        self._ends = array("q", bytes(8 * ARRIVALS))
        self._times_s = array("d", bytes(8 * ARRIVALS))
        self._arrivals = 0  # so far

    @property
    def room(self) -> int:
        """How many samples may be written in one go."""
        return len(self._ring) - self._window

    @property
    def oldest(self) -> int:
        """The first sample that is kept."""
        return max(self._start, self.end - len(self._ring))

    def write(self, samples: Samples, arrived_s: float) -> list[tuple[int, Samples]]:
        """Take sound, at most `room` samples. Returns each full window with its first sample's number."""
        begun = self.end - (self.end - self._start) % self._window
        at = (self.end - self._start) % len(self._ring)
        first = min(len(samples), len(self._ring) - at)
        self._ring[at : at + first] = samples[:first]
        self._ring[: len(samples) - first] = samples[first:]
        self.end += len(samples)
        self._note_arrival(arrived_s)
        windows = []
        for number in range(begun, self.end - self._window + 1, self._window):
            at = (number - self._start) % len(self._ring)
            windows.append((number, self._ring[at : at + self._window]))
        return windows

    def since(self, first: int) -> Samples:
        """A copy of the sound from sample `first` on, as far as it is kept."""
        first = min(max(first, self.oldest), self.end)
        at = (first - self._start) % len(self._ring)
        count = self.end - first
        head = self._ring[at : at + count]
        return np.concatenate((head, self._ring[: count - len(head)]))

    def arrived_s(self, sample: int) -> float | None:
        """When the sound just before `sample` came, or the oldest that is known; None before it came."""
        for number in range(max(0, self._arrivals - ARRIVALS), self._arrivals):
            if self._ends[number % ARRIVALS] >= sample:
                return self._times_s[number % ARRIVALS]
        return None

    def _note_arrival(self, arrived_s: float) -> None:
        before = self._ends[(self._arrivals - 2) % ARRIVALS] if self._arrivals > 1 else self._start
        if not self._arrivals or self.end - before > JOINED_SAMPLES:
            self._arrivals += 1
        newest = (self._arrivals - 1) % ARRIVALS
        self._ends[newest], self._times_s[newest] = self.end, arrived_s
