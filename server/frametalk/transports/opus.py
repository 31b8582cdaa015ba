"""Opus: sound to packets and back. The only module that uses PyAV, which the extra `opus` installs."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from frametalk.errors import WireError
from frametalk.wire.opus import FRAME, RATE_HZ

FRAME_BYTES = 2 * FRAME
BIT_RATE = 24_000
# libopus's highest, 0.2 ms a frame. Only from 7 on it sees that the sound is speech; 5 exceeds the bit rate
# or takes as long.
COMPLEXITY = 10


def available() -> bool:
    """Whether PyAV is installed."""
    return find_spec("av") is not None


class OpusEncoder:
    """Encodes one stream of 48, 24, 16, 12 or 8 kHz. Its packets' sound is 6.5 ms late, see the wire."""

    def __init__(self, rate_hz: int = RATE_HZ) -> None:
        import av

        self._new_frame = av.AudioFrame
        context = av.CodecContext.create("libopus", "w")
        context.sample_rate = self._rate_hz = rate_hz
        context.layout = "mono"
        context.format = "s16"
        context.bit_rate = BIT_RATE
        # Not "voip": its high-pass filter moves a low voice by up to 16 samples.
        context.options = {"application": "audio", "compression_level": str(COMPLEXITY)}
        self._context: Any = context

    def encode(self, pcm: bytes) -> bytes:
        """The packet of 20 ms, int16."""
        samples = FRAME * self._rate_hz // RATE_HZ
        frame: Any = self._new_frame(format="s16", layout="mono", samples=samples)
        frame.sample_rate = self._rate_hz
        frame.planes[0].update(pcm)
        (packet,) = self._context.encode(frame)
        return bytes(packet)


class OpusDecoder:
    """Decodes one stream, packet by packet, in order."""

    def __init__(self) -> None:
        import av

        self._new_packet = av.Packet
        self._failure = av.FFmpegError
        context = av.CodecContext.create("libopus", "r")
        context.sample_rate = RATE_HZ
        context.layout = "mono"
        self._context: Any = context

    def decode(self, packet: bytes) -> bytes:
        """The packet's sound, int16 at 48 kHz. Raises WireError `media_undecodable`."""
        try:
            frames = self._context.decode(self._new_packet(packet)) if packet else []
        except self._failure as error:
            raise undecodable(len(packet)) from error
        if not frames:
            raise undecodable(len(packet))
        return b"".join(bytes(frame.planes[0])[: 2 * frame.samples] for frame in frames)


def undecodable(size: int) -> WireError:
    """The error for `size` bytes that are no Opus packet."""
    return WireError(
        "media_undecodable",
        f"{size} bytes are no Opus packet",
        remedy="send each packet of the encoder as it is, one a frame",
    )
