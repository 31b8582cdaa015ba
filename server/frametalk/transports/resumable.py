"""The server's link of a session that outlives its connections: what did not arrive is sent again."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from frametalk.errors import FrametalkError, Stage
from frametalk.tasks import Tasks
from frametalk.transports.arrivals import Arrivals
from frametalk.transports.link import (
    Inbound,
    Link,
    LinkClosed,
    OnMedia,
    WatchedLink,
    not_taken,
)
from frametalk.transports.unconfirmed import KeptSent, Unconfirmed
from frametalk.wire import messages as m
from frametalk.wire.codec import Media

log = logging.getLogger(__name__)

ENDS = frozenset({1000, 1008, 1009})  # with these codes a session ends, not only its connection
UNPROVED_MS = 5_000.0  # a client that never sent anything may not know its token
DISCONNECTED = "disconnected"
QUIET = "quiet"
TAKEN = m.Error(
    code="session_taken",
    text="another connection has resumed this session",
    stage="session",
    fault="client",
    remedy="use a token for one connection only",
    fatal=True,
)


class Stoppable(Protocol):
    """A time that stands still while there is a reason for it."""

    def stop(self, reason: str) -> None: ...

    def go(self, reason: str) -> None: ...


class OtherWay(Protocol):
    """Another way for the sound of replies than the connection, which may take a frame."""

    def sent(self, message: m.AnyMessage) -> None: ...

    def send_media(self, frame: Media) -> bool: ...

    def flush_media(self, stream: int) -> None: ...


@dataclass(frozen=True, slots=True)
class KeptLink:
    """What was sent and what has arrived, as it outlives a server that restarts."""

    sent: KeptSent
    messages: int
    mic_sample: int | None


class ResumableLink:
    """A Link over one connection after another. Until `keep` is called it ends with its connection.

    While there is no connection, `time` stands still, and what is sent is kept. It also stands still while
    nothing comes over a connection that seems to be there.
    """

    def __init__(self, link: WatchedLink | None, tasks: Tasks, time: Stoppable) -> None:
        self.arrived = Arrivals()
        self.other_way: OtherWay | None = None
        self.read_bytes = 0  # of what was received last
        self._link: WatchedLink | None = link
        self._tasks = tasks
        self._time = time
        self._seq = 0
        self._sent: Unconfirmed | None = None  # None: not kept
        self._window_ms: Callable[[], float]
        self._proved: Callable[[], None]
        self._is_proved = False  # on the present connection
        self._has_token = False  # the client has got one, on whatever connection
        self._end: LinkClosed | None = None
        self._attached = asyncio.Event()
        self.over = asyncio.Event()  # the present connection is not used any more
        self._receiving: asyncio.Timeout | None = None
        self._on_media: OnMedia = not_taken
        if link is not None:
            self._listen_to(link)

    def keep(self, window_ms: Callable[[], float], proved: Callable[[], None]) -> None:
        """From now on, when a connection breaks, wait `window_ms` for another one.

        `proved` is called each time the client has sent something
        on a new connection: it has got the token of that connection's `welcome`.
        """
        self._sent = Unconfirmed(self._seq)
        self._window_ms = window_ms
        self._proved = proved

    def kept(self, *, whole: bool) -> KeptLink:
        """What to restore elsewhere; `whole`: it will be known how far the client is.

        Only after `keep` was called.
        """
        assert self._sent is not None  # noqa: S101  (the contract)
        return KeptLink(
            self._sent.kept(whole=whole), self.arrived.messages, self.arrived.mic_sample
        )

    def restore(self, kept: KeptLink) -> None:
        """Go on from another server's link, which `keep` was called on, without a connection."""
        assert self._sent is not None  # noqa: S101  (as above)
        self._sent.restore(kept.sent)
        self._seq = kept.sent.seq
        self.arrived.messages, self.arrived.mic_sample = kept.messages, kept.mic_sample
        self._has_token = True
        self._time.stop(DISCONNECTED)

    def assume(self, at: m.ResumeFrom) -> None:
        """Everything has arrived up to where the client is, since it is not known how far that was.

        Raises FrametalkError `resume_lost` for a client that does not count.
        """
        if at.received is None or at.sent is None:
            raise _refusal(
                "resume_lost",
                "the server was killed, and resume_from does not say what was received and sent",
                "count as the page on the wire says",
            )
        self._sent = Unconfirmed(at.received)
        self._seq = at.received
        self.arrived.messages = at.sent
        if self.arrived.mic_sample is not None:
            self.arrived.mic_sample = at.mic_sample

    @property
    def address(self) -> str:
        """The client's address; of a client without a connection, or in this process, loopback."""
        return getattr(self._link, "address", "127.0.0.1")

    @property
    def waits(self) -> bool:
        """Whether there is no connection, and another one may come."""
        return self._link is None and self._end is None

    @property
    def queued_bytes(self) -> int:
        """Bytes that the present connection has not taken yet."""
        return getattr(self._link, "bytes_waiting", 0)

    @property
    def unconfirmed_bytes(self) -> int:
        """Bytes that are kept until the client says that it has them."""
        return 0 if self._sent is None else self._sent.bytes

    # ---- as a Link -------------------------------------------------------------------------------

    async def receive(self) -> Inbound:
        """The next item from whatever connection there is; waits while there is none."""
        while True:
            link = self._link
            if link is None:
                await self._wait_for_connection()
                continue
            if self._sent is None:
                inbound = await link.receive()
                self.read_bytes = link.read_bytes
                return inbound
            try:
                inbound = await self._receive_from(link)
            except TimeoutError:
                continue  # this connection is not used any more
            except LinkClosed as closed:
                if link is self._link:
                    self._broke(closed)
                continue
            self.read_bytes = link.read_bytes
            if link is self._link and not self._confirms(inbound, self._sent):
                return inbound

    def hear(self, on_media: OnMedia) -> None:
        """From now on media may go to `on_media`, as with WatchedLink."""
        self._on_media = on_media

    def _take_media(self, frame: Media) -> bool:
        if self._sent is not None and not self._is_proved:
            return False  # `receive` notes that the client has its token
        if not self._on_media(frame):
            return False
        if self._sent is not None:
            self.arrived.take(frame)
        return True

    async def _receive_from(self, link: Link) -> Inbound:
        try:
            async with asyncio.timeout(None) as self._receiving:
                return await link.receive()
        finally:
            self._receiving = None

    def send(self, message: m.AnyMessage) -> None:
        """Send a control message; a numbered one is kept until it is confirmed."""
        seq: int = getattr(message, "seq", 0)
        if seq:
            self._seq = seq
            if self._sent is not None:
                self._sent.sent(message, seq)
        if self.other_way is not None:
            self.other_way.sent(message)
        if self._link is not None:
            self._link.send(message)

    def send_media(self, frame: Media) -> None:
        """Send a frame of a reply; it is kept until it was played."""
        if self._sent is not None:
            self._sent.sent_media(frame)
        if self.other_way is not None and self.other_way.send_media(frame):
            return
        if self._link is not None:
            self._link.send_media(frame)

    def send_media_again(self) -> None:
        """Send over the connection what was not played of the reply: another way has failed."""
        if self._sent is not None and self._link is not None:
            for frame in self._sent.unplayed():
                self._link.send_media(frame)

    def flush_media(self, stream: int) -> None:
        """Discard queued and kept media of `stream`."""
        if self._sent is not None:
            self._sent.flush(stream)
        if self.other_way is not None:
            self.other_way.flush_media(stream)
        if self._link is not None:
            self._link.flush_media(stream)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """End it, whether there is a connection or not."""
        self._end = self._end or LinkClosed(code, reason)
        self._attached.set()
        link, self._link = self._link, None
        if link is not None:
            self._interrupt()
            await link.close(code, reason)
        self.over.set()

    # ---- connections that break, and others that take over ---------------------------------------

    def _broke(self, closed: LinkClosed) -> None:
        """The connection is gone."""
        self._link = None
        self.over.set()
        self._attached.clear()
        if closed.code in ENDS:
            self._end = self._end or closed
        else:
            log.info("the connection broke (%s), the session waits to be resumed", closed)
        self._time.stop(DISCONNECTED)

    def _listen_to(self, link: WatchedLink) -> None:
        """Let the time stand still while nothing comes over this connection."""

        def quiet(is_quiet: bool) -> None:
            if link is not self._link:
                return
            log.info("nothing comes any more" if is_quiet else "something comes again")
            (self._time.stop if is_quiet else self._time.go)(QUIET)

        def media(frame: Media) -> bool:
            return link is self._link and self._take_media(frame)

        self._time.go(QUIET)
        link.on_quiet = quiet
        link.on_media = media

    async def _wait_for_connection(self) -> None:
        if self._end is None:
            try:
                longest_ms = math.inf if self._has_token else UNPROVED_MS
                async with asyncio.timeout(min(self._window_ms(), longest_ms) / 1000):
                    await self._attached.wait()
            except TimeoutError:
                self._end = LinkClosed(1006, "not resumed in time")
        if self._end is not None:
            raise self._end

    def check(self, at: m.ResumeFrom) -> None:
        """Raise FrametalkError `resume_counts` or `resume_lost` if a client cannot resume from there."""
        assert self._sent is not None  # noqa: S101  (only what is kept has a token)
        if not (self._sent.fits(at) and self.arrived.fits(at)):
            raise _refusal(
                "resume_counts",
                "resume_from says that more was received than was sent, or less sent than received",
                "count as the page on the wire says",
            )
        if self._sent.lacks(at):
            raise _refusal(
                "resume_lost",
                "messages that did not arrive are not kept any more",
                "send `ack` every second",
            )

    def attach(self, link: WatchedLink, welcome: m.Welcome, at: m.ResumeFrom) -> asyncio.Event:
        """Go on over `link`: send `welcome`, then what the client lacks.

        A connection that is still there gets `session_taken`. The event that is returned is set when `link`
        is not used any more.
        """
        assert self._sent is not None  # noqa: S101  (as above)
        if self._link is not None:
            self._leave(self._link)
        self._link, self._is_proved = link, False
        over = self.over = asyncio.Event()
        link.send(welcome)
        for item in self._sent.after(at):
            if isinstance(item, Media):
                link.send_media(item)
            else:
                link.send(item)
        self._attached.set()
        self._listen_to(link)
        self._time.go(DISCONNECTED)
        return over

    def _leave(self, link: Link) -> None:
        link.send(TAKEN)
        self._tasks.start(link.close(1008, TAKEN.code), "close a connection that was taken over")
        self._interrupt()
        self.over.set()

    def _interrupt(self) -> None:
        """Let `receive` leave the connection that it waits for."""
        if self._receiving is not None and not self._receiving.expired():
            self._receiving.reschedule(0)

    # ---- what arrives ----------------------------------------------------------------------------

    def _confirms(self, inbound: Inbound, sent: Unconfirmed) -> bool:
        """Count it; whether it only confirms what was sent, and is not for the session."""
        if not self._is_proved:
            self._is_proved = self._has_token = True
            self._proved()
        self.arrived.take(inbound)
        if isinstance(inbound, m.Played):
            sent.played(inbound)
        if not isinstance(inbound, m.Ack) or not sent.confirm(inbound.acked):
            return False
        if self._link is not None:
            arrived = self.arrived
            self._link.send(m.Received(messages=arrived.messages, mic_sample=arrived.mic_sample))
        return True


def ack_beyond(acked: int) -> FrametalkError:
    """The error for an `ack` of what was never sent."""
    return _refusal(
        "ack_beyond",
        f"seq {acked} is confirmed, but was not sent yet",
        "confirm the `seq` of the newest message that came",
    )


def _refusal(code: str, text: str, remedy: str) -> FrametalkError:
    return FrametalkError(code, text, stage=Stage.SESSION, remedy=remedy)
