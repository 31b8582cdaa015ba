"""Places the reply's sound on the microphone's clock, to tell its echo from the player's voice."""

from __future__ import annotations

from collections import deque

import numpy as np
import soxr

from frametalk.core.audio import RECOGNITION_RATE_HZ, Samples, ms_to_samples
from frametalk.core.echo import EchoTest
from frametalk.wire.codec import Media

IS_ECHO = 0.5  # share of a window's energy that the reply explains
COULD_BE_SPEECH = 0.3
QUIET = 104.0  # -50 dB of full scale: softer sound is not an interruption
KEPT_MS = 2_000  # of the reply's sound
# Reports may be some milliseconds off: the reply keeps its place for that. A pause moves it further.
SAME_CLOCK = 30 * RECOGNITION_RATE_HZ // 1000


class EchoGuard:
    """Decides which windows of the microphone are the reply's echo."""

    def __init__(self, reply_rate_hz: int) -> None:
        self._test = EchoTest()
        self._rate_hz = reply_rate_hz
        self._kept = ms_to_samples(KEPT_MS, reply_rate_hz)
        self._frames: deque[Media] = deque()
        self._was_echo = False
        self._anchor: int | None = None  # where the reply's first sample would lie

    def sent(self, frame: Media) -> None:
        """A frame of a reply was sent; a frame of another reply replaces what was kept."""
        if self._frames and self._frames[-1].stream != frame.stream:
            self._frames.clear()
            self._anchor = None
        self._frames.append(frame)
        while frame.sample - self._frames[0].sample > self._kept:
            self._frames.popleft()

    def played(self, stream: int, sample: int, mic_at: int) -> None:
        """`sample` of the reply on `stream` left the loudspeaker at `mic_at` of the recognition clock."""
        if not self._frames or self._frames[-1].stream != stream:
            return
        anchor = mic_at - sample * RECOGNITION_RATE_HZ // self._rate_hz
        if self._anchor is None or abs(anchor - self._anchor) > SAME_CLOCK:
            self._anchor = anchor
        first = max(sample, self._frames[0].sample)
        ahead = [frame.payload for frame in self._frames if frame.sample >= first]
        if ahead:
            at = next(frame.sample for frame in self._frames if frame.sample >= first)
            sound = np.frombuffer(b"".join(ahead), "<i2")
            mic_at = self._anchor + at * RECOGNITION_RATE_HZ // self._rate_hz
            self._test.play(mic_at, self._resampled(sound))

    def stopped(self, stream: int, mic_at: int) -> None:
        """Nothing more of the reply on `stream` leaves the loudspeaker; the next one may be on its way."""
        if self._frames and self._frames[-1].stream != stream:
            if self._anchor is None:
                self._test.stop(mic_at)
            return
        self._frames.clear()
        self._anchor = None
        self._test.stop(mic_at)

    def explains(self, at: int, window: Samples, probability: float) -> bool:
        """Whether this window is echo; `probability` says how likely it is speech. Windows come in order.

        The short silences between the echo's syllables, which a detector still takes for speech, count
        as echo.
        """
        self._test.hear(at, window)
        if probability < COULD_BE_SPEECH or not self._test.sounding:
            self._was_echo = self._was_echo and self._test.sounding
            return self._was_echo
        quiet = float(np.mean(np.square(window.astype(np.float32)))) < QUIET**2
        self._was_echo = self._was_echo if quiet else self._test.explained() >= IS_ECHO
        return self._was_echo

    def _resampled(self, sound: Samples) -> Samples:
        if self._rate_hz == RECOGNITION_RATE_HZ:
            return sound
        resampled: Samples = soxr.resample(sound, self._rate_hz, RECOGNITION_RATE_HZ, quality="LQ")
        return resampled
