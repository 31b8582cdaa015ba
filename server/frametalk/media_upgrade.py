"""The media of one session over a peer connection: the microphone, and the sound of replies."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Protocol

from frametalk.config import FrametalkSettings
from frametalk.errors import FrametalkError, Stage
from frametalk.tasks import Tasks
from frametalk.transports.intake import Pace
from frametalk.transports.webrtc.beats import Liveness, Pulse
from frametalk.transports.webrtc.candidates import Candidates
from frametalk.transports.webrtc.local_addresses import local_addresses
from frametalk.transports.webrtc.mic_routes import MicRoutes
from frametalk.transports.webrtc.names import BEAT_S
from frametalk.transports.webrtc.server_peer import ServerPeer
from frametalk.transports.webrtc.signalling import Signalling
from frametalk.transports.webrtc.speech_route import SpeechRoute
from frametalk.transports.webrtc.speech_track import SpeechTrack
from frametalk.transports.webrtc.track_sound import TrackSound
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, client_codec, decode_media, encode, is_media

log = logging.getLogger(__name__)

UP_S = 10.0  # a peer connection must be up so soon after its answer
CLOSE_S = 2.0
MESSAGES_PER_S = 500
REPORT_EVERY_S = 1.0  # each code


class Surroundings(Protocol):
    """What it needs of its session."""

    @property
    def settings(self) -> FrametalkSettings: ...

    @property
    def tasks(self) -> Tasks: ...

    @property
    def now(self) -> Callable[[], float]: ...

    @property
    def send(self) -> Callable[[m.RtcAnswer], None]: ...

    @property
    def report(self) -> Callable[[FrametalkError, str], None]: ...


class MediaUpgrade:
    """Answers offers, and joins what comes over the peer connection with what comes over the WebSocket.

    All of it lies outside the session's boundary, see `media_boundary`. `hear` gets the microphone's
    frames, in order, and how far the open stream has come. `send_again` sends what was not played of the
    present reply over the WebSocket.
    """

    def __init__(
        self,
        context: Surroundings,
        client_address: Callable[[], str],
        hear: Callable[[Media, int | None], None],
        send_again: Callable[[], None],
    ) -> None:
        self.routes = MicRoutes(self.refuse)
        self.speech = SpeechRoute(send_again, context.now)
        self._context = context
        self._client_address = client_address
        self._hear = hear
        self._track = TrackSound(self.routes, self.refuse)
        self._peer: ServerPeer | None = None
        self._life = Liveness(context.now)  # something comes
        self._both_ways = Liveness(context.now)  # and the client says that it gets something
        self._pulse: Pulse | None = None
        self._up_limit: asyncio.TimerHandle | None = None
        self._signalling = Signalling(
            self._answer, self._add, context.report, context.tasks, context.now
        )
        self._closing = Tasks(lambda name, error: log.warning("%s: %r", name, error))
        self._messages = 0  # beyond 500 a second
        self._pace = Pace()
        self._drop_until_s = 0.0  # what comes before is dropped: it costs too much
        self._reported_s: dict[str, float] = {}

    # ---- what the client sends over the WebSocket ------------------------------------------------

    def take(self, message: m.AnyMessage) -> None:
        """Take an `rtc.` message. Raises FrametalkError."""
        match message:
            case m.RtcOffer():
                self._signalling.take(message)
            case m.RtcIce():
                try:
                    self._signalling.take(message)
                except FrametalkError as error:  # very many are one error a second
                    self.refuse(error)
            case m.RtcMic():
                self._move(message)
            case _:
                raise _misplaced("rtc.beat belongs on the data channel")

    def follow(self, message: m.AnyMessage) -> None:
        """The session has taken this message: a microphone stream may have been opened or closed."""
        if isinstance(message, m.MicStart):
            self.routes.start(message)
            self._track.started()
        elif isinstance(message, m.MicStop):
            self.routes.stop()

    def _move(self, message: m.RtcMic) -> None:
        peer = self._peer
        ready = peer is not None and (
            peer.has_mic_channel if message.via == "channel" else peer.has_track
        )
        if not ready:
            raise FrametalkError(
                "rtc_route",
                f"there is no {message.via} for the microphone",
                stage=Stage.LINK,
                remedy="wait for rtc.heard, and offer an audio section for `track`",
            )
        self._take(self.routes.move(message))
        if message.via == "track":
            self._take(self._track.move(message.at))

    # ---- signalling ------------------------------------------------------------------------------

    async def _add(self, message: m.RtcIce) -> None:
        if self._peer is not None:
            await self._peer.add_candidate(message.candidate, message.mid)

    async def _answer(self, offer: m.RtcOffer) -> None:
        self._leave()
        client = self._client_address()
        peer = ServerPeer(
            self,
            Candidates(client),
            local_addresses(self._context.settings, client),
            SpeechTrack() if offer.speech == "track" else None,
        )
        self._reported_s.clear()
        self._life, self._both_ways = Liveness(self._context.now), Liveness(self._context.now)
        self._track = TrackSound(self.routes, self.refuse)
        try:
            answer = await peer.answer(offer.sdp)
        except BaseException:
            await peer.close()
            raise
        self._peer = peer
        self.speech.connect(peer, offer.speech, self._both_ways)
        self._pulse = Pulse(self._beat)
        loop = asyncio.get_running_loop()
        self._up_limit = loop.call_later(UP_S, self._check_up)
        self._context.send(m.RtcAnswer(sdp=answer))

    def _leave(self) -> None:
        """Close the peer connection, if there is one."""
        peer, self._peer = self._peer, None
        self._life.end()
        self._both_ways.end()
        self.speech.disconnect()
        if self._pulse is not None:
            self._pulse.stop()
        if self._up_limit is not None:
            self._up_limit.cancel()
        if peer is not None:
            self._closing.start(peer.close(), "close a peer connection")

    async def close(self) -> None:
        """End it with the session."""
        self._leave()
        await self._closing.finish(CLOSE_S)

    # ---- what arrives over the peer connection ---------------------------------------------------

    def message(self, data: bytes | str) -> None:
        """A message of the channel `mic`."""
        if not self._admits():
            return
        began_s = time.thread_time()
        try:
            if isinstance(data, str) or not is_media(data):
                self._take_beat(data)
            else:
                self._take(self.routes.channel(decode_media(data)))
        except FrametalkError as error:
            self.refuse(error)
        self._count(began_s)

    def _take_beat(self, data: bytes | str) -> None:
        beat = None if isinstance(data, str) else client_codec.decode_binary(data)
        if not isinstance(beat, m.RtcBeat):
            raise _misplaced("only media frames and rtc.beat belong on the data channel")
        if not beat.silent:
            self._both_ways.touch()
        if beat.mic_sample is not None:
            self._track.beat(beat.mic_sample)

    def packet(self, number: int, sample: int, payload: bytes) -> None:
        """A packet of the microphone's track."""
        if not self._admits():
            return
        began_s = time.thread_time()
        self._take(self._track.packet(number, sample, payload))
        self._count(began_s)

    def _admits(self) -> bool:
        """Something came: whether it is taken, or dropped because what came before took too long."""
        self._life.touch()
        self._messages += 1
        return self._context.now() >= self._drop_until_s

    def _count(self, began_s: float) -> None:
        """Count the processor time since `began_s` for this client's share."""
        now_s = self._context.now()
        self._drop_until_s = now_s + self._pace.wait_s(time.thread_time() - began_s, now_s)

    def take_media(self, frame: Media) -> None:
        """A microphone frame that came over the WebSocket."""
        self._take(self.routes.websocket(frame))

    def _take(self, frames: list[Media]) -> None:
        for frame in frames:
            self._hear(frame, self.routes.end)

    def refuse(self, error: FrametalkError) -> None:
        """Report an error; each code at most once a second."""
        now_s = self._context.now()
        if now_s - self._reported_s.get(error.code, -REPORT_EVERY_S) >= REPORT_EVERY_S:
            self._reported_s[error.code] = now_s
            self._context.report(error, error.ref)

    def ended(self) -> None:
        """The peer connection has failed, or the client has closed it."""
        if self._peer is not None:
            self._give_up("the peer connection has ended")

    def _check_up(self) -> None:
        if self._peer is not None and not self._peer.has_mic_channel:
            self._give_up(f"the peer connection did not come up within {UP_S:.0f} s")

    def _give_up(self, text: str, code: str = "rtc_failed") -> None:
        self.refuse(
            FrametalkError(
                code,
                text,
                stage=Stage.LINK,
                remedy="go on over the WebSocket; offer again when the network has changed",
            )
        )
        self._leave()

    # ---- beats -----------------------------------------------------------------------------------

    def _beat(self) -> None:
        """Every 100 ms: say how far the microphone was heard, if the client is there."""
        peer = self._peer
        if peer is None:
            return
        self._messages = max(0, self._messages - round(MESSAGES_PER_S * BEAT_S))
        if self._messages > MESSAGES_PER_S:
            self._give_up(f"more than {MESSAGES_PER_S} messages a second", "rtc_flood")
            return
        if self._life.is_alive:
            reply, sample = self.speech.position
            peer.send(encode(m.RtcHeard(mic_sample=self.routes.end, reply=reply, sample=sample)))
        self.speech.check()


def _misplaced(text: str) -> FrametalkError:
    return FrametalkError(
        "rtc_channel",
        text,
        stage=Stage.LINK,
        remedy="send rtc.beat on the data channel `mic`, and control messages over the WebSocket",
    )
