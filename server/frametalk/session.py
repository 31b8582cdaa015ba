"""One player's session: from hello to its end; what arrives goes to its conversation."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

import msgspec

from frametalk import handshake, media_loader, privacy
from frametalk.adapters.abilities import AnswersQuickly
from frametalk.admission import Entrance, open_entrance, session_idle, session_limit
from frametalk.config import FrametalkSettings, LatencySettings
from frametalk.context import ClientTime, SessionContext, as_message
from frametalk.conversation import Conversation
from frametalk.core.events import InterruptRequested
from frametalk.core.objective import LatencyObjective
from frametalk.diary import NO_DIARY, Diary
from frametalk.engines import Engines
from frametalk.errors import Fault, FrametalkError, Stage
from frametalk.handover.session import Kept, encode, say_what_is_lost, without_owner
from frametalk.metrics import Metrics
from frametalk.pipeline.spending import cap_reached
from frametalk.schemas import compile_ahead
from frametalk.session_handover import hand_over_session, keep_session, restore_session
from frametalk.session_intake import SessionIntake
from frametalk.session_state import Books, SessionState
from frametalk.tasks import Tasks
from frametalk.tokens import Grant
from frametalk.transports.link import LinkClosed, WatchedLink
from frametalk.transports.opus_link import OpusLink
from frametalk.transports.resumable import ResumableLink
from frametalk.wire import messages as m

log = logging.getLogger(__name__)

TRY_AGAIN_LATER = 1013
# Of fatal errors; the others are faults of the client.
CLOSE_CODES = dict.fromkeys(("server_full", "server_busy", "address_limit"), TRY_AGAIN_LATER)
POLICY_VIOLATION = 1008


def objective_of(settings: LatencySettings, engines: Engines) -> LatencyObjective:
    """The objective of one session, with the measures that these engines can take."""
    impossible = set()
    if not settings.fast_voice:
        impossible.add("fast_voice")
    if not isinstance(engines.llm, AnswersQuickly):
        impossible.add("quick_mind")
    measures = tuple(each for each in settings.measures if each not in impossible)
    return LatencyObjective(settings.objective_ms, measures)


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
        books = books or Books()
        boundary = self._boundary = books.boundary(session_id, now)
        self._work: Coroutine[Any, Any, None] | None = None  # of a session that was restored
        if boundary.live:  # a replay needs nothing installed
            settings = media_loader.possible(settings)
        server_now, now = now, boundary.clock(now)
        engines = boundary.engines(engines)
        self._settings = settings
        self._entrance = entrance or open_entrance(settings.server)
        self._tasks = Tasks(self._task_failed, boundary)
        client_time = ClientTime(now, boundary)
        resumable = ResumableLink(
            None if link is None else boundary.link(link), self._tasks, client_time
        )
        pcm_link = OpusLink(resumable)
        audit = books.audit.of(session_id)
        diary = Diary(server_now) if settings.server.debug_token else NO_DIARY
        context = SessionContext(
            settings,
            pcm_link,
            metrics,
            self._tasks,
            now,
            client_time,
            audit,
            diary=diary,
            objective=objective_of(settings.latency, engines),
            boundary=boundary,
        )
        tokens = self._entrance.resumption.of(self)
        self.state = SessionState(session_id, context, resumable, pcm_link, engines, books, tokens)
        self.intake = SessionIntake(self.state)

    @property
    def id(self) -> str:
        """Its name in the log."""
        return self.state.id

    @property
    def subject(self) -> str:
        """The player, as the client's token names them; empty: it does not."""
        return self.state.subject

    @property
    def conversation(self) -> Conversation | None:
        """None before `hello`."""
        return self.state.conversation

    @property
    def window_ms(self) -> float:
        """How long it waits for another connection."""
        return self.state.window_ms

    async def run(self) -> None:
        """From hello, or from what was restored, to the closed link. Raises only CancelledError."""
        try:
            await (self._work or self._boundary.steps(self._run()))
        finally:
            self._boundary.close()

    async def _run(self) -> None:
        state, code, reason = self.state, 1000, ""
        try:
            if state.conversation is not None:
                await self._talk(state.conversation)
            await self._welcome()
        except LinkClosed as closed:
            log.info("link closed: %s", closed)
        except FrametalkError as error:
            state.context.report(error)
            code, reason = CLOSE_CODES.get(error.code, POLICY_VIOLATION), error.code
        except Exception as error:  # noqa: BLE001  (a failure in one session must not end others)
            self._task_failed("session", error)
            code, reason = 1011, "session_failed"
        finally:
            state.tokens.end()
            await self._tasks.close()
            state.context.record.close()
            if state.upgrade is not None:
                await state.upgrade.close()
            await state.link.close(code, reason)

    async def _welcome(self) -> None:
        """Wait for hello, and go on with a session that it resumes, or begin one."""
        hello = await handshake.wait_for_hello(
            self.state.link, self._settings.server.hello_timeout_ms
        )
        handshake.check_protocol(hello)
        boundary = self._boundary
        grant = boundary.value(lambda: self._entrance.admit(hello, bool(hello.resume)))
        refusal = None
        if hello.resume:
            try:
                await boundary.answer(lambda: self._give_link(hello))
                return
            except FrametalkError as error:
                if error.fatal:
                    raise
                refusal = error
                grant = boundary.value(lambda: self._entrance.admit(hello, False))
        await self._begin(hello, grant, refusal)

    async def _begin(
        self, hello: m.Hello, grant: Grant, refusal: FrametalkError | None
    ) -> NoReturn:
        """The whole conversation. `refusal`: why it is not the one that the client wanted to resume."""
        settings, engines, state = self._settings, self.state.engines, self.state
        character = handshake.check_hello(hello, settings, engines.llm.characters, grant)
        self.admitted, self._first_link = True, None
        hello = handshake.granted(hello, grant)
        longest_s = settings.server.max_session_minutes * 60
        if limits_s := [limit_s for limit_s in (grant.max_session_s, longest_s) if limit_s]:
            self._limit(min(limits_s))
        languages = handshake.choose_languages(hello, settings, character, engines.tts, engines.asr)
        terms = self._boundary.value(lambda: privacy.terms(hello, settings.privacy, engines))
        state.subject = grant.subject
        reached = state.books.accounts.reached
        if cap := self._boundary.value(lambda: reached(grant.subject, time.time())):
            raise cap_reached(cap, "hello")
        await compile_ahead(hello.tools[: handshake.max_tools(settings)])
        state.open_record(terms.consent)
        welcome = self._answer(hello, character, languages, terms, refusal)
        state.welcome, state.hello = welcome, hello
        state.context.send(welcome)
        if welcome.resume:
            state.keep_sent()
        if refusal is not None:
            state.context.report(refusal, "hello")
        if "opus" in welcome.features:
            state.pcm_link.begin()
        state.open_upgrade(welcome)
        await self._talk(state.converse(hello, character, languages, terms.child))

    def _answer(
        self,
        hello: m.Hello,
        character: str,
        languages: handshake.Languages,
        terms: privacy.Terms,
        refusal: FrametalkError | None,
    ) -> m.Welcome:
        engines = self.state.engines
        answer = handshake.welcome(
            hello,
            self._settings,
            self.id,
            character,
            engines.tts.rate_hz,
            languages,
            terms=terms,
        )
        return msgspec.structs.replace(
            answer,
            voice_licence=privacy.voice_licence(
                self._settings, engines, character, languages.voice
            ),
            resume=self.state.tokens.issue() if "resume" in answer.features else "",
            not_resumed="" if refusal is None else refusal.code,
        )

    async def _talk(self, talk: Conversation) -> NoReturn:
        """Take what arrives; ends by an exception, LinkClosed as a rule."""
        self.state.context.metrics.session_opened()
        try:
            self._tasks.start(talk.clock.run(), "clock")
            talk.world.learn_words()
            talk.conduct.spending.begin()
            if minutes := self._settings.server.idle_minutes:
                self._tasks.start(self._end_idle(minutes, talk), "idle limit")
            await self.intake.run(talk)
        finally:
            talk.close()
            self.state.context.metrics.session_closed()

    # ---- resuming --------------------------------------------------------------------------------

    async def _give_link(self, hello: m.Hello) -> None:
        """Let the session of the client's token use this link, until that does not need it any more.

        Raises FrametalkError if that session cannot be resumed; a fatal one if it may be later.
        """
        try:
            session = self._entrance.resumption.find(hello.resume)
        except FrametalkError as unknown:
            restored = await self._entrance.restore(hello.resume)
            if restored is None:
                raise unknown from None
            session = restored
        assert self._first_link is not None  # noqa: S101  (its hello came over it)
        over = session.go_on(self._first_link, hello)
        self.gave_link = True
        await over.wait()

    def go_on(self, link: WatchedLink, hello: m.Hello) -> asyncio.Event:
        """Go on over `link`; the event is set when it is not used any more. Raises FrametalkError."""
        return self._boundary.call("resume", lambda: self._go_on(link, hello), hello)

    def _go_on(self, link: WatchedLink, hello: m.Hello) -> asyncio.Event:
        state = self.state
        assert state.welcome is not None  # noqa: S101  (the token came with it)
        assert state.conversation is not None  # noqa: S101  (it began with the welcome)
        at = hello.resume_from or m.ResumeFrom()
        if state.lost is None:
            state.link.check(at)
        else:
            state.link.assume(at)
            state.context.numbers.last = at.received or 0
        state.tokens.use(hello.resume)
        log.info("session %s is resumed", self.id)
        state.context.metrics.session_resumed()
        arrived = state.link.arrived
        welcome = msgspec.structs.replace(
            state.welcome,
            resume=state.tokens.issue(),
            resumed=True,
            not_resumed="",
            received=arrived.messages,
            mic_sample=arrived.mic_sample,
            scene_rev=state.conversation.world.rev,
        )
        over = state.link.attach(self._boundary.link(link), welcome, at)
        if state.lost is not None:
            say_what_is_lost(state.context, state.conversation, state.lost, at)
            state.lost = None
        self._entrance.resumed()
        return over

    # ---- outliving the server --------------------------------------------------------------------

    @property
    def version(self) -> tuple[int, int]:
        """Another one whenever something of the session may have changed."""
        return self.state.context.numbers.last, self.state.link.arrived.messages

    def keep(self) -> Kept | None:
        """What another server needs to go on; None for a session that cannot be resumed."""
        return keep_session(self.state)

    async def hand_over(self, limit_s: float, is_late: Callable[[], bool]) -> Kept | None:
        """As `hand_over_session`."""
        return await hand_over_session(self.state, limit_s, is_late)

    def restore(self, kept: Kept) -> None:
        """As `restore_session`; `run` follows."""
        session, world = without_owner(kept)
        self._boundary.call("restore", lambda: self._restore(kept), encode(session), encode(world))

    def _restore(self, kept: Kept) -> None:
        restore_session(self.state, kept)
        self.admitted = True
        if kept.session.left_s is not None:
            self._limit(kept.session.left_s)
        self._work = self._boundary.steps(self._run())

    # ---- stopping --------------------------------------------------------------------------------

    def go_away(self, in_ms: float, reason: str, url: str = "") -> None:
        """Tell the client that the server will close soon, and where to connect next (empty: here)."""
        message = m.GoAway(reason=reason, in_ms=in_ms, url=url)
        self._boundary.call("go_away", lambda: self.state.context.send(message), in_ms, reason, url)

    async def abandon(self, failure: FrametalkError) -> None:
        """Tell the client of a failure that nothing else has reported, and end its connection."""
        link = self.state.link
        link.send(as_message(failure))
        await link.close(1011, failure.code)

    @property
    def link_over(self) -> asyncio.Event:
        """Set when the connection that it has now is not used any more."""
        return self.state.link.over

    @property
    def waits(self) -> bool:
        """Whether its connection broke, and another one may come."""
        return self.state.link.waits

    def _limit(self, seconds: float) -> None:
        self.state.limit_s = self.state.context.now() + seconds
        self._tasks.start(self._end_after(seconds), "session limit")

    async def _end_after(self, limit_s: float) -> None:
        await asyncio.sleep(limit_s)
        await self._end(session_limit(limit_s))

    async def _end_idle(self, minutes: int, talk: Conversation) -> None:
        await self.intake.until_idle(minutes * 60, talk)
        await self._end(session_idle(minutes))

    async def _end(self, error: FrametalkError) -> None:
        self.state.context.report(error)
        await self.state.link.close(POLICY_VIOLATION, error.code)

    async def idle(self) -> None:
        """Wait until no turn and no reply is under way."""
        if self.state.conversation is not None:
            await self.state.conversation.idle()

    def close(self, code: int, reason: str) -> Coroutine[Any, Any, None]:
        """End the session from outside; a reply under way is cut."""
        steps = self._boundary.steps
        return self._boundary.call("close", lambda: steps(self._close(code, reason)), code, reason)

    async def _close(self, code: int, reason: str) -> None:
        self.state.context.emit(InterruptRequested(None))
        await self.state.link.close(code, reason)

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
        self.state.context.report(failure)
