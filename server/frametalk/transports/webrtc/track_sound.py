"""The sound of an Opus track on the microphone's clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from statistics import median_low
from typing import NamedTuple

import numpy as np

from frametalk.core.audio import Samples
from frametalk.errors import FrametalkError, Stage, WireError
from frametalk.transports.opus import OpusDecoder
from frametalk.transports.webrtc.in_order import InOrder
from frametalk.transports.webrtc.mic_routes import MicRoutes
from frametalk.transports.webrtc.resampling import Downsampler
from frametalk.wire.codec import Media
from frametalk.wire.opus import FRAME, PRE_SKIP, RATE_HZ, packet_samples

LONGEST_GAP = RATE_HZ  # samples; a longer jump is a new beginning
EARLY_PACKETS = 100  # that wait for `rtc.mic`: 2 s
BEATS = 32  # of which the offset is the median
RUNNING_PACKETS = 2  # since the beat before: the track carries sound
REPORT_EVERY = 50  # bad packets


class Packet(NamedTuple):
    """One RTP packet: its number, its time in samples at 48 kHz, both unwrapped, and its content."""

    number: int
    at: int
    payload: bytes


class Unwrapped:
    """Counts on where a number of so many bits begins again."""

    def __init__(self, bits: int) -> None:
        self._range = 1 << bits
        self._newest: int | None = None

    def take(self, number: int) -> int:
        """The number nearest to the newest one that has these lower bits."""
        newest = number + self._range if self._newest is None else self._newest
        ahead = (number - newest + self._range // 2) % self._range - self._range // 2
        unwrapped = newest + ahead
        self._newest = max(newest, unwrapped)
        return unwrapped


class TrackSound:
    """Decodes a track, puts silence where something is missing, and converts it to the stream's rate.

    Where the track's clock stands on the microphone's is known from the client's beats: each says how far
    the microphone was when the newest packet came. Without any, the first packet of all is where `move`
    says.
    """

    def __init__(self, routes: MicRoutes, report: Callable[[FrametalkError], None]) -> None:
        self._routes = routes
        self._report = report
        self._numbers, self._times = Unwrapped(16), Unwrapped(32)
        self._early: deque[Packet] = deque(maxlen=EARLY_PACKETS)
        self._order: InOrder[Packet] = InOrder()
        self._decoder = OpusDecoder()
        self._newest_end: int | None = None  # of what came, at 48 kHz on the track's clock
        self._since_beat = 0  # packets
        self._offsets: deque[int] = deque(maxlen=BEATS)
        self._due: int | None = None  # on the track's clock
        self._begun: int | None = None  # the offset with which it began, as far as that is known
        self._converter = Downsampler(RATE_HZ, RATE_HZ)
        self._move_at = 0
        self._at = 0  # of the next converted sample, on the microphone's clock
        self._bad = 0

    def beat(self, mic_sample: int) -> None:
        """The client has given so many samples of the stream to the track; of use while that runs."""
        running, self._since_beat = self._since_beat >= RUNNING_PACKETS, 0
        if running and self._newest_end is not None and self._routes.rate_hz:
            self._offsets.append(self._to_48(mic_sample) - self._newest_end)

    def started(self) -> None:
        """A microphone stream was opened, with a clock of its own."""
        self._offsets.clear()
        self._early.clear()
        self._begun = None

    def move(self, at: int) -> list[Media]:
        """The stream's samples from `at` on come by the track; returns those that are here already."""
        early, self._early = list(self._early), deque(maxlen=EARLY_PACKETS)
        self._order, self._due = InOrder(), None
        self._move_at = at
        self._converter = Downsampler(RATE_HZ, self._routes.rate_hz)
        if (offset := self._offset) is not None:
            first = self._to_48(at) - offset
            early = [packet for packet in early if packet.at + FRAME > first]
        return [frame for packet in early for frame in self._take(packet)]

    def packet(self, number: int, time: int, payload: bytes) -> list[Media]:
        """A packet as it comes: `number` of 16 bits, `time` of 32."""
        packet = Packet(self._numbers.take(number), self._times.take(time), payload)
        end = packet.at + FRAME
        self._since_beat += 1
        self._newest_end = end if self._newest_end is None else max(self._newest_end, end)
        if self._routes.via != "track":
            self._early.append(packet)
            return []
        return self._take(packet)

    def _take(self, packet: Packet) -> list[Media]:
        due = self._order.put(packet.number, packet.number + 1, packet)
        return [frame for each in due for frame in self._converted(each)]

    def _converted(self, packet: Packet) -> list[Media]:
        if self._due is None:
            self._begin(packet.at)
        silence = self._silence_before(packet.at)
        sound = self._decoded(packet)
        self._due = packet.at + len(sound)
        if silence:
            sound = np.concatenate((np.zeros(silence, np.int16), sound))
        converted = self._converter.process(sound)
        at, self._at = self._at, self._at + len(converted)
        return self._routes.track(at, converted.tobytes()) if len(converted) else []

    def _begin(self, at: int) -> None:
        """Sound begins at this time of the track: find the microphone's sample for it."""
        rate_hz = self._routes.rate_hz
        delay = PRE_SKIP * rate_hz // RATE_HZ
        self._at, self._due = self._move_at - delay, at
        if (offset := self._offset) is not None:
            sample = (at + offset) * rate_hz // RATE_HZ
            if abs(sample - self._move_at) <= rate_hz:
                self._at = sample - delay
        self._begun = self._to_48(self._at + delay) - at

    @property
    def _offset(self) -> int | None:
        """How far the microphone's clock is ahead of the track's, at 48 kHz; None: it is not known."""
        return median_low(self._offsets) if self._offsets else self._begun

    def _silence_before(self, at: int) -> int:
        """How many samples are missing before this time. A jump of the clock is reported."""
        assert self._due is not None  # noqa: S101  (it has begun)
        missing = at - self._due
        if 0 <= missing <= LONGEST_GAP:
            return missing
        self._report(
            FrametalkError(
                "mic_sequence",
                f"the track's clock jumps by {missing} samples of 48 kHz",
                stage=Stage.HEAR,
                remedy="let the track's clock count the samples of its sound",
            )
        )
        return 0

    def _decoded(self, packet: Packet) -> Samples:
        try:
            return np.frombuffer(self._decoder.decode(packet.payload), np.int16)
        except WireError as error:
            if self._bad % REPORT_EVERY == 0:
                self._report(
                    FrametalkError(
                        "rtc_opus",
                        f"in the track, {error.text}",
                        stage=Stage.HEAR,
                        remedy="send Opus, as the answer says",
                    )
                )
            self._bad += 1
        return np.zeros(packet_samples(packet.payload) or FRAME, np.int16)

    def _to_48(self, sample: int) -> int:
        return sample * RATE_HZ // self._routes.rate_hz
