"""The microphone of one session: media -> recognition rate -> voice activity, endpoints, recogniser."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial

import numpy as np
import soxr

from frametalk.adapters.base import RecogniserStream, Vad
from frametalk.context import SessionContext
from frametalk.core.audio import RECOGNITION_RATE_HZ, Samples, ms_to_samples
from frametalk.core.events import SpeechLost
from frametalk.core.recent import RecentSound
from frametalk.errors import FrametalkError, Stage
from frametalk.pipeline.echo import EchoGuard
from frametalk.pipeline.endpoints import Endpoints
from frametalk.pipeline.frame_watch import FrameWatch
from frametalk.wire.codec import Media, MediaKind
from frametalk.wire.messages import Codec, MicStart, MicStop, Played
from frametalk.wire.opus import RATE_HZ as OPUS_RATE_HZ

log = logging.getLogger(__name__)

MIC_RATES_HZ = (16_000, 48_000, 44_100, 32_000, 24_000, 22_050, 8_000, 96_000)  # the usual ones
LOWEST_RATE_HZ, HIGHEST_RATE_HZ = 8_000, 192_000
MAX_GAP_MS = 1_000  # a longer jump in the microphone's clock ends the open turn
RECENT_SAMPLES = 2 * RECOGNITION_RATE_HZ  # for a recogniser that starts late
JUDGED_SAMPLES = 8 * RECOGNITION_RATE_HZ  # what a turn detector may hear of a turn


@dataclass(slots=True)
class _Stream:
    """The open microphone stream. Clocks count samples since `mic.start`."""

    id: int
    rate_hz: int
    resampler: soxr.ResampleStream | None
    recent: RecentSound  # at the recognition rate
    next_sample: int = 0  # at the microphone's rate


@dataclass(frozen=True, slots=True)
class KeptMicrophone:
    """The open stream as it outlives a server that restarts."""

    start: MicStart
    next_sample: int
    heard: int


class Microphone:
    """Takes one session's microphone frames. Everything here runs on the event loop and never waits.

    Frames are PCM16, whichever of `codecs` the client uses: the link decodes them.
    A recogniser's stream can be attached to it. Sound that `echo` explains does not count as speech.
    `keeps_turns`: a turn detector may ask for the sound of a turn.
    """

    def __init__(
        self,
        context: SessionContext,
        vad: Vad,
        endpoints: Endpoints,
        echo: EchoGuard | None = None,
        codecs: tuple[Codec, ...] = ("pcm16",),
        *,
        keeps_turns: bool = False,
    ) -> None:
        self._context = context
        self._vad = vad.open()
        self._window_samples = vad.window_samples
        self._endpoints = endpoints
        self._echo = echo
        self._codecs = codecs
        self._preroll = ms_to_samples(context.settings.turns.preroll_ms, RECOGNITION_RATE_HZ)
        self._stream: _Stream | None = None
        self._start: MicStart | None = None  # that opened it
        self._attached: RecogniserStream | None = None
        self._unknown: int | None = None  # the stream that was last refused as not open
        self._kept = JUDGED_SAMPLES if keeps_turns else RECENT_SAMPLES + self._preroll
        self._judged_to = 0  # windows up to here are judged
        self._sound: RecentSound | None = None  # of the newest stream, open or not
        self._watch = FrameWatch(context, endpoints)

    def close(self) -> None:
        """Stop the timer, and judge no more sound."""
        self._watch.close()
        self._vad.reset()

    def kept(self) -> KeptMicrophone | None:
        """What to restore elsewhere; None while no stream is open."""
        if self._stream is None or self._start is None:
            return None
        return KeptMicrophone(self._start, self._stream.next_sample, self.heard)

    def restore(self, kept: KeptMicrophone) -> None:
        """Go on with a stream that another server has heard so far."""
        self.start(kept.start)
        assert self._stream is not None  # noqa: S101  (it was opened)
        self._stream.next_sample = kept.next_sample
        self._stream.recent = self._recent(kept.heard)

    def skip_to(self, sample: int) -> None:
        """The sound before this sample of the open stream is lost."""
        if self._stream is not None:
            self._vad.settle()
            self._stream.next_sample = sample
            heard = sample * RECOGNITION_RATE_HZ // self._stream.rate_hz
            self._stream.recent = self._recent(heard)

    @property
    def may_hear_itself(self) -> bool:
        """Whether the reply may come back through the microphone."""
        return self._echo is not None

    # ---- what the client sends -------------------------------------------------------------------

    def start(self, message: MicStart) -> None:
        """Open a microphone stream; it replaces one that is open."""
        if message.codec not in self._codecs:
            raise _mic_error(
                "mic_codec",
                f"codec {message.codec} is not served",
                f"use one of: {', '.join(self._codecs)}",
            )
        if message.codec == "opus" and message.rate_hz != OPUS_RATE_HZ:
            raise _mic_error(
                "mic_rate",
                f"{message.rate_hz} Hz is not served with opus",
                f"with opus the clock counts {OPUS_RATE_HZ} Hz",
            )
        if not LOWEST_RATE_HZ <= message.rate_hz <= HIGHEST_RATE_HZ:
            raise _mic_error(
                "mic_rate",
                f"{message.rate_hz} Hz is not served",
                f"use a rate from {LOWEST_RATE_HZ} to {HIGHEST_RATE_HZ} Hz",
            )
        if self._stream is not None:
            self._stream = None
            self._context.emit(SpeechLost())
        self._unknown = None
        resampler = None
        if message.rate_hz != RECOGNITION_RATE_HZ:
            resampler = soxr.ResampleStream(
                message.rate_hz, RECOGNITION_RATE_HZ, 1, "int16", quality="LQ"
            )
        self._stream = _Stream(message.stream, message.rate_hz, resampler, self._recent(0))
        self._start = message
        self._endpoints.begin(manual=message.mode == "ptt")
        self._vad.reset()
        log.debug("microphone stream %d opened: %d Hz", message.stream, message.rate_hz)

    def stop(self, message: MicStop) -> None:
        """Close the stream: this ends the open turn."""
        if self._stream is None or self._stream.id != message.stream:
            raise _mic_error(
                "mic_stream_unknown", f"stream {message.stream} is not open", "send mic.start"
            )
        if self._stream.resampler is not None:
            self._take(self._stream.resampler.resample_chunk(np.empty(0, np.int16), last=True))
        self._vad.settle()
        self._stream = None
        self._endpoints.force()
        log.debug("microphone stream %d closed", message.stream)

    def feed(self, frame: Media) -> None:
        """Take a frame. A gap of up to a second is filled with silence, an overlap of up to a second is
        dropped; after a longer jump the clock continues from there.

        Raises FrametalkError for a stream that is not open (once, not for each of its frames), for
        another codec, for sound that comes too fast and is dropped (once), and for a gap or overlap (the
        sound itself is taken as far as it fits).
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
        if not self._watch.frame(len(frame.payload) / 2 / stream.rate_hz):
            return
        samples = np.frombuffer(frame.payload, dtype="<i2")
        gap = frame.sample - stream.next_sample
        if gap:
            samples = self._bridge_gap(stream, frame.sample, samples)
        stream.next_sample += len(samples)
        if stream.resampler is not None:
            samples = stream.resampler.resample_chunk(samples)
        if self._context.record.takes_sound:
            self._context.record.sound(samples.tobytes())
        self._take(samples)
        if gap:
            raise _mic_error(
                "mic_sequence",
                f"sample {frame.sample} came where {frame.sample - gap} was due",
                "send frames in order, each beginning where the one before ended",
            )

    def _bridge_gap(self, stream: _Stream, at: int, samples: Samples) -> Samples:
        gap = at - stream.next_sample
        # A jump in either direction: one wrong number must not silence all frames that follow it.
        if abs(gap) > ms_to_samples(MAX_GAP_MS, stream.rate_hz):
            self._vad.settle()
            stream.next_sample = at
            stream.recent = self._recent(at * RECOGNITION_RATE_HZ // stream.rate_hz)
            self._endpoints.reset()
            self._context.emit(SpeechLost())
            return samples
        if gap < 0:
            return samples[min(-gap, len(samples)) :]
        return np.concatenate((np.zeros(gap, np.int16), samples))

    def _recent(self, start: int) -> RecentSound:
        self._judged_to = start
        self._sound = RecentSound(self._kept, self._window_samples, start)
        return self._sound

    def _take(self, samples: Samples) -> None:
        """Sound at the recognition rate: to the recogniser if one is attached, and through the VAD."""
        stream = self._stream
        if stream is None or not len(samples):
            return
        recent, arrived_s = stream.recent, self._context.now()
        for begin in range(0, len(samples), recent.room):
            piece = samples[begin : begin + recent.room]
            if recent.end + len(piece) - self._judged_to > recent.room:
                self._vad.settle()
            windows = recent.write(piece, arrived_s)
            if self._attached is not None:
                self._attached.feed(piece.tobytes())
            for at, window in windows:
                self._vad.submit(window, partial(self._judged, at, window))

    def _judged(self, at: int, window: Samples, probability: float) -> None:
        """The window at sample `at` is speech with this probability."""
        self._judged_to = at + len(window)
        try:
            if self._echo is not None and self._echo.explains(at, window, probability):
                probability = 0.0
            self._endpoints.push(at, len(window), probability)
        except FrametalkError as error:
            error.ref = error.ref or "media"
            self._context.report(error)
        except Exception as error:  # noqa: BLE001  (other sessions' windows follow)
            self._context.tasks.fail("voice activity", error)

    # ---- the recogniser --------------------------------------------------------------------------

    def first_sample(self, at: int) -> int:
        """Where a recognition begins for speech that begins at `at`: shortly before, as far as kept."""
        first = at - self._preroll
        return max(first, self._sound.oldest) if self._sound else first

    def attach(self, stream: RecogniserStream, first: int) -> None:
        """Feed `stream` with the sound from sample `first` on, in place of the one before."""
        self._attached = stream
        if self._sound is not None and first < self._sound.end:
            stream.feed(self._sound.since(first).tobytes())

    def detach(self) -> None:
        """Feed no stream any more."""
        self._attached = None

    @property
    def heard(self) -> int:
        """The end of the sound that came, on the recognition clock."""
        return self._stream.recent.end if self._stream else 0

    def turn_sound(self) -> Samples:
        """The sound of the present turn, at most the newest 8 s of it."""
        if self._sound is None:
            return np.empty(0, np.int16)
        return self._sound.since(self._endpoints.turn_at)

    # ---- the reply's echo ------------------------------------------------------------------------

    def reply_sent(self, frame: Media) -> None:
        """A frame of a reply was sent: its echo may come."""
        if self._echo is not None and frame.payload:
            self._echo.sent(frame)

    def reply_played(self, stream: int, report: Played) -> None:
        """The client reports playback of the reply on `stream`: this dates its echo."""
        if self._echo is None or report.mic_sample is None:
            return
        at = report.mic_sample * RECOGNITION_RATE_HZ // self.rate_hz
        if report.done:
            self._echo.stopped(stream, at)
        else:
            self._echo.played(stream, report.sample, at)

    # ---- clocks ----------------------------------------------------------------------------------

    @property
    def rate_hz(self) -> int:
        """The microphone's own rate, or the recognition rate while no stream is open."""
        return self._stream.rate_hz if self._stream else RECOGNITION_RATE_HZ

    def arrived_at(self, sample: int) -> float | None:
        """When the sound just before `sample` (recognition clock) reached the server, in seconds."""
        return self._sound.arrived_s(sample) if self._sound else None


def _mic_error(code: str, text: str, remedy: str) -> FrametalkError:
    return FrametalkError(code, text, stage=Stage.HEAR, remedy=remedy)
