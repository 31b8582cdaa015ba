"""What the parts of one session share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from frametalk import handshake
from frametalk.audit import AuditLog
from frametalk.boundary import OPEN, Boundary
from frametalk.context import SessionContext
from frametalk.conversation import Conversation
from frametalk.core.caps import Accounts
from frametalk.engines import Engines
from frametalk.errors import FrametalkError
from frametalk.handover.session import KeptSession
from frametalk.media_boundary import MediaAtBoundary
from frametalk.pipeline.conduct import PlayerTerms
from frametalk.pipeline.spending import no_caps
from frametalk.records import Records, default_folder
from frametalk.resumption import SessionTokens
from frametalk.transports.opus_link import OpusLink
from frametalk.transports.resumable import ResumableLink
from frametalk.wire import messages as m
from frametalk.wire.codec import Media


@dataclass(frozen=True, slots=True)
class Books:
    """What a server writes down for all its sessions.

    `boundary` makes that of a session from its id and its clock.
    """

    audit: AuditLog = field(default_factory=AuditLog)
    accounts: Accounts = field(default_factory=no_caps)
    records: Records = field(default_factory=lambda: Records(default_folder()))
    boundary: Callable[[str, Callable[[], float]], Boundary] = lambda _session, _now: OPEN


@dataclass(slots=True)
class SessionState:
    """A session's links, engines and books from the start; the rest comes with `hello`, or is restored.

    `subject`: the player, as the token names them. `limit_s`: when the client's grant ends, by the
    context's clock. `lost`: what the session goes on from, although more had happened since.
    """

    id: str
    context: SessionContext
    link: ResumableLink
    pcm_link: OpusLink
    engines: Engines
    books: Books
    tokens: SessionTokens[Any]
    subject: str = ""
    hello: m.Hello | None = None
    welcome: m.Welcome | None = None
    conversation: Conversation | None = None
    upgrade: MediaAtBoundary | None = None
    limit_s: float | None = None
    lost: KeptSession | None = None

    @property
    def window_ms(self) -> float:
        """How long it waits for another connection."""
        paused_ms = 0.0 if self.conversation is None else self.conversation.pause.left_ms
        return max(self.context.settings.server.resume_ms, paused_ms)

    def keep_sent(self) -> None:
        """From now on the session outlives its link: what is sent is kept until the client has it."""
        self.link.keep(lambda: self.window_ms, self.tokens.prove)

    def converse(
        self, hello: m.Hello, character: str, languages: handshake.Languages, child: bool
    ) -> Conversation:
        """Begin its conversation; messages are not taken yet."""
        player = PlayerTerms(self.books.accounts, self.subject, child)
        self.conversation = Conversation(
            self.context, hello, character, self.engines, languages, player
        )
        return self.conversation

    def open_record(self, consent: m.Consent) -> None:
        """From now on what the player agreed to is stored."""
        record = self.books.records.of(
            self.subject, self.id, store=consent.store, record=consent.record
        )
        self.context = replace(self.context, record=record)
        self.context.boundary.agreed(consent.store and consent.record, self.subject)

    def open_upgrade(self, welcome: m.Welcome) -> None:
        """From now on this session may have a peer connection, if its welcome says so."""
        if handshake.RTC not in welcome.features:
            return
        link = self.link
        self.upgrade = MediaAtBoundary(
            self.context,
            lambda: link.address,
            self.feed,
            link.send_media_again,
            self.pcm_link.is_pcm,
        )
        link.other_way = self.upgrade

    def feed(self, frame: Media, heard: int | None) -> None:
        """Hear a frame, by whatever way it came; `heard`: how far the open stream has come with it."""
        if heard is not None:
            self.link.arrived.heard(heard)
        try:
            if self.conversation is not None:
                self.conversation.microphone.feed(frame)
        except FrametalkError as error:
            self.context.report(error, "media")
