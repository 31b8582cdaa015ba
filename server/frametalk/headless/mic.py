"""The virtual microphone: always open, 20 ms frames in real time, speech where the player speaks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from frametalk.core.audio import Samples, ms_to_samples
from frametalk.headless.clock import Clock, us
from frametalk.wire.codec import Media, MediaKind
from frametalk.wire.messages import MicStart, MicStop

RATE_HZ = 16_000
FRAME_MS = 20
STREAM = 1


@dataclass(slots=True, eq=False)
class Sound:
    """A sound in front of the microphone, on the microphone's clock from `start` up to `end`."""

    samples: Samples
    start: int
    over: asyncio.Event = field(default_factory=asyncio.Event)  # its last sample was sent

    @property
    def end(self) -> int:
        return self.start + len(self.samples)


class Microphone:
    """Sends the sample clock's frames, each when its last sample has been captured.

    Frame n is due at a fixed distance from the start, so waiting too long never accumulates; a frame
    that leaves more than one frame's length after it was due counts as late.
    """

    def __init__(
        self, send_media: Callable[[Media], None], clock: Clock, *, rate_hz: int = RATE_HZ
    ) -> None:
        self.rate_hz = rate_hz
        self.sent = 0  # samples
        self.late_frames = 0
        self.worst_late_ms = 0.0
        self.sounds: list[Sound] = []  # all that was ever played into it
        self._send_media = send_media
        self._clock = clock
        self._frame = ms_to_samples(FRAME_MS, rate_hz)
        self._silence = bytes(2 * self._frame)
        self._waiting: list[Sound] = []
        self._seq = 0
        self.started_s = clock.now_s()

    def start(self) -> MicStart:
        """Begin the sample clock; the message that says so."""
        self.started_s = self._clock.now_s()
        return MicStart(stream=STREAM, rate_hz=self.rate_hz, t_us=us(self.started_s))

    def stop(self) -> MicStop:
        """The message that ends the stream."""
        return MicStop(stream=STREAM, at=self.sent)

    async def run(self) -> None:
        """Send frames until cancelled."""
        while True:
            due_s = self.time_of(self.sent + self._frame)
            await self._clock.until(due_s)
            late_ms = (self._clock.now_s() - due_s) * 1000
            self.worst_late_ms = max(self.worst_late_ms, late_ms)
            self.late_frames += late_ms > FRAME_MS
            self._send_frame()

    def sample_at(self, at_s: float) -> int:
        """The clock's reading at a time: samples captured so far."""
        return max(0, int((at_s - self.started_s) * self.rate_hz))

    def time_of(self, sample: int) -> float:
        """When the clock reads `sample`, in seconds."""
        return self.started_s + sample / self.rate_hz

    def play(self, samples: Samples, *, at_s: float | None = None) -> Sound:
        """Play a sound in front of it from `at_s` on (default: now). Sounds that overlap are mixed."""
        at_s = self._clock.now_s() if at_s is None else at_s
        sound = Sound(samples, max(self.sample_at(at_s), self.sent))
        self.sounds.append(sound)
        self._waiting.append(sound)
        return sound

    def _send_frame(self) -> None:
        start, self.sent = self.sent, self.sent + self._frame
        payload = self._mixed(start).tobytes() if self._waiting else self._silence
        self._send_media(Media(MediaKind.PCM16, STREAM, self._seq, start, payload))
        self._seq = (self._seq + 1) % 2**32
        for sound in [sound for sound in self._waiting if sound.end <= self.sent]:
            self._waiting.remove(sound)
            sound.over.set()

    def _mixed(self, start: int) -> Samples:
        mix: npt.NDArray[np.int32] = np.zeros(self._frame, np.int32)
        for sound in self._waiting:
            first = max(sound.start, start)
            last = min(sound.end, start + self._frame)
            if first < last:
                piece = sound.samples[first - sound.start : last - sound.start]
                mix[first - start : last - start] += piece
        return np.clip(mix, -32_768, 32_767).astype("<i2")
