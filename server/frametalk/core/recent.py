"""The newest sound of a microphone in one ring, its windows, and when it came."""

from __future__ import annotations

from collections import deque

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
        self._arrivals: deque[tuple[int, float]] = deque(maxlen=ARRIVALS)  # (end of it, when)

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
        self._note_arrival(len(samples), arrived_s)
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
        for end, arrived_s in self._arrivals:
            if end >= sample:
                return arrived_s
        return None

    def _note_arrival(self, count: int, arrived_s: float) -> None:
        arrivals = self._arrivals
        joins = len(arrivals) > 1 and self.end - arrivals[-2][0] <= JOINED_SAMPLES
        if joins or (len(arrivals) == 1 and self.end - self._start <= JOINED_SAMPLES):
            arrivals.pop()
        arrivals.append((self.end, arrived_s))
