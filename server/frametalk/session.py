"""One player's session: from hello to its end; what arrives goes to its conversation."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NoReturn

import msgspec

from frametalk import handshake, media_loader, privacy
from frametalk.admission import Entrance, open_entrance, session_limit
from frametalk.audit import AuditLog
from frametalk.config import FrametalkSettings
from frametalk.context import ClientTime, SessionContext
from frametalk.conversation import Conversation
from frametalk.core.caps import Accounts
from frametalk.core.events import InterruptRequested, SpeechLost
from frametalk.engines import Engines
from frametalk.errors import Fault, FrametalkError, Stage
from frametalk.handover.conversation import hurry, is_settled, keep, restore
from frametalk.handover.session import (
    Kept,
    KeptSession,
    fitting,
    is_kept,
    say_what_is_lost,
    without_secrets,
)
from frametalk.metrics import Metrics
from frametalk.pipeline.conduct import PlayerTerms
from frametalk.pipeline.spending import cap_reached, no_caps
from frametalk.records import Records, default_folder
from frametalk.tasks import Tasks
from frametalk.transports.link import BadInput, Inbound, LinkClosed, WatchedLink
from frametalk.transports.message_rate import MessageRate
from frametalk.transports.opus_link import OpusLink
from frametalk.transports.resumable import ResumableLink, ack_beyond
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, UnknownMessage

if TYPE_CHECKING:
    from frametalk.media_upgrade import MediaUpgrade

log = logging.getLogger(__name__)

SERVICE_RESTART = 1012
TRY_AGAIN_LATER = 1013
SETTLING_POLL_S = 0.02
LONGEST_S = 0.002  # of work on messages before other sessions have their turn
# Of fatal errors; the others are faults of the client.
CLOSE_CODES = dict.fromkeys(("server_full", "server_busy", "address_limit"), TRY_AGAIN_LATER)
POLICY_VIOLATION = 1008


@dataclass(frozen=True, slots=True)
class Books:
    """What a server writes down for all its sessions."""

    audit: AuditLog = field(default_factory=AuditLog)
    accounts: Accounts = field(default_factory=no_caps)
    records: Records = field(default_factory=lambda: Records(default_folder()))


class Session:
    """One player's conversation, over one link, or over several that resume it.

    `link` None: `restore` follows, with what another server has kept.

    A session whose `hello` resumes another one hands its link over and does nothing else. `now` returns the
    server's monotonic seconds.
    """

    def __init__(
        self,
        link: WatchedLink | None,
        engines: Engines,
        settings: FrametalkSettings,
        *,
        session_id: str,
        metrics: Metrics,
        now: Callable[[], float] = time.monotonic,
        entrance: Entrance[Session] | None = None,
        books: Books | None = None,
    ) -> None:
        self.gave_link = False
        self.admitted = False
        self._first_link = link
        self._engines = engines
        self._settings = settings
        self.id = session_id
        self._entrance = entrance or open_entrance(settings.server)
        self._resumption = self._entrance.resumption
        self._tasks = Tasks(self._task_failed)
        client_time = ClientTime(now)
        self._link = ResumableLink(link, self._tasks, client_time)
        self._pcm_link = OpusLink(self._link)
        self._context = SessionContext(
            settings,
            self._pcm_link,
            metrics,
            self._tasks,
            now,
            client_time,
            (books or Books()).audit.of(session_id),
        )
        self._books = books or Books()
        self._rate = MessageRate(settings.server.messages_per_second)
        self.subject = ""  # the player, as the token names them
        self._welcome: m.Welcome | None = None
        self._hello: m.Hello | None = None
        self._limit_s: float | None = None  # when the client's grant ends, by `now`
        self._lost: KeptSession | None = None  # from which it goes on, although more has happened
        self.conversation: Conversation | None = None
        self._upgrade: MediaUpgrade | None = None

    async def run(self) -> None:
        """From hello, or from what was restored, to the closed link. Raises only CancelledError."""
        code, reason = 1000, ""
        try:
            if self.conversation is not None:
                await self._talk(self.conversation)
            hello = await handshake.wait_for_hello(
                self._link, self._settings.server.hello_timeout_ms
            )
            handshake.check_protocol(hello)
            grant = self._entrance.admit(hello, bool(hello.resume))
            refusal = None
            if hello.resume:
                try:
                    await self._give_link(hello)
                    return
                except FrametalkError as error:
                    refusal = error
                    grant = self._entrance.admit(hello, False)
            character = handshake.check_hello(
                hello, self._settings, self._engines.llm.characters, grant
            )
            self._entrance.check_room()
            self.admitted = True
            if grant.scopes is not None:
                scopes = tuple(scope for scope in hello.scopes if scope in grant.scopes)
                hello = msgspec.structs.replace(hello, scopes=scopes)
            if grant.max_session_s:
                self._limit(grant.max_session_s)
            languages = handshake.choose_languages(
                hello, self._settings, character, self._engines.tts, self._engines.asr
            )
            terms = privacy.terms(hello, self._settings.privacy, self._engines)
            self.subject = grant.subject
            player = PlayerTerms(self._books.accounts, grant.subject, terms.child)
            if cap := self._books.accounts.reached(grant.subject, time.time()):
                raise cap_reached(cap, "hello")
            self._open_record(terms.consent)
            await self._converse(hello, character, languages, terms, player, refusal)
        except LinkClosed as closed:
            log.info("link closed: %s", closed)
        except FrametalkError as error:
            self._context.report(error)
            code, reason = CLOSE_CODES.get(error.code, POLICY_VIOLATION), error.code
        except Exception as error:  # noqa: BLE001  (a failure in one session must not end others)
            self._task_failed("session", error)
            code, reason = 1011, "session_failed"
        finally:
            self._resumption.end(self)
            await self._tasks.close()
            self._context.record.close()
            if self._upgrade is not None:
                await self._upgrade.close()
            await self._link.close(code, reason)

    async def _converse(
        self,
        hello: m.Hello,
        character: str,
        languages: handshake.Languages,
        terms: privacy.Terms,
        player: PlayerTerms,
        refusal: FrametalkError | None,
    ) -> None:
        """The whole conversation; ends by an exception, LinkClosed as a rule."""
        rate_hz = self._engines.tts.rate_hz
        answer = handshake.welcome(
            hello, self._settings, self.id, character, rate_hz, languages, terms=terms
        )
        licence = privacy.voice_licence(self._settings, self._engines, character, languages.voice)
        answer = msgspec.structs.replace(answer, voice_licence=licence)
        if "resume" in answer.features:
            answer = msgspec.structs.replace(answer, resume=self._resumption.issue(self))
        if refusal is not None:
            answer = msgspec.structs.replace(answer, not_resumed=refusal.code)
        self._welcome, self._hello = answer, hello
        self._context.send(answer)
        if answer.resume:
            self._link.keep(lambda: self.window_ms, lambda: self._resumption.prove(self))
        if refusal is not None:
            self._context.report(refusal, "hello")
        if "opus" in answer.features:
            self._pcm_link.begin()
        if handshake.RTC in answer.features:
            self._open_upgrade()
        talk = self.conversation = Conversation(
            self._context, hello, character, self._engines, languages, player
        )
        await self._talk(talk)

    async def _talk(self, talk: Conversation) -> NoReturn:
        self._context.metrics.session_opened()
        try:
            self._tasks.start(talk.clock.run(), "clock")
            talk.world.learn_words()
            talk.conduct.spending.begin()
            taken_s = 0.0
            talk.conduct.spending.begin()
            while True:
                inbound = await self._pcm_link.receive()
                await self._keep_rate(inbound)
                began_s = time.perf_counter()
                self._take(inbound, talk)
                taken_s += time.perf_counter() - began_s
                if taken_s > LONGEST_S:  # messages that wait already do not let others run
                    taken_s = 0.0
                    await asyncio.sleep(0)
        finally:
            talk.close()
            self._context.metrics.session_closed()

    async def _keep_rate(self, inbound: Inbound) -> None:
        """Wait if the client sends more messages than it may."""
        now_s = self._context.now()
        wait_s = self._rate.wait_s(is_media=isinstance(inbound, Media), now_s=now_s)
        if wait_s:
            if error := self._rate.report(now_s):
                self._context.report(error)
            await asyncio.sleep(wait_s)

    def _open_record(self, consent: m.Consent) -> None:
        """From now on what the player agreed to is stored."""
        record = self._books.records.of(
            self.subject, self.id, store=consent.store, record=consent.record
        )
        self._context = replace(self._context, record=record)

    def _open_upgrade(self) -> None:
        """From now on this session may have a peer connection."""
        link = self._link
        self._upgrade = media_loader.load()(
            self._context, lambda: link.address, self._feed, link.send_media_again
        )
        link.other_way = self._upgrade.speech

    # ---- resuming --------------------------------------------------------------------------------

    async def _give_link(self, hello: m.Hello) -> None:
        """Let the session of the client's token use this link, until that does not need it any more.

        Raises FrametalkError if that session cannot be resumed.
        """
        try:
            session = self._resumption.find(hello.resume)
        except FrametalkError as unknown:
            restored = await self._entrance.restore(hello.resume)
            if restored is None:
                raise unknown from None
            session = restored
        assert self._first_link is not None  # noqa: S101  (its hello came over it)
        over = session._go_on(self._first_link, hello)  # noqa: SLF001  (another one of this class)
        self.gave_link = True
        await over.wait()

    def _go_on(self, link: WatchedLink, hello: m.Hello) -> asyncio.Event:
        """Go on over `link`; the event is set when it is not used any more. Raises FrametalkError."""
        assert self._welcome is not None  # noqa: S101  (the token came with it)
        assert self.conversation is not None  # noqa: S101  (it began with the welcome)
        at = hello.resume_from or m.ResumeFrom()
        if self._lost is None:
            self._link.check(at)
        else:
            self._link.assume(at)
            self._context.numbers.last = at.received or 0
        self._resumption.use(hello.resume)
        log.info("session %s is resumed", self.id)
        self._context.metrics.session_resumed()
        arrived = self._link.arrived
        welcome = msgspec.structs.replace(
            self._welcome,
            resume=self._resumption.issue(self),
            resumed=True,
            not_resumed="",
            received=arrived.messages,
            mic_sample=arrived.mic_sample,
            scene_rev=self.conversation.world.rev,
        )
        over = self._link.attach(link, welcome, at)
        if self._lost is not None:
            say_what_is_lost(self._context, self.conversation, self._lost, at)
            self._lost = None
        self._entrance.resumed()
        return over

    # ---- outliving the server --------------------------------------------------------------------

    @property
    def version(self) -> tuple[int, int]:
        """Another one whenever something of the session may have changed."""
        return self._context.numbers.last, self._link.arrived.messages

    def keep(self, *, whole: bool = False) -> Kept | None:
        """What another server needs to go on; None for a session that cannot be resumed.

        `whole`: it stops now, and the sound of the reply under way is kept too.
        """
        talk, hello, welcome = self.conversation, self._hello, self._welcome
        if talk is None or hello is None or welcome is None or not is_kept(welcome):
            return None
        session = KeptSession(
            self.id,
            without_secrets(hello),
            without_secrets(welcome),
            self._resumption.digests(self),
            self._link.kept(whole=whole),
            self._pcm_link.kept(),
            keep(talk, whole=whole),
            None if self._limit_s is None else self._limit_s - self._context.now(),
            self.subject,
        )
        return Kept(session, talk.world.kept())

    async def hand_over(self, limit_s: float, is_late: Callable[[], bool]) -> Kept | None:
        """Stop for another server to go on: soon, but not in the middle of a turn unless it `is_late`.

        None for a session that cannot be resumed; it goes on.
        """
        talk = self.conversation
        if talk is None or self.keep() is None:
            return None
        until_s = self._context.now() + limit_s
        while not (is_settled(talk) or is_late() or self._context.now() >= until_s):
            await hurry(talk)
            await asyncio.sleep(SETTLING_POLL_S)
        self._context.emit(SpeechLost())
        kept = self.keep(whole=True)
        await self._link.close(SERVICE_RESTART, "restart")
        return kept

    def restore(self, kept: Kept) -> None:
        """Go on from what another server has kept, without a connection. `run` follows.

        Raises FrametalkError where this server is too different.
        """
        session = kept.session
        languages, welcome = fitting(session, self._settings, self._engines)
        self.admitted = True
        self._hello, self.subject = session.hello, session.subject
        self._open_record(welcome.consent)
        # Each connection's welcome gets a token of its own; this says only that there are some.
        self._welcome = msgspec.structs.replace(welcome, resume="issued")
        self._context.numbers.last = session.link.sent.seq
        self._link.keep(lambda: self.window_ms, lambda: self._resumption.prove(self))
        self._link.restore(session.link)
        if session.opus is not None:
            self._pcm_link.restore(session.opus)
        if handshake.RTC in welcome.features:
            self._open_upgrade()
            if self._upgrade is not None and session.talk.microphone is not None:
                self._upgrade.follow(session.talk.microphone.start)
        talk = self.conversation = Conversation(
            self._context,
            session.hello,
            welcome.character,
            self._engines,
            languages,
            PlayerTerms(self._books.accounts, session.subject, welcome.child),
        )
        talk.world.restore(kept.world)
        restore(talk, session.talk)
        self._lost = None if session.talk.whole else session
        self._resumption.adopt(self, session.digests)
        if session.left_s is not None:
            self._limit(session.left_s)

    @property
    def window_ms(self) -> float:
        """How long it waits for another connection."""
        paused_ms = 0.0 if self.conversation is None else self.conversation.pause.left_ms
        return max(self._settings.server.resume_ms, paused_ms)

    # ---- stopping --------------------------------------------------------------------------------

    def go_away(self, in_ms: float, reason: str) -> None:
        """Tell the client that the server will close soon."""
        self._context.send(m.GoAway(reason=reason, in_ms=in_ms))

    @property
    def waits(self) -> bool:
        """Whether its connection broke, and another one may come."""
        return self._link.waits

    def _limit(self, seconds: float) -> None:
        self._limit_s = self._context.now() + seconds
        self._tasks.start(self._end_after(seconds), "session limit")

    async def _end_after(self, limit_s: float) -> None:
        await asyncio.sleep(limit_s)
        error = session_limit(limit_s)
        self._context.report(error)
        await self._link.close(POLICY_VIOLATION, error.code)

    async def idle(self) -> None:
        """Wait until no turn and no reply is under way."""
        if self.conversation is not None:
            await self.conversation.idle()

    async def close(self, code: int, reason: str) -> None:
        """End the session from outside; a reply under way is cut."""
        self._context.emit(InterruptRequested(None))
        await self._link.close(code, reason)

    def _take(self, inbound: Inbound, talk: Conversation) -> None:
        """Take one item from the client. An error is reported, and nothing else is lost."""
        ref = ""
        try:
            if isinstance(inbound, Media):
                ref = "media"
                if self._upgrade is None:
                    talk.microphone.feed(inbound)
                else:
                    self._upgrade.take_media(inbound)
            elif isinstance(inbound, BadInput):
                ref = inbound.ref
                raise inbound.error
            elif isinstance(inbound, UnknownMessage):
                log.debug("unknown message type ignored: %.64s", inbound.type)
            else:
                ref = str(inbound.__struct_config__.tag)
                self._take_message(inbound, talk)
        except FrametalkError as error:
            error.ref = error.ref or ref
            if error.fatal:
                raise
            self._context.report(error)

    def _feed(self, frame: Media, heard: int | None) -> None:
        """Hear a frame, by whatever way it came; `heard`: how far the open stream has come with it."""
        if heard is not None:
            self._link.arrived.heard(heard)
        try:
            if self.conversation is not None:
                self.conversation.microphone.feed(frame)
        except FrametalkError as error:
            self._context.report(error, "media")

    def _take_message(self, message: m.AnyMessage, talk: Conversation) -> None:
        match message:
            case m.Hello():
                raise FrametalkError(
                    "hello_twice",
                    "hello was already answered",
                    stage=Stage.SESSION,
                    remedy="open another connection for another session",
                )
            case m.Bye():
                raise LinkClosed(1000, f"bye: {message.reason}")
            case m.Pause():
                talk.pause.set(message)
            case m.Report():
                talk.reports.take(message)
            case m.Ack() if self._welcome is not None and self._welcome.resume:
                raise ack_beyond(message.acked)  # the link has taken the others
            case m.Ack() | m.Error():
                pass  # a client logs its own errors
            case m.RtcOffer() | m.RtcIce() | m.RtcMic() | m.RtcBeat() if self._upgrade is not None:
                self._upgrade.take(message)
            case _:
                talk.take(message)
                if self._upgrade is not None:
                    self._upgrade.follow(message)

    def _task_failed(self, name: str, error: BaseException) -> None:
        log.error("task %r failed", name, exc_info=error)
        failure = FrametalkError(
            "session_failed",
            f"{name} failed inside the server",
            stage=Stage.SESSION,
            fault=Fault.SERVER,
            remedy="the server's log has the details",
            fatal=name == "session",
        )
        self._context.report(failure)
