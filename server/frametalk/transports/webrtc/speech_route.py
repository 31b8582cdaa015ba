"""The way of a session's replies: over the peer connection while it is alive, else over the WebSocket."""

from __future__ import annotations

from collections.abc import Callable

from frametalk.transports.webrtc.beats import Liveness
from frametalk.transports.webrtc.names import CALM_S
from frametalk.transports.webrtc.server_peer import ServerPeer
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, encode_media

KEPT_REPLIES = 2


class SpeechRoute:
    """`send_again` sends over the WebSocket what was not played of the present reply."""

    def __init__(self, send_again: Callable[[], None], now: Callable[[], float]) -> None:
        self._send_again = send_again
        self._now = now
        self._route: m.SpeechRoute = "websocket"
        self._peer: ServerPeer | None = None
        self._life = Liveness(now)
        self._moved = False
        self._blocked_until_s = 0.0
        self._replies: dict[int, m.ReplyBegin] = {}  # by stream, the newest

    def connect(self, peer: ServerPeer, route: m.SpeechRoute, life: Liveness) -> None:
        """There is a peer connection, and the client wants replies by `route`."""
        self._peer, self._route, self._life = peer, route, life

    def disconnect(self) -> None:
        """The peer connection has ended."""
        self._peer = None
        self.check()

    def check(self) -> None:
        """Move to the peer connection, or back: to be called every 100 ms."""
        blocked = self._now() < self._blocked_until_s
        wanted = self._route != "websocket" and self._peer is not None
        ready = wanted and self._life.is_calm and not blocked
        moved_back, self._moved = self._moved and not ready, ready
        if moved_back:
            self._send_again()

    @property
    def position(self) -> tuple[int | None, int]:
        """Which reply was sent on an audio track, and how far."""
        speech = None if self._peer is None else self._peer.speech
        begin = None if speech is None or not speech.sent else self._replies.get(speech.sent[0])
        if speech is None or speech.sent is None or begin is None:
            return None, 0
        return begin.reply, speech.sent[1]

    # ---- what the session sends ------------------------------------------------------------------

    def sent(self, message: m.AnyMessage) -> None:
        """A control message goes to the client."""
        if isinstance(message, m.ReplyBegin):
            self._replies[message.stream] = message
            while len(self._replies) > KEPT_REPLIES:
                del self._replies[next(iter(self._replies))]
            return
        speech = None if self._peer is None else self._peer.speech
        if isinstance(message, m.TurnStateChanged) and speech is not None:
            speech.pause(message.paused)

    def send_media(self, frame: Media) -> bool:
        """Send a frame of a reply; False if it must go over the WebSocket."""
        if not self._moved or self._peer is None:
            return False
        begin = self._replies.get(frame.stream)
        if self._peer.speech is not None and begin is not None:
            self._peer.speech.put(frame, begin.rate_hz)
            return True
        if not self._peer.send_speech(encode_media(frame)):
            self._blocked_until_s = self._now() + CALM_S
            self.check()  # this frame is sent again with the others
        return True

    def flush_media(self, stream: int) -> None:
        """The media of `stream` is void."""
        if self._peer is not None and self._peer.speech is not None:
            self._peer.speech.flush(stream)
