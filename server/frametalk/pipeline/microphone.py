"""The hearing stage: microphone media -> recognition rate -> VAD, endpointing and the recogniser."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import soxr

from frametalk.adapters.base import Bias, Hypothesis, Recogniser, RecogniserStream, Vad
from frametalk.config import TurnSettings
from frametalk.core.audio import Rechunker, Samples, ms_to_samples
from frametalk.core.events import Event, SpeechLost
from frametalk.errors import FrametalkError, Stage
from frametalk.pipeline.echo import EchoGuard
from frametalk.pipeline.endpoints import RATE_HZ, Endpoints
from frametalk.wire.codec import Media, MediaKind
from frametalk.wire.messages import MicStart, MicStop, WordHeard

MIC_RATES_HZ = (16_000, 48_000, 44_100, 32_000, 24_000, 22_050, 8_000)
MAX_GAP_MS = 1_000  # a longer jump in the microphone stream ends what was being said
RECENT_SAMPLES = 8 * RATE_HZ  # what a judge of the sound may hear of a turn


@dataclass(slots=True)
class _Stream:
    """The microphone stream that is open. Clocks count samples since `mic.start`."""

    id: int
    rate_hz: int
    resampler: soxr.ResampleStream | None
    rechunker: Rechunker
    next_sample: int = 0  # at the microphone's rate
    heard: int = 0  # at the recognition rate


class Microphone:
    """One session's ear. Everything here runs on the event loop and never waits.

    `emit` takes the conversation's events; `now` gives the server's seconds. `waiting` knows when turns
    begin and end. What `echo` explains is no speech.
    """

    def __init__(
        self,
        vad: Vad,
        recogniser: Recogniser,
        settings: TurnSettings,
        emit: Callable[[Event], None],
        now: Callable[[], float],
        echo: EchoGuard | None = None,
    ) -> None:
        self._vad = vad.open()
        self._window_samples = vad.window_samples
        self._recogniser = recogniser
        self.waiting = Endpoints(settings, emit, now)
        self._preroll = ms_to_samples(settings.preroll_ms, RATE_HZ)
        self._emit = emit
        self._now = now
        self._echo = echo
        self._stream: _Stream | None = None
        self._ear: RecogniserStream | None = None
        self._ear_at = 0
        self._unknown: int | None = None  # the stream that was last found not to be open
        self._recent: deque[tuple[int, Samples, float]] = deque()  # (at, sound, arrived)

    # ---- what the client sends -------------------------------------------------------------------

    def start(self, message: MicStart) -> None:
        """A microphone stream opens; one that is open already is replaced."""
        if message.codec != "pcm16":
            raise _mic_error("mic_codec", f"codec {message.codec} is not served", "send pcm16")
        if message.rate_hz not in MIC_RATES_HZ:
            raise _mic_error(
                "mic_rate",
                f"{message.rate_hz} Hz is not served",
                f"one of {', '.join(map(str, MIC_RATES_HZ))}",
            )
        self._drop_stream()
        self._recent.clear()
        self._unknown = None
        resampler = None
        if message.rate_hz != RATE_HZ:
            resampler = soxr.ResampleStream(message.rate_hz, RATE_HZ, 1, "int16", quality="LQ")
        self._stream = _Stream(
            message.stream, message.rate_hz, resampler, Rechunker(self._window_samples)
        )
        self.waiting.begin(manual=message.mode == "ptt")
        self._vad.reset()

    def stop(self, message: MicStop) -> None:
        """The stream closes: what was being said is complete."""
        if self._stream is None or self._stream.id != message.stream:
            raise _mic_error(
                "mic_stream_unknown", f"stream {message.stream} is not open", "send mic.start"
            )
        if self._stream.resampler is not None:
            self._take(self._stream.resampler.resample_chunk(np.empty(0, np.int16), last=True))
        self._stream = None
        self.waiting.force()

    def feed(self, frame: Media) -> None:
        """Take a frame. Holes of up to a second are filled with silence; what comes late
        by up to a second is dropped. After a longer jump the clock goes on from there.

        Raises FrametalkError for a stream that is not open (once, not for its every frame), for a codec
        that is not its own, and for a hole or overlap (the sound itself is taken as far as it fits).
        """
        stream = self._stream
        if stream is None or frame.stream != stream.id:
            if frame.stream == self._unknown:
                return
            self._unknown = frame.stream
            raise _mic_error(
                "mic_stream_unknown", f"stream {frame.stream} is not open", "send mic.start first"
            )
        if frame.kind != MediaKind.PCM16:
            raise _mic_error("mic_codec", "the stream was opened as pcm16", "send media kind 1")
        samples = np.frombuffer(frame.payload, dtype="<i2")
        hole = frame.sample - stream.next_sample
        if hole:
            samples = self._mend(stream, frame.sample, samples)
        stream.next_sample += len(samples)
        if stream.resampler is not None:
            samples = stream.resampler.resample_chunk(samples)
        self._take(samples)
        if hole:
            raise _mic_error(
                "mic_sequence",
                f"sample {frame.sample} came where {frame.sample - hole} was due",
                "send frames in order, each beginning where the one before ended",
            )

    def _mend(self, stream: _Stream, at: int, samples: Samples) -> Samples:
        hole = at - stream.next_sample
        # Far off in either direction: one wrong number must not make us deaf to all that follow it.
        if abs(hole) > ms_to_samples(MAX_GAP_MS, stream.rate_hz):
            stream.next_sample = at
            stream.heard = at * RATE_HZ // stream.rate_hz
            stream.rechunker = Rechunker(self._window_samples, stream.heard)
            self._recent.clear()
            self.waiting.reset()
            self._emit(SpeechLost())
            return samples
        if hole < 0:
            return samples[min(-hole, len(samples)) :]
        return np.concatenate((np.zeros(hole, np.int16), samples))

    def _take(self, samples: Samples) -> None:
        """Sound at the recognition rate: to the recogniser if it listens, and through the VAD."""
        stream = self._stream
        if stream is None or not len(samples):
            return
        self._recent.append((stream.heard, samples, self._now()))
        stream.heard += len(samples)
        while self._recent and stream.heard - self._recent[0][0] > RECENT_SAMPLES:
            self._recent.popleft()
        if self._ear is not None:
            self._ear.feed(samples.tobytes())
        for at, window in stream.rechunker.feed(samples):
            probability = self._vad.process(window)
            if self._echo is not None and self._echo.explains(at, window, probability):
                probability = 0.0
            self.waiting.push(at, len(window), probability)

    def _drop_stream(self) -> None:
        if self._stream is not None:
            self._stream = None
            self._emit(SpeechLost())

    # ---- what the turn table asks for ------------------------------------------------------------

    def open_ear(self, at: int, bias: Bias, on_partial: Callable[[Hypothesis], None]) -> None:
        """Listen from shortly before sample `at` on, expecting the words of `bias`."""
        self.cancel_ear()
        oldest = self._recent[0][0] if self._recent else at
        first = max(oldest, at - self._preroll)
        self._ear_at = first
        ear = self._ear = self._recogniser.open(bias, on_partial)
        for start, samples, _arrived in self._recent:
            if start + len(samples) > first:
                ear.feed(samples[max(0, first - start) :].tobytes())

    def take_ear(self) -> RecogniserStream | None:
        """Hand over the open ear; no more sound goes to it."""
        ear, self._ear = self._ear, None
        return ear

    @property
    def ear(self) -> RecogniserStream | None:
        """The open ear."""
        return self._ear

    def cancel_ear(self) -> None:
        """Forget what is being heard."""
        if self._ear is not None:
            self._ear.cancel()
            self._ear = None

    def sound(self) -> Samples:
        """The newest sound of the present turn, as far as it is kept."""
        parts = [s for at, s, _arrived in self._recent if at + len(s) > self.waiting.turn_at]
        return np.concatenate(parts) if parts else np.empty(0, np.int16)

    # ---- clocks ----------------------------------------------------------------------------------

    @property
    def mic_rate_hz(self) -> int:
        """The microphone's own rate, or the recognition rate while there is none."""
        return self._stream.rate_hz if self._stream else RATE_HZ

    def arrived_at(self, sample: int) -> float | None:
        """When the sound just before `sample` (recognition clock) reached the server, in seconds."""
        for start, samples, arrived in self._recent:
            if start + len(samples) >= sample:
                return arrived
        return None

    def from_mic(self, sample: int) -> int:
        """The microphone's own sample clock -> recognition clock."""
        return sample * RATE_HZ // self.mic_rate_hz

    def to_mic(self, sample: int) -> int:
        """Recognition clock -> the microphone's own sample clock."""
        return sample * self.mic_rate_hz // RATE_HZ

    def word_clock(self) -> Callable[[Hypothesis], tuple[WordHeard, ...]]:
        """Places words that the present ear hears on the microphone's clock, also after it is gone."""
        rate_hz, first = self.mic_rate_hz, self._ear_at

        def place(hypothesis: Hypothesis) -> tuple[WordHeard, ...]:
            return tuple(
                WordHeard(
                    text=word.text,
                    at=(first + word.at) * rate_hz // RATE_HZ,
                    end=(first + word.end) * rate_hz // RATE_HZ,
                    confidence=min(1.0, max(0.0, word.confidence)),
                )
                for word in hypothesis.words
            )

        return place


def _mic_error(code: str, text: str, remedy: str) -> FrametalkError:
    return FrametalkError(code, text, stage=Stage.HEAR, remedy=remedy)
