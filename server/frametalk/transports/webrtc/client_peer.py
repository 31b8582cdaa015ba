"""A client's end of one peer connection, for the simulated player and for tests."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import av
from aiortc import (
    RTCConfiguration,
    RTCDataChannel,
    RTCIceServer,
    RTCIceTransportPolicy,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from frametalk.transports.opus import OpusEncoder
from frametalk.transports.webrtc import receive_buffer, red_sdp
from frametalk.transports.webrtc.aioice_guard import gathering
from frametalk.transports.webrtc.names import MIC_CHANNEL, SPEECH_CHANNEL, SPEECH_RETRANSMITS
from frametalk.transports.webrtc.red import Packer
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, MediaKind
from frametalk.wire.opus import PRE_SKIP, RATE_HZ

MAX_QUEUED_BYTES = 8 * 1024  # on the channel `mic`: the network does not keep up


class MicTrack(MediaStreamTrack):
    """Sends each frame that it is given, at once, as one Opus packet; nothing in between."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._frames: deque[Media] = deque()
        self._came = asyncio.Event()
        self._encoder: OpusEncoder | None = None
        self._rate_hz = 0
        self.redundant: Packer | None = None  # the other side takes redundant audio

    def put(self, frame: Media, rate_hz: int) -> None:
        """Send a frame of 20 ms, or an Opus packet."""
        if self._encoder is None or rate_hz != self._rate_hz:
            self._encoder, self._rate_hz = OpusEncoder(rate_hz), rate_hz
        self._frames.append(frame)
        self._came.set()

    async def recv(self) -> av.Packet[Any]:
        """The next packet. Called by aiortc."""
        while not self._frames and self.readyState == "live":
            self._came.clear()
            await self._came.wait()
        if self.readyState != "live" or self._encoder is None:
            raise MediaStreamError
        frame = self._frames.popleft()
        packet, at = frame.payload, frame.sample
        if frame.kind is not MediaKind.OPUS:
            packet = self._encoder.encode(packet)
        elif at:
            at += PRE_SKIP  # where the packet begins, rather than what is used of its sound
        if self.redundant is not None:
            packet = self.redundant.pack(at * RATE_HZ // self._rate_hz, packet)
        timed = av.Packet(packet)
        timed.pts, timed.time_base = at, Fraction(1, self._rate_hz)
        return timed

    def stop(self) -> None:
        """End it."""
        super().stop()
        self._came.set()


class ClientPeer:
    """Offers the data channels, and with `track` an audio section.

    `heard` gets what comes on the channel `mic`, `speech` what comes on the channel `speech`. `relayed`:
    by a TURN server only.
    """

    def __init__(
        self,
        heard: Callable[[bytes | str], None],
        speech: Callable[[bytes | str], None],
        *,
        track: bool,
        relayed: bool = False,
        ice_servers: Sequence[m.IceServer] = (),
        addresses: Sequence[str] | None = None,
    ) -> None:
        self.track = MicTrack() if track else None
        self._addresses = addresses
        servers = [
            RTCIceServer(list(server.urls), server.username, server.credential)
            for server in ice_servers
        ]
        policy = RTCIceTransportPolicy.RELAY if relayed else RTCIceTransportPolicy.ALL
        self._pc = RTCPeerConnection(RTCConfiguration(servers, policy))
        self._mic = self._open(MIC_CHANNEL, 0, heard)
        self._open(SPEECH_CHANNEL, SPEECH_RETRANSMITS, speech)

    async def offer(self) -> str:
        """The SDP of the offer, with all candidates of this machine."""
        if self.track is not None:
            self._pc.addTransceiver(self.track, "sendrecv")
        with gathering(self._addresses):
            await self._pc.setLocalDescription(await self._pc.createOffer())
        return red_sdp.offered(self._pc.localDescription.sdp)

    async def answered(self, sdp: str) -> None:
        """The server has answered."""
        hidden, red = red_sdp.hidden(sdp, first=True)
        types = next(filter(None, red), None)
        if self.track is not None and types is not None:
            self.track.redundant = Packer(types.opus)
        await self._pc.setRemoteDescription(RTCSessionDescription(hidden, "answer"))
        for receiver in self._pc.getReceivers():
            receive_buffer.install(receiver, receive_buffer.ignore)

    def send(self, data: bytes) -> bool:
        """Send on the channel `mic`; False if it is not open, or what was sent does not leave."""
        if not self.is_open or self._mic.bufferedAmount > MAX_QUEUED_BYTES:
            return False
        self._mic.send(data)
        return True

    @property
    def is_open(self) -> bool:
        """Whether the channel `mic` is open."""
        return self._mic.readyState == "open"

    async def close(self) -> None:
        """End it; may be called twice."""
        if self.track is not None:
            self.track.stop()
        await self._pc.close()

    def _open(
        self, label: str, retransmits: int, take: Callable[[bytes | str], None]
    ) -> RTCDataChannel:
        channel = self._pc.createDataChannel(label, ordered=False, maxRetransmits=retransmits)
        channel.on("message", take)
        return channel
