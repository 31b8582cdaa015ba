"""A player's microphone over a simulated network, in virtual time: real ends, packets without sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from frametalk import media_upgrade
from frametalk.core.audio import Samples
from frametalk.errors import FrametalkError
from frametalk.headless import upgraded
from frametalk.headless.clock import Clock
from frametalk.headless.resuming import ResumingLink
from frametalk.headless.upgraded import PeerOptions, UpgradedLink
from frametalk.netlab.datagrams import APART_S
from frametalk.netlab.network import Network
from frametalk.netlab.profile import Profile
from frametalk.netlab.schedule import DatagramPath, StreamPath
from frametalk.pipeline.endpoints import Endpoints
from frametalk.pipeline.microphone import Microphone
from frametalk.transports.link import Inbound
from frametalk.transports.opus import OpusEncoder
from frametalk.transports.webrtc.red import Packer, Unpacker
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, MediaKind, encode, encode_media
from frametalk.wire.opus import RATE_HZ as OPUS_RATE_HZ
from stages import RecordingLink, Stage

RATE_HZ, FRAME = 16_000, 320
STREAM = 1
UDP_BYTES = 60  # of headers
RECEIVED_S = 0.5


class Wire:
    """One direction. What is sent is taken by `take` when it arrives."""

    def __init__(self, path: DatagramPath | StreamPath) -> None:
        self.take: Callable[[Any], None] = lambda _item: None
        self._path = path
        self._sent = 0
        self._loop = asyncio.get_running_loop()

    def send(self, item: Any, size: int) -> None:
        arrive = self._path.send(self._loop.time(), size)
        for at_s in (arrive,) if isinstance(arrive, float) else arrive:
            self._sent += 1
            self._loop.call_at(at_s + self._sent * APART_S, self._deliver, item)

    def _deliver(self, item: Any) -> None:
        self.take(item)


class ClientSocket:
    """The client's connection, as ResumingLink uses it."""

    def __init__(self, up: Wire) -> None:
        self._up = up
        self._inbox: asyncio.Queue[Inbound] = asyncio.Queue()

    def take(self, inbound: Inbound) -> None:
        self._inbox.put_nowait(inbound)

    async def receive(self) -> Inbound:
        return await self._inbox.get()

    def send(self, message: m.AnyMessage) -> None:
        self._up.send(message, len(encode(message)))

    def send_media(self, frame: Media) -> None:
        self._up.send(frame, len(encode_media(frame)))

    def flush_media(self, stream: int) -> None:
        """Nothing is queued."""

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """It stays open."""


class ServerSocket(RecordingLink):
    """The server's connection."""

    def __init__(self, send: Callable[[m.AnyMessage], None]) -> None:
        super().__init__()
        self._send = send

    def send(self, message: m.AnyMessage) -> None:
        self._send(message)


class FakeTrack:
    """A client's track, as MicTrack is one."""

    def __init__(self, net: Net) -> None:
        self._net = net
        self._encoder, self._packer = OpusEncoder(RATE_HZ), Packer(96)
        self._number = 0

    def put(self, frame: Media, rate_hz: int) -> None:
        time = frame.sample * OPUS_RATE_HZ // rate_hz
        payload = self._encoder.encode(frame.payload)
        if self._net.redundant:
            payload = self._packer.pack(time, payload)
        packet = self._number % 2**16, time % 2**32, payload
        self._number += 1
        self._net.up.send(("track", packet), len(payload) + UDP_BYTES)


class FakeClientPeer:
    """As ClientPeer, over the simulated network."""

    def __init__(self, net: Net, heard: Callable[[bytes], None], *, track: bool) -> None:
        self.track = FakeTrack(net) if track else None
        self.is_open = False
        self._net = net
        net.down.take = heard

    async def offer(self) -> str:
        return "offer"

    async def answered(self, _sdp: str) -> None:
        self.is_open = True
        self._net.server_peer.has_mic_channel = True

    def send(self, data: bytes) -> bool:
        self._net.up.send(("channel", data), len(data) + UDP_BYTES)
        return True

    async def close(self) -> None:
        """Nothing to close."""


class FakeServerPeer:
    """As ServerPeer, over the simulated network."""

    speech = None

    def __init__(self, net: Net, user: Any) -> None:
        self.has_mic_channel, self.has_track = False, True
        self._net = net
        unpacker = Unpacker(user.packet)

        def take(item: tuple[str, Any]) -> None:
            kind, data = item
            if kind == "channel":
                user.message(data)
            elif net.redundant:
                unpacker.packet(*data)
            else:
                user.packet(*data)

        net.up.take = take

    async def answer(self, _offer: str) -> str:
        return "answer"

    def send(self, data: bytes) -> bool:
        self._net.down.send(data, len(data) + UDP_BYTES)
        return True

    async def close(self) -> None:
        """Nothing to close."""


class Net:
    """The network, and both ends on it. `heard`: what voice activity detection gets."""

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        profile: Profile,
        seed: int,
        options: PeerOptions,
        *,
        redundant: bool = True,
    ) -> None:
        network = Network(profile, seed)
        self.redundant = redundant
        self.up, self.down = (Wire(path) for path in network.datagrams(0))
        self.socket_up, self.socket_down = (Wire(path) for path in network.streams(0))
        self.server_peer: Any = None
        self._patch(monkeypatch)
        self.errors: list[str] = []
        self.stage = Stage(link=ServerSocket(self._to_client))
        self.vad = RecordingVad()
        self.microphone = Microphone(self.stage.context, self.vad, Endpoints(self.stage.context))
        self.upgrade = media_upgrade.MediaUpgrade(
            self.stage.context, lambda: "127.0.0.1", self._hear, lambda: None
        )
        self.socket_up.take = self._take
        clock = Clock(asyncio.get_running_loop().time)
        self._socket = ClientSocket(self.socket_up)
        self.socket_down.take = self._socket.take
        self._resuming = ResumingLink(self._socket, self._never, clock, lambda: None)
        self.link = UpgradedLink(self._resuming, clock, options)
        self.messages = 0

    def _patch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def client(heard: Any, _speech: Any, *, track: bool, **_more: Any) -> FakeClientPeer:
            return FakeClientPeer(self, heard, track=track)

        def server(user: Any, *_more: Any) -> FakeServerPeer:
            self.server_peer = FakeServerPeer(self, user)
            return self.server_peer

        monkeypatch.setattr(upgraded, "ClientPeer", client)
        monkeypatch.setattr(media_upgrade, "ServerPeer", server)

    async def _never(self) -> Any:
        raise AssertionError("the connection does not break here")

    # ---- the server ------------------------------------------------------------------------------

    def _to_client(self, message: Any) -> None:
        if isinstance(message, m.Error):
            self.errors.append(f"{message.code}: {message.text}")
        self.socket_down.send(message, len(encode(message)))

    def _take(self, item: Any) -> None:
        if isinstance(item, Media):
            self.upgrade.take_media(item)
            return
        self.messages += not isinstance(item, m.Ack)
        match item:
            case m.MicStart():
                self.microphone.start(item)
                self.upgrade.follow(item)
            case m.RtcOffer() | m.RtcIce() | m.RtcMic():
                try:
                    self.upgrade.take(item)
                except FrametalkError as error:
                    self.errors.append(str(error))

    def _hear(self, frame: Media, _end: int | None) -> None:
        try:
            self.microphone.feed(frame)
        except FrametalkError as error:
            self.errors.append(str(error))

    async def _confirm(self) -> None:
        while True:
            await asyncio.sleep(RECEIVED_S)
            self._to_client(m.Received(messages=self.messages, mic_sample=self.upgrade.routes.end))

    # ---- a talk ----------------------------------------------------------------------------------

    async def talk(self, sound: Samples) -> None:
        """Speak this into the microphone, in real time, and wait until it has arrived."""
        loop = asyncio.get_running_loop()
        confirming = asyncio.ensure_future(self._confirm())  # noqa: TID251  (cancelled below)
        receiving = asyncio.ensure_future(self._receive())  # noqa: TID251  (cancelled below)
        self.link.send(m.Hello(protocol=m.PROTOCOL_VERSION))
        self.stage.context.send(welcome())
        self.link.send(m.MicStart(stream=STREAM, rate_hz=RATE_HZ))
        began_s = loop.time()
        for number in range(len(sound) // FRAME):
            await asyncio.sleep(max(0.0, began_s + (number + 1) / 50 - loop.time()))
            pcm = sound[number * FRAME : (number + 1) * FRAME].tobytes()
            self.link.send_media(Media(MediaKind.PCM16, STREAM, number, number * FRAME, pcm))
        await asyncio.sleep(5)
        for task in (confirming, receiving):
            task.cancel()
        await self.link.close()
        await self.upgrade.close()

    async def _receive(self) -> None:
        while True:
            await self.link.receive()

    @property
    def heard(self) -> Samples:
        """All that was heard, on the microphone's clock."""
        return np.concatenate([np.empty(0, np.int16), *self.vad.windows])


class RecordingVad:
    """Keeps what it hears, in its place."""

    window_samples = 512

    def __init__(self) -> None:
        self.windows: list[Samples] = []

    def open(self) -> RecordingVad:
        return self

    def reset(self) -> None:
        """A stream begins."""

    def process(self, window: Samples) -> float:
        self.windows.append(np.array(window, np.int16))
        return 0.0

    def submit(self, window: Samples, judged: Callable[[float], None]) -> None:
        judged(self.process(window))

    def settle(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Nothing to close."""


def welcome() -> m.Welcome:
    """What the server says first."""
    limits = m.Limits(
        message_bytes=61_440,
        lead_ms=400,
        played_every_ms=100,
        mic_frame_ms=20,
        tools=64,
        entities=256,
        resume_ms=60_000,
        pause_ms=600_000,
    )
    return m.Welcome(
        protocol=1,
        session="s",
        character="Bram",
        mic_rates_hz=(RATE_HZ,),
        rate_hz=RATE_HZ,
        features=("rtc", "resume"),
        resume="t",
        limits=limits,
    )
