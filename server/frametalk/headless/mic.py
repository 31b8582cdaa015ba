"""The virtual microphone: frames in real time, speech where the player speaks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import soxr

from frametalk.core.audio import RECOGNITION_RATE_HZ, Samples, ms_to_samples
from frametalk.headless.clock import Clock
from frametalk.wire.codec import Media, MediaKind
from frametalk.wire.messages import Codec, MicMode, MicStart, MicStop

FRAME_MS = 20  # until the server says how long they should be
STREAM = 1


@dataclass(slots=True, eq=False)
class Sound:
    """A sound played into the microphone, from `start` up to `end` on its clock."""

    samples: Samples
    start: int
    done: asyncio.Event = field(
        default_factory=asyncio.Event
    )  # its last sample was sent, or none will be

    @property
    def end(self) -> int:
        return self.start + len(self.samples)


class Microphone:
    """Sends frames while it is open, each when its last sample has been captured.

    Frame n is due at a fixed time after the start, so delays do not accumulate. A frame that leaves more
    than one frame's length after it was due counts as late. The clock goes on while the microphone is
    closed; each stream counts from `opened_at`. `background`, if set, gives what else the microphone
    picks up in samples `first` up to `end`; `before_frame` is called before each frame.
    """

    def __init__(
        self,
        send_media: Callable[[Media], None],
        clock: Clock,
        *,
        rate_hz: int = RECOGNITION_RATE_HZ,
    ) -> None:
        self.rate_hz = rate_hz
        self.codec: Codec = "pcm16"  # on the wire; frames are PCM16 here
        self.sent = 0  # samples captured in whole frames; sent if the microphone was open
        self.opened_at: int | None = None  # None: closed
        self.late_frames = 0
        self.worst_late_ms = 0.0
        self.sounds: list[Sound] = []  # all that were played into it
        self.background: Callable[[int, int], npt.NDArray[np.float64]] | None = None
        self.before_frame: Callable[[], None] | None = None
        self._send_media = send_media
        self._clock = clock
        self.frame_ms: float = FRAME_MS  # from the next frame on
        self._waiting: list[Sound] = []
        self._ended = False
        self._seq = 0
        self.started_s = clock.now_s()

    def start(self, mode: MicMode = "open") -> MicStart:
        """Open it with the next frame; return the message that says so."""
        if self.sent == 0:
            self.started_s = self._clock.now_s()
        self.opened_at, self._seq = self.sent, 0
        return MicStart(stream=STREAM, rate_hz=self.rate_hz, codec=self.codec, mode=mode)

    def stop(self) -> MicStop:
        """Close it; return the message that ends the stream. Must be open."""
        assert self.opened_at is not None  # noqa: S101  (a caller's mistake)
        at, self.opened_at = self.sent - self.opened_at, None
        return MicStop(stream=STREAM, at=at)

    async def run(self) -> None:
        """Capture frames until cancelled."""
        try:
            while True:
                frame = ms_to_samples(self.frame_ms, self.rate_hz)
                due_s = self.time_of(self.sent + frame)
                await self._clock.until(due_s)
                late_ms = (self._clock.now_s() - due_s) * 1000
                self.worst_late_ms = max(self.worst_late_ms, late_ms)
                self.late_frames += late_ms > self.frame_ms
                self._capture(frame)
        finally:
            self._ended = True
            for sound in self._waiting:
                sound.done.set()

    def sample_at(self, at_s: float) -> int:
        """The clock at a time: samples captured so far."""
        return max(0, int((at_s - self.started_s) * self.rate_hz))

    def stream_sample_at(self, at_s: float) -> int | None:
        """The same on the open stream's clock; None while the microphone is closed."""
        return None if self.opened_at is None else max(0, self.sample_at(at_s) - self.opened_at)

    def time_of(self, sample: int) -> float:
        """The time in seconds at which the clock reads `sample`."""
        return self.started_s + sample / self.rate_hz

    def play(self, samples: Samples, *, at_s: float | None = None) -> Sound:
        """Play a sound at 16 kHz into it from `at_s` on (default: now). Sounds that overlap are mixed."""
        if self.rate_hz != RECOGNITION_RATE_HZ:
            samples = soxr.resample(samples, RECOGNITION_RATE_HZ, self.rate_hz)
        at_s = self._clock.now_s() if at_s is None else at_s
        sound = Sound(samples, max(self.sample_at(at_s), self.sent))
        self.sounds.append(sound)
        if self._ended:
            sound.done.set()
        else:
            self._waiting.append(sound)
        return sound

    def _capture(self, frame: int) -> None:
        if self.before_frame is not None:
            self.before_frame()
        start, self.sent = self.sent, self.sent + frame
        if self.opened_at is not None:
            is_silent = not self._waiting and self.background is None
            payload = bytes(2 * frame) if is_silent else self._mixed(start).tobytes()
            sample = start - self.opened_at
            self._send_media(Media(MediaKind.PCM16, STREAM, self._seq, sample, payload))
            self._seq = (self._seq + 1) % 2**32
        for sound in [sound for sound in self._waiting if sound.end <= self.sent]:
            self._waiting.remove(sound)
            sound.done.set()

    def _mixed(self, start: int) -> Samples:
        end = self.sent
        mix = np.zeros(end - start) if self.background is None else self.background(start, end)
        for sound in self._waiting:
            first, last = max(sound.start, start), min(sound.end, end)
            if first < last:
                piece = sound.samples[first - sound.start : last - sound.start]
                mix[first - start : last - start] += piece
        return np.clip(np.round(mix), -32_768, 32_767).astype("<i2")
