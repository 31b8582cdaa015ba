"""A link whose user has PCM16 where the other side has Opus: both ways, stream by stream."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

from frametalk.errors import FrametalkError, Stage
from frametalk.transports.link import BadInput, Inbound, Link
from frametalk.transports.opus import FRAME_BYTES, OpusDecoder, OpusEncoder
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, MediaFlags, MediaKind
from frametalk.wire.opus import FRAME, PRE_SKIP, RATE_HZ

LONGEST_GAP = RATE_HZ  # 1 s; a longer one is a jump, which the receiver of the sound handles


@dataclass(frozen=True, slots=True)
class KeptPackets:
    """A stream that is being encoded: its packets so far, and the sound that fills none yet."""

    stream: int
    end: int
    rest: bytes
    packets: int
    seq: int


@dataclass(frozen=True, slots=True)
class KeptOpus:
    """The streams as they outlive a server that restarts; `incoming`: (stream, next sample)."""

    incoming: tuple[int, int] | None
    outgoing: KeptPackets | None


class OpusLink:
    """A Link for either side. It watches `mic.start` and `reply.begin` for the codec of their streams.

    It translates nothing until `begin` is called. Below it packets are kept and sent again as they are, so
    both sides of a resumed session have the same packets.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._on = False
        self._incoming: _Incoming | None = None
        self._outgoing: _Outgoing | None = None
        self._waiting: deque[Inbound] = deque()

    def begin(self) -> None:
        """Both sides have the feature `opus`."""
        self._on = True

    def kept(self) -> KeptOpus | None:
        """Where the streams are, to be restored elsewhere; None while nothing is translated."""
        if not self._on:
            return None
        incoming, outgoing = self._incoming, self._outgoing
        return KeptOpus(
            None if incoming is None else (incoming.stream, incoming.next),
            None if outgoing is None else outgoing.kept(),
        )

    def restore(self, kept: KeptOpus) -> None:
        """Go on with streams that another server began, with encoders and decoders of its own."""
        self._on = True
        if kept.incoming is not None:
            self._incoming = _Incoming(kept.incoming[0])
            self._incoming.next = kept.incoming[1]
        if kept.outgoing is not None:
            self._outgoing = _Outgoing(kept.outgoing.stream)
            self._outgoing.restore(kept.outgoing)

    # ---- what comes ------------------------------------------------------------------------------

    async def receive(self) -> Inbound:
        """The next item; Opus frames as PCM16."""
        while not self._waiting:
            if self._incoming is not None:
                # Decoding takes time: a burst of packets must not hold the loop.
                await asyncio.sleep(0)
            self._take(await self._link.receive())
        return self._waiting.popleft()

    def is_pcm(self, frame: Media) -> bool:
        """Whether a frame needs no decoding, and nothing came before it that was not received."""
        incoming = self._incoming
        return not self._waiting and (incoming is None or incoming.stream != frame.stream)

    def _take(self, inbound: Inbound) -> None:
        if not isinstance(inbound, Media):
            if isinstance(inbound, m.MicStart | m.ReplyBegin):
                coded = self._on and inbound.codec == "opus"
                self._incoming = _Incoming(inbound.stream) if coded else None
            self._waiting.append(inbound)
        elif self._incoming is None or self._incoming.stream != inbound.stream:
            self._waiting.append(inbound)
        else:
            self._waiting += self._incoming.decode(inbound)

    # ---- what is sent ----------------------------------------------------------------------------

    def send(self, message: m.AnyMessage) -> None:
        """Send a control message."""
        if isinstance(message, m.MicStart | m.ReplyBegin):
            coded = self._on and message.codec == "opus"
            self._outgoing = _Outgoing(message.stream) if coded else None
        elif isinstance(message, m.MicStop) and self._outgoing is not None:
            self._send_frames(self._outgoing.flush())
            self._outgoing = None
        self._link.send(message)

    def send_media(self, frame: Media) -> None:
        """Send PCM16; it leaves in packets of 20 ms."""
        if self._outgoing is None or self._outgoing.stream != frame.stream:
            self._link.send_media(frame)
        else:
            self._send_frames(self._outgoing.encode(frame))

    def _send_frames(self, frames: list[Media]) -> None:
        for frame in frames:
            self._link.send_media(frame)

    def flush_media(self, stream: int) -> None:
        """Discard queued media of `stream`, which ends."""
        if self._outgoing is not None and self._outgoing.stream == stream:
            self._outgoing = None
        self._link.flush_media(stream)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the link below."""
        await self._link.close(code, reason)


class _Incoming:
    """A stream of packets: decoded once each, in order; what is missing is silence."""

    def __init__(self, stream: int) -> None:
        self.stream = stream
        self._decoder = OpusDecoder()
        self.next = 0  # where the next packet begins
        self._lost = False  # the sound before the next packet could not be decoded

    def decode(self, frame: Media) -> list[Inbound]:
        """The frame as PCM16, after the silence for what was lost before it."""
        if frame.kind is not MediaKind.OPUS:
            return [BadInput(_not_opus(), "media")]
        gap = frame.sample - self.next
        if not frame.payload or -LONGEST_GAP <= gap < 0:  # nothing, or a repetition
            return [_pcm(frame, frame.sample, b"")]
        found: list[Inbound] = []
        if self._lost and 0 < gap <= LONGEST_GAP:
            found.append(_pcm(frame, self.next, bytes(2 * gap)))
            self.next = frame.sample
        try:
            sound = self._decoder.decode(frame.payload)
        except FrametalkError as error:
            self._lost = True
            return [*found, BadInput(error, "media")]
        if frame.sample == 0:
            sound = sound[2 * PRE_SKIP :]
        self._lost = False
        self.next = frame.sample + len(sound) // 2
        return [*found, _pcm(frame, frame.sample, sound)]


class _Outgoing:
    """A stream of PCM16 that becomes packets. `end`: one past the sound that was sent."""

    def __init__(self, stream: int) -> None:
        self.stream = stream
        self.end = 0
        self._encoder = OpusEncoder()
        self._rest = b""
        self._packets = 0
        self._seq = 0

    def kept(self) -> KeptPackets:
        return KeptPackets(self.stream, self.end, self._rest, self._packets, self._seq)

    def restore(self, kept: KeptPackets) -> None:
        self.end, self._rest = kept.end, kept.rest
        self._packets, self._seq = kept.packets, kept.seq

    def encode(self, frame: Media) -> list[Media]:
        """The packets that are complete with this frame. A last frame without sound stays as it is."""
        self._rest += frame.payload
        frames = []
        while len(self._rest) >= FRAME_BYTES:
            pcm, self._rest = self._rest[:FRAME_BYTES], self._rest[FRAME_BYTES:]
            frames.append(self._frame(self._encoder.encode(pcm), frame.flags & ~MediaFlags.LAST))
            self._packets += 1
            self.end = self._packets * FRAME - PRE_SKIP
        if frame.flags & MediaFlags.LAST:
            frames.append(self._frame(b"", frame.flags))
        return frames

    def flush(self) -> list[Media]:
        """The packets with the end of the sound, filled up with silence."""
        begun = self._packets * FRAME + len(self._rest) // 2
        silence = -(begun + PRE_SKIP) % FRAME + PRE_SKIP
        return self.encode(Media(MediaKind.PCM16, self.stream, 0, 0, bytes(2 * silence)))

    def _frame(self, packet: bytes, flags: MediaFlags) -> Media:
        seq, self._seq = self._seq, (self._seq + 1) % 2**32
        return Media(MediaKind.OPUS, self.stream, seq, self.end, packet, flags)


def _pcm(frame: Media, sample: int, sound: bytes) -> Media:
    return Media(MediaKind.PCM16, frame.stream, frame.seq, sample, sound, frame.flags)


def _not_opus() -> FrametalkError:
    return FrametalkError(
        "mic_codec",
        "the stream was opened as opus",
        stage=Stage.HEAR,
        remedy="send media kind 2",
    )
