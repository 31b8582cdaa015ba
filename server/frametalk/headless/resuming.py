"""A client's link that opens another connection when one breaks, and sends again what did not arrive."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import msgspec

from frametalk.errors import FrametalkError
from frametalk.headless.address import Address
from frametalk.headless.clock import Clock
from frametalk.tasks import Tasks
from frametalk.transports.arrivals import UNCOUNTED
from frametalk.transports.link import Inbound, Link, LinkClosed
from frametalk.transports.resumable import ENDS
from frametalk.transports.sent import SentLog, end_of
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, client_codec

log = logging.getLogger(__name__)

MAX_ITEMS = 900  # 10 s of 20 ms frames and much besides; fewer than a link queues
MAX_BYTES = 768 * 1024
GOING_AWAY = (
    1001  # a server that stops, and with it the session; a client that has another connection
)
FIRST_WAIT_S = 0.01
LONGEST_WAIT_S = 1.0
JOIN_TIMEOUT_S = 5.0
QUIET_S = 3.0  # an `ack` that nothing follows for so long: the connection only seems to be there
LIMITS_BEFORE_WELCOME = m.Limits(
    message_bytes=0, lead_ms=0, played_every_ms=0, mic_frame_ms=0, tools=0, entities=0
)

Position = Callable[[], tuple[int, int] | None]
"""The reply under way and how far it was played; None: there is none."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """A connection that broke, and the one that went on. Times in seconds."""

    broke_s: float
    resumed_s: float
    closed: LinkClosed


class ResumingLink:
    """A Link over one connection after another, which `reopen` opens, at the address that is current then.

    It ends, with LinkClosed, when the session has ended or cannot be resumed. After each break `resumed` is
    called. `address`: where `reopen` connects, which a `goaway` may change.
    """

    def __init__(
        self,
        link: Link,
        reopen: Callable[[], Awaitable[Link]],
        clock: Clock,
        position: Position,
        resumed: Callable[[Resumed], None] = lambda _resumed: None,
        address: Address | None = None,
    ) -> None:
        self._link: Link | None = link
        self._reopen = reopen
        self._clock = clock
        self._position = position
        self._resumed = resumed
        self._address = address or Address("")
        self.reconnected: Callable[[], None] = lambda: None
        self._hello = m.Hello(protocol=m.PROTOCOL_VERSION)
        self._token = ""
        self._limits = LIMITS_BEFORE_WELCOME
        self._stands_until_s = 0.0  # the game's pause
        self._log = SentLog(client_codec, MAX_ITEMS, MAX_BYTES)
        self._sent = 0
        self._stream: int | None = None  # the open microphone stream
        self._mic_sample = 0
        self._received = 0
        self._next_frame: dict[int, int] = {}  # stream -> the `seq` of the frame that follows
        self._closed = asyncio.Event()
        self._tasks = Tasks(lambda name, error: log.warning("%s failed: %s", name, error))
        self._asked_s: float | None = None  # since when an `ack` has no answer
        self._refused_for_s = 0.0  # the server takes no connection before

    # ---- as a Link -------------------------------------------------------------------------------

    async def receive(self) -> Inbound:
        """The next item that has not been received before."""
        while True:
            if self._link is None:
                raise LinkClosed(1000)
            try:
                async with asyncio.timeout(QUIET_S):
                    inbound = await self._link.receive()
            except TimeoutError:
                await self._leave_if_quiet(self._link)
                continue
            except LinkClosed as closed:
                await self._go_on(closed)
                continue
            self._asked_s = None
            if isinstance(inbound, m.GoAway) and self._limits is LIMITS_BEFORE_WELCOME:
                await self._begin_elsewhere(self._link, inbound)
            elif not self._is_repeated(inbound):
                return inbound

    def send(self, message: m.AnyMessage) -> None:
        """Send a control message. It is kept until the server confirms it."""
        if isinstance(message, m.Hello):
            self._hello = message
        elif message.__struct_config__.tag not in UNCOUNTED:
            self._sent += 1
            self._log.add(self._sent, message)
            if isinstance(message, m.MicStart):
                self._stream, self._mic_sample = message.stream, 0
            elif isinstance(message, m.MicStop):
                self._stream = None
            elif isinstance(message, m.Pause):
                longest_ms = self._limits.pause_ms if message.paused else 0.0
                for_ms = longest_ms if message.for_ms is None else message.for_ms
                self._stands_until_s = self._clock.now_s() + min(for_ms, longest_ms) / 1000
        if isinstance(message, m.Ack) and self._asked_s is None:
            self._asked_s = self._clock.now_s()
        if self._link is not None:
            self._link.send(message)

    def send_media(self, frame: Media) -> None:
        """Send a microphone frame. The newest 10 s and more are kept until the server has heard them."""
        self._mic_sample = end_of(frame)
        self._log.add_media(frame)
        if self._link is not None:
            self._link.send_media(frame)

    def keep_media(self, frame: Media) -> None:
        """A microphone frame goes another way; it is kept until the server has heard it."""
        self._mic_sample = end_of(frame)
        self._log.add_media(frame)

    def heard(self, mic_sample: int) -> None:
        """The server has heard the open stream so far. A count that cannot be is ignored."""
        if self._stream is not None and mic_sample <= self._mic_sample:
            self._log.confirm_media(self._stream, mic_sample)

    def send_media_again(self) -> None:
        """Send what the server has not heard: another way has failed."""
        if self._link is not None:
            for frame in self._log.unconfirmed_media():
                self._link.send_media(frame)

    @property
    def mic_sample(self) -> int | None:
        """How far the open microphone stream has come; None: no stream is open."""
        return None if self._stream is None else self._mic_sample

    def flush_media(self, stream: int) -> None:
        """Discard queued and kept media of `stream`."""
        self._log.flush(stream)
        if self._link is not None:
            self._link.flush_media(stream)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """End it, whether there is a connection or not."""
        self._token = ""
        self._closed.set()
        if self._link is not None:
            await self._link.close(code, reason)
        await self._tasks.close()

    # ---- what comes ------------------------------------------------------------------------------

    def _is_repeated(self, inbound: Inbound) -> bool:
        """Note what came; whether it came before, or was for this link only."""
        if isinstance(inbound, Media):
            following = self._next_frame.get(inbound.stream, 0)
            self._next_frame[inbound.stream] = max(following, inbound.seq + 1)
            return inbound.seq < following
        if isinstance(inbound, m.Received):
            self._confirm(inbound.messages, inbound.mic_sample)
            return True
        seq: int = getattr(inbound, "seq", 0)
        if 0 < seq <= self._received:
            return True
        self._received = max(seq, self._received)
        if isinstance(inbound, m.Welcome):
            self._token, self._limits = inbound.resume, inbound.limits
        elif isinstance(inbound, m.ReplyBegin):
            self._next_frame[inbound.stream] = 0
        elif isinstance(inbound, m.GoAway):
            self._leave(inbound)
        return False

    def _leave(self, goaway: m.GoAway) -> None:
        if wrong := self._address.leave(goaway):
            log.warning("%s; it is ignored", wrong)

    def _confirm(self, messages: int, mic_sample: int | None) -> None:
        self._log.confirm_through(messages)
        if self._stream is not None and mic_sample is not None:
            self._log.confirm_media(self._stream, mic_sample)

    # ---- another connection ----------------------------------------------------------------------

    async def _begin_elsewhere(self, link: Link, goaway: m.GoAway) -> None:
        """The server that the first `hello` came to stops: say it to the next one. Raises as `reopen`."""
        self._leave(goaway)
        self._tasks.start(link.close(), "leave a connection")
        self._link = await self._reopen()
        self._link.send(self._hello)

    async def _leave_if_quiet(self, link: Link) -> None:
        if self._asked_s is None or self._clock.now_s() < self._asked_s + QUIET_S:
            return
        self._tasks.start(
            link.close(GOING_AWAY, "quiet"), "leave a connection"
        )  # it may take a second
        await self._go_on(LinkClosed(1006, "quiet"))

    async def _go_on(self, closed: LinkClosed) -> None:
        """Resume over another connection. Raises LinkClosed when the session is over."""
        self._link, self._asked_s = None, None
        broke_s = self._clock.now_s()
        until_s = max(broke_s + self._limits.resume_ms / 1000, self._stands_until_s)
        wait_s = FIRST_WAIT_S
        while self._link is None:
            if not self._token or closed.code in {*ENDS, GOING_AWAY}:
                raise closed
            self._link = await self._connected()
            if self._link is None:
                if self._clock.now_s() + max(wait_s, self._refused_for_s) > until_s:
                    raise closed
                await self._wait(max(wait_s, self._refused_for_s))
                wait_s = min(2 * wait_s, LONGEST_WAIT_S)
        self.reconnected()
        self._resumed(Resumed(broke_s, self._clock.now_s(), closed))

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._closed.wait()
        except TimeoutError:
            pass

    async def _connected(self) -> Link | None:
        """A connection on which the session goes on; None if there was none, and it may be tried again."""
        link: Link | None = None
        try:
            async with asyncio.timeout(JOIN_TIMEOUT_S):
                link = await self._reopen()
                await self._join(link)
        except (FrametalkError, LinkClosed, TimeoutError) as error:
            if link is not None:
                await link.close()
            if isinstance(error, LinkClosed) and error.code in ENDS:
                raise
            return None
        return link

    async def _join(self, link: Link) -> None:
        """Say how far this client is, then send what the server lacks. Raises LinkClosed."""
        self._refused_for_s = 0.0
        link.send(
            msgspec.structs.replace(self._hello, resume=self._token, resume_from=self._counts())
        )
        inbound = await link.receive()
        while not isinstance(inbound, m.Welcome):
            if isinstance(inbound, m.Error):
                self._address.answered()
                self._refused_for_s = inbound.retry_after_ms / 1000
            elif isinstance(inbound, m.GoAway):
                self._leave(inbound)
            inbound = await link.receive()
        self._address.answered()
        if not inbound.resumed:
            link.send(m.Bye(reason="the session was not resumed"))
            raise LinkClosed(1000, inbound.not_resumed)
        self._token = inbound.resume
        self._confirm(inbound.received, inbound.mic_sample)
        if self._log.dropped > inbound.received:
            raise LinkClosed(1000, "more was sent than is kept")
        for _number, item in self._log.entries():
            if isinstance(item, Media):
                link.send_media(item)
            else:
                link.send(item)

    def _counts(self) -> m.ResumeFrom:
        playing = self._position()
        return m.ResumeFrom(
            received=self._received,
            sent=self._sent,
            mic_sample=self._mic_sample,
            reply=None if playing is None else playing[0],
            played=0 if playing is None else playing[1],
        )
