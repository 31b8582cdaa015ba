"""A client's link whose media goes over a peer connection while that is alive."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import msgspec

from frametalk.errors import FrametalkError
from frametalk.headless.clock import Clock
from frametalk.headless.resuming import ResumingLink
from frametalk.headless.speech_order import SpeechOrder
from frametalk.tasks import Tasks
from frametalk.transports.link import Inbound, LinkClosed
from frametalk.transports.webrtc.beats import Liveness, Pulse
from frametalk.transports.webrtc.client_peer import ClientPeer
from frametalk.transports.webrtc.names import CALM_S, SILENT_S
from frametalk.wire import messages as m
from frametalk.wire.codec import (
    Media,
    decode_media,
    encode,
    encode_media,
    is_media,
    server_codec,
)

LAGS = 20  # two seconds of them
MOVING_S = 1.0  # frames wait at the server until `rtc.mic` has come; it keeps 2 s of them
END_WAIT_S = 0.3  # after `reply.end`, for frames that are under way


@dataclass(frozen=True, slots=True)
class PeerOptions:
    """How media goes over the peer connection. `twice`: each frame once more, with the next. `relayed`: by
    a TURN server only.

    `addresses`: of this machine; None: all but loopback. `change_offer` and `change_answer` edit the
    SDP, to lead the packets through a network's simulation.
    """

    via: m.MicRoute = "channel"
    speech: m.SpeechRoute = "websocket"
    twice: bool = False
    relayed: bool = False
    addresses: tuple[str, ...] | None = None
    change_offer: Callable[[str], str] = lambda sdp: sdp
    change_answer: Callable[[str], str] = lambda sdp: sdp


class UpgradedLink:
    """A Link. `moved`: the microphone is on the peer connection; `moves`: how often it changed its way."""

    def __init__(self, link: ResumingLink, clock: Clock, options: PeerOptions) -> None:
        self.moved = False
        self.moves = 0
        self.peer: ClientPeer | None = None
        self.order = SpeechOrder()
        self._link = link
        self._options = options
        self._tasks = Tasks(self._task_failed)
        self._clock = clock
        self._life = Liveness(clock.now_s)
        self._rest_until_s = 0.0  # after it moved back
        self._moved_s = 0.0
        self._back_at = 0  # before this sample, frames went over the peer connection
        self._is_over_websocket = True  # for the server too: it has heard what went over it
        self._pulse: Pulse | None = None
        self._start: m.MicStart | None = None
        self._heard = 0
        self._lags: deque[int] = deque(maxlen=LAGS)  # sent and not heard, at each rtc.heard
        self._before: bytes | None = None  # the frame before, for sending it twice
        self._inbox: asyncio.Queue[Inbound | LinkClosed] = asyncio.Queue()
        self._pump: asyncio.Task[None] | None = None
        link.reconnected = self._is_back

    # ---- as a Link -------------------------------------------------------------------------------

    async def receive(self) -> Inbound:
        """The next item, by whatever way."""
        if self._pump is None:
            self._pump = self._tasks.start(self._read(), "receive")
        item = await self._inbox.get()
        if isinstance(item, LinkClosed):
            self._inbox.put_nowait(item)
            raise item
        return item

    def send(self, message: m.AnyMessage) -> None:
        """Send a control message, over the WebSocket."""
        if isinstance(message, m.Hello):
            features = (*message.features, "rtc")
            message = msgspec.structs.replace(message, features=features)
        elif isinstance(message, m.MicStart):
            self._start, self.moved, self._is_over_websocket = message, False, True
        elif isinstance(message, m.MicStop):
            self._move_back()
            self._start = None
        self._link.send(message)

    def send_media(self, frame: Media) -> None:
        """Send a microphone frame by the way that works."""
        if not self.moved:
            if not self._may_move():
                self._link.send_media(frame)
                return
            via = self._options.via
            self._link.send(m.RtcMic(stream=frame.stream, via=via, at=frame.sample))
            self.moved = True
            self.moves += 1
            self._moved_s = self._clock.now_s()
            self._lags.clear()
            self._heard = frame.sample
        self._link.keep_media(frame)
        if not (self._life.is_alive and self._is_heard and self._send_frame(frame)):
            self._move_back()

    def flush_media(self, stream: int) -> None:
        """Discard queued and kept media of `stream`."""
        self._link.flush_media(stream)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """End both."""
        if self._pulse is not None:
            self._pulse.stop()
        await self._link.close(code, reason)
        if self.peer is not None:
            await self.peer.close()
        await self._tasks.close()

    # ---- the microphone --------------------------------------------------------------------------

    def _may_move(self) -> bool:
        """Whether the peer connection is good, and the server knows that the microphone has left it.

        It would take the frames of another time on the peer connection for what follows those of the
        last one, and put silence between them.
        """
        rests = self._clock.now_s() < self._rest_until_s
        ready = self._start is not None and self.peer is not None and self._life.is_calm
        return ready and not rests and self._is_over_websocket

    def _send_frame(self, frame: Media) -> bool:
        peer, start = self.peer, self._start
        if peer is None or start is None:
            return False
        if self._options.via == "track" and peer.track is not None:
            peer.track.put(frame, start.rate_hz)
            return True
        data, before = encode_media(frame), self._before
        self._before = data if self._options.twice else None
        return peer.send(data) and (before is None or peer.send(before))

    def _move_back(self) -> None:
        """Go on over the WebSocket, with what the server has not heard."""
        if self.moved:
            self.moved = False
            self.moves += 1
            self._rest_until_s = self._clock.now_s() + CALM_S
            self._has_left()
            self._link.send_media_again()

    def _has_left(self) -> None:
        """The microphone goes on over the WebSocket."""
        self._back_at = self._link.mic_sample or 0
        self._is_over_websocket = False

    def _is_back(self) -> None:
        """Another connection has resumed the session; what was not heard went over it."""
        if self.moved:
            self._has_left()
        self.moved = False

    # ---- signalling ------------------------------------------------------------------------------

    async def _read(self) -> None:
        try:
            while True:
                for item in self._sorted(await self._link.receive()):
                    self._inbox.put_nowait(item)
        except LinkClosed as closed:
            self._inbox.put_nowait(closed)

    def _sorted(self, inbound: Inbound) -> list[Inbound]:
        """What the game gets of something that came over the WebSocket."""
        match inbound:
            case Media():
                return [*self.order.take(inbound)]
            case m.Welcome() if "rtc" in inbound.features and self.peer is None:
                self._tasks.start(self._offer(inbound), "offer")
            case m.RtcAnswer() if self.peer is not None:
                sdp = self._options.change_answer(inbound.sdp)
                self._tasks.start(self.peer.answered(sdp), "answer")
            case m.ReplyBegin():
                return [*self.order.begin(inbound)]
            case m.ReplyEnd():
                loop = asyncio.get_running_loop()
                loop.call_later(END_WAIT_S, self._give_up, inbound.reply)
                return [*self.order.end(inbound)]
        return [inbound]

    async def _offer(self, welcome: m.Welcome) -> None:
        self.peer = ClientPeer(
            self._take_heard,
            self._take_speech,
            track=self._options.via == "track" or self._options.speech == "track",
            relayed=self._options.relayed,
            ice_servers=welcome.ice_servers,
            addresses=self._options.addresses,
        )
        sdp = self._options.change_offer(await self.peer.offer())
        self._link.send(m.RtcOffer(sdp=sdp, speech=self._options.speech))
        self._pulse = Pulse(self._beat)

    def _give_up(self, reply: int) -> None:
        """Wait no more for frames of this reply."""
        if self.order.ending == reply:
            for item in self.order.give_up():
                self._inbox.put_nowait(item)

    def _beat(self) -> None:
        if self.peer is not None:
            silent = not (self._life.is_alive and self._is_heard)
            self.peer.send(encode(m.RtcBeat(mic_sample=self._link.mic_sample, silent=silent)))

    # ---- what comes over the peer connection -----------------------------------------------------

    def _take_heard(self, data: bytes | str) -> None:
        with suppress(FrametalkError):
            heard = None if isinstance(data, str) else server_codec.decode_binary(data)
            if isinstance(heard, m.RtcHeard):
                self._note(heard.mic_sample or 0)

    def _note(self, mic_sample: int) -> None:
        """The server is there, and has heard so much."""
        self._life.touch()
        self._link.heard(mic_sample)
        sent = self._link.mic_sample
        if sent is not None and self._back_at < mic_sample <= sent:
            self._is_over_websocket = True
        if self.moved and sent is not None and self._heard < mic_sample <= sent:
            self._heard = mic_sample
            self._lags.append(sent - mic_sample)

    @property
    def _is_heard(self) -> bool:
        """Whether the server hears what is sent: not much more is under way than lately at worst."""
        sent, start = self._link.mic_sample, self._start
        if not self.moved or sent is None or start is None:
            return True
        if not self._lags:
            return self._clock.now_s() - self._moved_s <= MOVING_S
        # The worst one may be that of the beat after the last frame that arrived.
        usual = sorted(self._lags)[-2:][0]
        return sent - self._heard - usual <= SILENT_S * start.rate_hz

    def _take_speech(self, data: bytes | str) -> None:
        with suppress(FrametalkError):
            if not isinstance(data, str) and is_media(data):
                for item in self.order.take(decode_media(data)):
                    self._inbox.put_nowait(item)

    def _task_failed(self, _name: str, _error: BaseException) -> None:
        """Signalling has failed: the session goes on over the WebSocket."""
