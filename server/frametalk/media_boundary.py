"""The peer connection of one session, at the session's boundary: what is heard by it, and sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from frametalk import media_loader
from frametalk.boundary import PEER, Boundary
from frametalk.config import FrametalkSettings
from frametalk.context import SessionContext
from frametalk.errors import FrametalkError
from frametalk.tasks import Tasks
from frametalk.wire import messages as m
from frametalk.wire.codec import Media

if TYPE_CHECKING:
    from frametalk.media_upgrade import MediaUpgrade


@dataclass(frozen=True, slots=True)
class PeerContext:
    """What a peer connection gets of its session."""

    settings: FrametalkSettings
    now: Callable[[], float]
    tasks: Tasks
    send: Callable[[m.RtcAnswer], None]
    report: Callable[[FrametalkError, str], None]


class MediaAtBoundary:
    """The MediaUpgrade of a session, which lies outside: its network, its codecs and its clock.

    Only what it decides reaches the session: frames of the microphone after decoding, in order; errors;
    which frames of a reply it takes. A replay has no MediaUpgrade. `hear`, `send_again` and
    `client_address` are those of MediaUpgrade. `is_as_it_came` says whether a frame is the one that the
    connection has delivered, rather than decoded from it.
    """

    def __init__(
        self,
        context: SessionContext,
        client_address: Callable[[], str],
        hear: Callable[[Media, int | None], None],
        send_again: Callable[[], None],
        is_as_it_came: Callable[[Media], bool],
    ) -> None:
        self.upgrade: MediaUpgrade | None = None  # None: in a replay
        self._context = context
        self._boundary: Boundary = context.boundary
        self._client_address = client_address
        self._hear = hear
        self._is_as_it_came = is_as_it_came
        self._came: Media | None = None  # over the connection, and not heard yet
        self._sdp = ""
        callback = self._boundary.callback
        self._heard, self._answered = callback(self._take_heard), callback(self._send_answer)
        self._send_again, self._report = callback(send_again), callback(context.report)
        self._tasks = Tasks(callback(context.tasks.fail))
        self._boundary.value(self._begin)

    def _begin(self) -> None:
        context = self._context
        around = PeerContext(context.settings, context.now, self._tasks, self._answer, self._report)
        self.upgrade = media_loader.load()(
            around, self._client_address, self._hear_outside, self._send_again
        )

    @property
    def _outside(self) -> MediaUpgrade:
        assert self.upgrade is not None  # noqa: S101  (a replay takes what is recorded)
        return self.upgrade

    # ---- what the session takes ------------------------------------------------------------------

    def take(self, message: m.AnyMessage) -> None:
        """Take an `rtc.` message. Raises FrametalkError."""
        self._boundary.value(lambda: self._outside.take(message))

    def follow(self, message: m.AnyMessage) -> None:
        """The session has taken this message: a microphone stream may have been opened or closed."""
        if self.upgrade is not None:
            self.upgrade.follow(message)

    def take_media(self, frame: Media) -> None:
        """A microphone frame that came over the WebSocket."""
        self._came = frame if self._is_as_it_came(frame) else None
        self._boundary.value(lambda: self._outside.take_media(frame))

    async def close(self) -> None:
        """End it with the session."""
        await self._boundary.answer(self._close)

    async def _close(self) -> None:
        await self._tasks.close()
        await self._outside.close()

    # ---- what the session sends ------------------------------------------------------------------

    def sent(self, message: m.AnyMessage) -> None:
        """A control message goes to the client."""
        if self.upgrade is not None:
            self.upgrade.speech.sent(message)

    def send_media(self, frame: Media) -> bool:
        """Send a frame of a reply; False if it must go over the WebSocket."""
        taken = self._boundary.value(lambda: self._outside.speech.send_media(frame))
        if taken:
            self._boundary.sent_media(PEER, frame)
        return taken

    def flush_media(self, stream: int) -> None:
        """The media of `stream` is void."""
        if self.upgrade is not None:
            self.upgrade.speech.flush_media(stream)

    # ---- what comes from outside -----------------------------------------------------------------

    def _hear_outside(self, frame: Media, end: int | None) -> None:
        # What the connection has delivered is in the recording already.
        as_it_came = frame is self._came
        route = self._outside.routes.via or "websocket"
        self._heard(None if as_it_came else frame, end, route)

    def _take_heard(self, frame: Media | None, end: int | None, _route: str) -> None:
        """Hear a frame; None: the one that has just come over the connection. The route is for people."""
        frame = frame or self._came
        assert frame is not None  # noqa: S101  (the contract)
        self._hear(frame, end)

    def _answer(self, answer: m.RtcAnswer) -> None:
        self._sdp = answer.sdp
        self._answered(len(answer.sdp))

    def _send_answer(self, characters: int) -> None:
        """Send the answer; a replay has one of the same length."""
        self._context.send(m.RtcAnswer(sdp=self._sdp or " " * characters))
        self._sdp = ""
