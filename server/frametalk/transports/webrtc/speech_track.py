"""The sound of replies as an Opus track, in real time; nothing is sent between replies."""

from __future__ import annotations

import asyncio
from collections import deque
from fractions import Fraction
from typing import Any

import av
import numpy as np
import soxr
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from frametalk.core.audio import Samples
from frametalk.transports.opus import OpusEncoder
from frametalk.transports.sent import end_of
from frametalk.wire.codec import Media, MediaKind
from frametalk.wire.opus import FRAME, RATE_HZ

FRAME_S = FRAME / RATE_HZ
LATE_S = 0.06  # a loop that was busy for so long leaves a gap rather than a burst


class SpeechTrack(MediaStreamTrack):
    """Takes a reply's frames as they are made. `sent`: (stream, sample) of the newest that has left."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self.sent: tuple[int, int] | None = None
        self.paused = False
        self._encoder = OpusEncoder()
        self._frames: deque[Media] = deque()
        self._came = asyncio.Event()
        self._rate_hz = 0
        self._converter: soxr.ResampleStream | None = None
        self._rest: Samples = np.empty(0, np.int16)
        self._due_s = 0.0
        self._at = 0  # of the next packet, in samples

    def put(self, frame: Media, rate_hz: int) -> None:
        """Play this frame after those before it."""
        if rate_hz != self._rate_hz:
            self._rate_hz = rate_hz
            self._converter = soxr.ResampleStream(rate_hz, RATE_HZ, 1, "int16", quality="LQ")
        if frame.payload:
            self._frames.append(frame)
            self._came.set()

    def flush(self, stream: int) -> None:
        """Play no more of this stream."""
        self._frames = deque(frame for frame in self._frames if frame.stream != stream)
        self._rest = np.empty(0, np.int16)

    async def recv(self) -> av.Packet[Any]:
        """The next packet, when it is due; waits while there is nothing to play. Called by aiortc."""
        loop = asyncio.get_running_loop()
        packet = b""
        while not packet and self.readyState == "live":
            if len(self._rest) >= FRAME:
                sound, self._rest = self._rest[:FRAME], self._rest[FRAME:]
                packet = self._encoder.encode(sound.tobytes())
                break
            if self.paused or not self._frames:
                self._came.clear()
                await self._came.wait()
                continue
            packet = self._take(self._frames.popleft())
        if self.readyState != "live":
            raise MediaStreamError
        late_s = loop.time() - self._due_s
        if late_s < 0:
            await asyncio.sleep(-late_s)
        elif late_s > LATE_S:
            self._at += round(late_s / FRAME_S) * FRAME if self._due_s else 0
            self._due_s += late_s
        self._due_s += FRAME_S
        timed = av.Packet(packet)
        timed.pts, timed.time_base = self._at, Fraction(1, RATE_HZ)
        self._at += FRAME
        return timed

    def pause(self, paused: bool) -> None:
        """Stand still, or go on."""
        self.paused = paused
        self._came.set()

    def stop(self) -> None:
        """End it."""
        super().stop()
        self._came.set()

    def _take(self, frame: Media) -> bytes:
        """The frame's packet; empty if its sound was put behind what waits to be encoded."""
        assert self._converter is not None  # noqa: S101  (`put` has made it)
        self.sent = (frame.stream, end_of(frame))
        if frame.kind is MediaKind.OPUS:
            return frame.payload
        samples = np.frombuffer(frame.payload, "<i2")
        self._rest = np.concatenate((self._rest, self._converter.resample_chunk(samples)))
        return b""
