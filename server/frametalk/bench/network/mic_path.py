"""How long a microphone's sound is under way on a track: through our buffer, and through aiortc's own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import msgspec
import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from frametalk.transports.webrtc.aioice_guard import gathering
from frametalk.transports.webrtc.candidates import Candidates
from frametalk.transports.webrtc.client_peer import ClientPeer
from frametalk.transports.webrtc.mic_routes import MicRoutes
from frametalk.transports.webrtc.server_peer import ServerPeer
from frametalk.transports.webrtc.track_sound import TrackSound
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, MediaKind
from frametalk.wire.opus import RATE_HZ

MIC_RATE_HZ = 16_000
FRAME = MIC_RATE_HZ // 50
FRAMES_EACH = 150  # before the loss, and after it: 3 s
SETTLE_FRAMES = 25  # after the beginning and after the loss, in which delays are not counted
LOOPBACK = ("127.0.0.1",)
UP_S = 10.0
HANDLE = "_handle_rtp_packet"  # of aiortc's receiver, before all buffers


class MicPath(msgspec.Struct, frozen=True):
    """Median of the milliseconds from a frame's end to its samples at the server, also after a loss."""

    p50: float
    after_loss: float


class RtcReport(msgspec.Struct, frozen=True):
    """One run, the same frames on both: `mic_path_ms` is ours, `stock_ms` aiortc's own buffer."""

    mic_path_ms: MicPath
    stock_ms: MicPath


class _Arrivals:
    """When which frames were complete at one server. Frames are known by their last sample."""

    def __init__(self) -> None:
        self.at_s: dict[int, float] = {}
        self._next = 0

    def reach(self, sample: int) -> None:
        """All samples before this one have come; a few at the end of a frame may be held back."""
        while (self._next + 1) * FRAME - FRAME // 2 <= sample:
            self.at_s[self._next] = time.perf_counter()
            self._next += 1


class _Ours:
    """The end that a session has, without the session."""

    def __init__(self, arrivals: _Arrivals) -> None:
        self._arrivals = arrivals
        routes = MicRoutes(lambda _error: None)
        routes.start(m.MicStart(stream=1, rate_hz=MIC_RATE_HZ))
        self._track = TrackSound(routes, lambda _error: None)
        routes.move(m.RtcMic(stream=1, via="track", at=0))
        self._track.move(0)

    def packet(self, number: int, sample: int, payload: bytes) -> None:
        for frame in self._track.packet(number, sample, payload):
            self._arrivals.reach(frame.sample + len(frame.payload) // 2)

    def message(self, data: bytes | str) -> None:
        """Nothing is sent on the channel here."""

    def refuse(self, error: Exception) -> None:
        """Nothing is refused here."""

    def ended(self) -> None:
        """The run ends it."""


async def measure() -> RtcReport:
    """Two connections on this machine, both at once. Raises TimeoutError if one does not come up."""
    arrivals = (_Arrivals(), _Arrivals())
    clients = [_client(), _client()]
    server = ServerPeer(_Ours(arrivals[0]), Candidates(LOOPBACK[0]), LOOPBACK, None)
    stock = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    reading: list[asyncio.Task[None]] = []
    async with asyncio.TaskGroup() as group:

        def read(track: MediaStreamTrack) -> None:
            reading.append(group.create_task(_read(track, arrivals[1])))

        stock.on("track", read)
        await clients[0].answered(await server.answer(await clients[0].offer()))
        await clients[1].answered(await _stock_answer(stock, await clients[1].offer()))
        async with asyncio.timeout(UP_S):
            while not all(client.is_open for client in clients):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        sent_s = await _send(clients, lambda: _lose_one((server._pc, stock)))  # noqa: SLF001
        for client in clients:
            await client.close()
        await server.close()
        await stock.close()
    ours, theirs = (_path(sent_s, each.at_s) for each in arrivals)
    return RtcReport(ours, theirs)


def _client() -> ClientPeer:
    def ignore(_data: bytes | str) -> None:
        """Nothing is expected."""

    return ClientPeer(ignore, ignore, track=True, addresses=LOOPBACK)


async def _stock_answer(peer: RTCPeerConnection, offer: str) -> str:
    await peer.setRemoteDescription(RTCSessionDescription(offer, "offer"))
    with gathering(LOOPBACK):
        await peer.setLocalDescription(await peer.createAnswer())
    return peer.localDescription.sdp


async def _read(track: MediaStreamTrack, arrivals: _Arrivals) -> None:
    """Read as a server with aiortc alone would."""
    try:
        while True:
            frame: Any = await track.recv()
            end = (frame.pts + frame.samples) * MIC_RATE_HZ // RATE_HZ
            arrivals.reach(end)
    except MediaStreamError:
        pass


async def _send(clients: list[ClientPeer], lose: Callable[[], None]) -> list[float]:
    """Noise in real time on all tracks, one packet lost half way; returns when each frame was complete."""
    dice, loop = np.random.default_rng(1), asyncio.get_running_loop()
    sent_s, begin_s = [], loop.time()
    for number in range(2 * FRAMES_EACH):
        await asyncio.sleep(max(0.0, begin_s + number * 0.02 - loop.time()))
        if number == FRAMES_EACH:
            lose()
        pcm = dice.integers(-3_000, 3_000, FRAME).astype("<i2").tobytes()
        sent_s.append(time.perf_counter())
        for client in clients:
            assert client.track is not None  # noqa: S101  (it was asked for)
            frame = Media(MediaKind.PCM16, 1, number, number * FRAME, pcm)
            client.track.put(frame, MIC_RATE_HZ)
    await asyncio.sleep(0.5)
    return sent_s


def _lose_one(peers: tuple[RTCPeerConnection, ...]) -> None:
    """The next packet of each is lost."""
    for peer in peers:
        receiver: Any = peer.getReceivers()[0]
        setattr(receiver, HANDLE, _lost(receiver, getattr(receiver, HANDLE)))


def _lost(receiver: Any, handle: Any) -> Any:
    async def lost(packet: Any, arrival_time_ms: int) -> None:
        del packet, arrival_time_ms
        setattr(receiver, HANDLE, handle)

    return lost


def _path(sent_s: list[float], arrived_s: dict[int, float]) -> MicPath:
    def median_ms(first: int, end: int) -> float:
        arrived = (number for number in range(first, end) if number in arrived_s)
        return round(median(1000 * (arrived_s[n] - sent_s[n]) for n in arrived), 2)

    after = FRAMES_EACH + SETTLE_FRAMES
    return MicPath(
        median_ms(SETTLE_FRAMES, FRAMES_EACH),
        median_ms(after, 2 * FRAMES_EACH - SETTLE_FRAMES),
    )
