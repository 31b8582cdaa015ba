"""Takes a track's packets from aiortc as they come, in place of its own buffer and decoder thread.

aiortc holds sound back until four later packets have come, and until sixteen have after a loss, from which
it never recovers; then it decodes in a thread of its own. For sound that is heard by a recogniser there
is nothing to smooth.
"""

from __future__ import annotations

from collections.abc import Callable

from aiortc import RTCRtpReceiver
from aiortc.rtp import RtpPacket

from frametalk.transports.webrtc.red import Unpacker

ATTRIBUTE = "_RTCRtpReceiver__jitter_buffer"
"""What is replaced in aiortc 1.16; tests/transports/webrtc/test_receive_buffer.py guards it."""

TakePacket = Callable[[int, int, bytes], None]
"""Takes a packet's number (16 bits), its time (32 bits, 48 kHz) and its content."""


class ReceiveBuffer:
    """Stands where aiortc's JitterBuffer does, and gives aiortc nothing to decode."""

    def __init__(self, take: TakePacket, red: int | None) -> None:
        self._take = take
        self._red = red
        self._redundant = Unpacker(take)

    def add(self, packet: RtpPacket) -> tuple[bool, None]:
        """Called by aiortc for each packet of a codec that was negotiated."""
        take = self._redundant.packet if packet.payload_type == self._red else self._take
        take(packet.sequence_number, packet.timestamp, packet._data)  # type: ignore[attr-defined]  # noqa: SLF001
        return False, None


def install(receiver: RTCRtpReceiver, take: TakePacket, red: int | None = None) -> None:
    """Let `take` have all packets of this receiver. Its track then never yields a frame.

    `red`: the payload type of packets that contain those before them (RFC 2198).
    """
    if not hasattr(receiver, ATTRIBUTE):
        raise RuntimeError("this version of aiortc has no jitter buffer where 1.16 has it")
    setattr(receiver, ATTRIBUTE, ReceiveBuffer(take, red))


def ignore(_number: int, _time: int, _payload: bytes) -> None:
    """For tracks that are of no use."""
