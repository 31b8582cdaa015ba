"""Keeps the character from hearing itself: the reply's sound on the microphone's clock."""

from __future__ import annotations

from collections import deque

import numpy as np
import soxr

from frametalk.core.audio import Samples, ms_to_samples
from frametalk.core.echo import EchoTest
from frametalk.wire.codec import Media

RATE_HZ = 16_000
IS_ECHO = 0.6  # share of a window's energy that the reply explains
COULD_BE_SPEECH = 0.2  # windows less likely to be speech need no answer
KEPT_MS = 2_000  # of the reply's sound


class EchoGuard:
    """Tells windows of the microphone that are the reply's echo from the player's voice."""

    def __init__(self, reply_rate_hz: int) -> None:
        self._test = EchoTest()
        self._rate_hz = reply_rate_hz
        self._kept = ms_to_samples(KEPT_MS, reply_rate_hz)
        self._frames: deque[Media] = deque()

    def sent(self, frame: Media) -> None:
        """The next frame of a reply went out; one of another reply replaces what was kept."""
        if self._frames and self._frames[-1].stream != frame.stream:
            self._frames.clear()
        self._frames.append(frame)
        while frame.sample - self._frames[0].sample > self._kept:
            self._frames.popleft()

    def played(self, stream: int, sample: int, mic_at: int) -> None:
        """`sample` of the reply on `stream` left the loudspeaker at `mic_at` of the recognition clock."""
        if not self._frames or self._frames[-1].stream != stream:
            return
        sound = np.frombuffer(b"".join(frame.payload for frame in self._frames), "<i2")
        first = self._frames[0].sample
        skipped = max(0, sample - first)
        early = min(0, sample - first) * RATE_HZ // self._rate_hz
        if skipped < len(sound):
            self._test.play(mic_at - early, self._converted(sound[skipped:]))

    def stopped(self, mic_at: int) -> None:
        """Nothing more leaves the loudspeaker."""
        self._frames.clear()
        self._test.stop(mic_at)

    def explains(self, at: int, window: Samples, probability: float) -> bool:
        """Whether this window is echo. Windows come in order."""
        if not self._test.sounding:
            return False
        share = self._test.explained(at, window)
        return probability >= COULD_BE_SPEECH and share >= IS_ECHO

    def _converted(self, sound: Samples) -> Samples:
        if self._rate_hz == RATE_HZ:
            return sound
        converted: Samples = soxr.resample(sound, self._rate_hz, RATE_HZ, quality="LQ")
        return converted
