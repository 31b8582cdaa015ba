"""One microphone stream out of frames that come over the WebSocket and over a peer connection."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from frametalk.core.audio import ms_to_samples
from frametalk.errors import FrametalkError, Stage, WireError
from frametalk.transports.opus import OpusDecoder
from frametalk.transports.sent import end_of
from frametalk.transports.webrtc.in_order import InOrder
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, MediaKind
from frametalk.wire.opus import PRE_SKIP

MAX_GAP_MS = 1_000.0  # the microphone takes a longer jump as a new beginning
MAX_AGAIN_MS = 30_000.0  # more than any client keeps to send again
EARLY_FRAMES = 150  # that wait for `rtc.mic`: 3 s
EARLY_BYTES = 256 * 1024


class MicRoutes:
    """Joins the ways without overlap, as PCM16.

    `end` is one past the newest sample; None: no stream is open. `report` gets what is wrong with a frame
    of the data channel.
    """

    def __init__(self, report: Callable[[FrametalkError], None]) -> None:
        self._report = report
        self._kind = MediaKind.PCM16
        self._decoder: OpusDecoder | None = None  # of the data channel's frames
        self.end: int | None = None
        self.via: m.MicRoute | None = None  # None: the WebSocket
        self._stream = -1
        self._rate_hz = 0
        self._moved = False  # this stream was on the peer connection
        self._order: InOrder[Media] = InOrder()
        self._early: deque[Media] = deque(maxlen=EARLY_FRAMES)
        self._seq = 0
        self._newest = -1  # the highest `seq` of the stream

    @property
    def rate_hz(self) -> int:
        """The rate of the open stream."""
        return self._rate_hz

    @property
    def lost(self) -> int:
        """How many gaps were filled with silence since the microphone moved."""
        return self._order.lost

    def start(self, message: m.MicStart) -> None:
        """A stream was opened; it comes over the WebSocket."""
        self.end, self.via, self._moved = 0, None, False
        self._kind = MediaKind.OPUS if message.codec == "opus" else MediaKind.PCM16
        self._stream, self._rate_hz, self._newest = message.stream, message.rate_hz, -1

    def stop(self) -> None:
        """The stream was closed."""
        self.end = self.via = None

    def move(self, message: m.RtcMic) -> list[Media]:
        """The stream comes over the peer connection from now on; returns what has come before its time.

        Raises FrametalkError `mic_stream_unknown`.
        """
        if self.end is None or message.stream != self._stream:
            raise FrametalkError(
                "mic_stream_unknown",
                f"stream {message.stream} is not open",
                stage=Stage.HEAR,
                remedy="send mic.start first",
            )
        self.via, self._moved = message.via, True
        # A client whose count is wrong must not stop the clock for good.
        longest = ms_to_samples(MAX_GAP_MS, self._rate_hz)
        at = message.at if 0 <= message.at - self.end <= longest else self.end
        self._order = InOrder(at)
        self._decoder = OpusDecoder() if self._kind is MediaKind.OPUS else None
        early, self._early = list(self._early), deque(maxlen=EARLY_FRAMES)
        return [each for frame in early for each in self.channel(frame)]

    # ---- the ways --------------------------------------------------------------------------------

    def websocket(self, frame: Media) -> list[Media]:
        """A frame of the WebSocket: the stream is there again."""
        if self.end is None or frame.stream != self._stream:
            return [frame]
        self._newest = max(self._newest, frame.seq)
        self.via = None  # what waits for a missing frame comes again too
        if not self._moved:
            self.end = end_of(frame)
            return [frame]
        again = self.end - frame.sample
        if 0 < again <= ms_to_samples(MAX_AGAIN_MS, self._rate_hz):
            rest = _without(frame, again)
            return [] if rest is None else self._take(rest)
        return self._take(frame)

    def channel(self, frame: Media) -> list[Media]:
        """A frame of the data channel."""
        if self.via != "channel":
            self._keep(frame)
            return []
        if frame.stream != self._stream or not frame.payload:
            return []
        if frame.kind is not self._kind:
            raise FrametalkError(
                "mic_codec",
                f"the stream was opened as {self._kind.name.lower()}",
                stage=Stage.HEAR,
                remedy=f"send media kind {self._kind.value}",
            )
        if self._jumps_back(frame):
            self._order = InOrder(frame.sample)
        self._newest = max(self._newest, frame.seq)
        due = self._order.put(frame.sample, end_of(frame), frame)
        return self._taken([sound for each in due for sound in self._decoded(each)])

    def track(self, at: int, pcm: bytes) -> list[Media]:
        """Sound of the track, which is in order: PCM16 at the stream's rate, from sample `at` on."""
        if self.via != "track" or self.end is None:
            return []
        pcm = pcm[2 * max(0, -at) :]
        if not pcm:
            return []
        frame = Media(MediaKind.PCM16, self._stream, self._seq, max(0, at), pcm)
        self._seq = (self._seq + 1) % 2**32
        return self._taken([frame])

    def _decoded(self, frame: Media) -> list[Media]:
        """The frame as PCM16; none if it is no Opus, and silence takes its place."""
        if self._decoder is None:
            return [frame]
        try:
            sound = self._decoder.decode(frame.payload)
        except WireError as error:
            self._report(error)
            return []
        if frame.sample == 0:
            sound = sound[2 * PRE_SKIP :]
        return [Media(MediaKind.PCM16, frame.stream, frame.seq, frame.sample, sound, frame.flags)]

    def _jumps_back(self, frame: Media) -> bool:
        """Whether the client counts anew, rather than that the frame was long under way."""
        behind = (self._order.next or 0) - frame.sample
        return frame.seq > self._newest and behind > ms_to_samples(MAX_GAP_MS, self._rate_hz)

    # ---- helpers ---------------------------------------------------------------------------------

    def _keep(self, frame: Media) -> None:
        self._early.append(frame)
        while sum(len(early.payload) for early in self._early) > EARLY_BYTES:
            self._early.popleft()

    def _taken(self, frames: list[Media]) -> list[Media]:
        return [each for frame in frames for each in self._take(frame)]

    def _take(self, frame: Media) -> list[Media]:
        """The frame behind what was taken; silence in place of what is missing between them."""
        assert self.end is not None  # noqa: S101  (a stream is open)
        missing = frame.sample - self.end
        longest = ms_to_samples(MAX_GAP_MS, self._rate_hz)
        if -longest <= missing < 0 and self.via is not None:
            rest = _without(frame, -missing)
            if rest is None:
                return []
            frame, missing = rest, 0
        begin, self.end = self.end, end_of(frame)
        if self.via is None or not 0 < missing <= longest:
            return [frame]
        silence = Media(MediaKind.PCM16, frame.stream, frame.seq, begin, bytes(2 * missing))
        return [silence, frame]


def _without(frame: Media, samples: int) -> Media | None:
    """The frame without its first samples; None if it has no more than these."""
    payload = frame.payload[2 * samples :]
    if not payload:
        return None
    return Media(frame.kind, frame.stream, frame.seq, frame.sample + samples, payload, frame.flags)
