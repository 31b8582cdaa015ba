"""A server's sessions: it admits them, isolates them from each other, and lets them finish."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from frametalk import logs
from frametalk.addresses import network
from frametalk.admission import Door, Entrance, WaitingRoom, check_room
from frametalk.audit import AuditLog
from frametalk.config import FrametalkSettings
from frametalk.context import as_message
from frametalk.core.caps import Accounts
from frametalk.diary import Diary
from frametalk.engine_waits import EngineWaits
from frametalk.engines import Engines
from frametalk.errors import Fault, FrametalkError, Stage
from frametalk.handover.keeper import Keeper
from frametalk.handover.session import Kept, without_consent
from frametalk.loop_lag import LoopLag
from frametalk.metrics import Metrics
from frametalk.quotas import Handshakes, check_address, check_subject
from frametalk.records import Records, default_folder
from frametalk.replay.writer import Recordings
from frametalk.resumption import Resumption
from frametalk.session import TRY_AGAIN_LATER, Session
from frametalk.session_state import Books
from frametalk.successor import STOP_REASON, Successor
from frametalk.tasks import Tasks
from frametalk.tokens import Grant
from frametalk.transports.websocket import WebSocketLink
from frametalk.wire.messages import ClientInfo, Hello

log = logging.getLogger(__name__)

PAST_SESSIONS = 20
CLEAN_UP_MS = 2_000.0  # for sessions to end after the server has closed their links
CANCELLED_S = 0.5  # for those that are cancelled then
WRITE_OUT_S = 2.0  # for the disk to take what waits for it


@dataclass(frozen=True, slots=True)
class _Admitted:
    session: Session
    task: asyncio.Task[None]
    network: str = ""  # from which it came; empty: not counted


class PastSession(NamedTuple):
    """A session that has ended, and whose diary is kept a little longer."""

    id: str
    client: ClientInfo
    diary: Diary


class Server:
    """Admits sessions up to the limit, isolates them from each other, and lets them finish."""

    def __init__(
        self,
        settings: FrametalkSettings,
        engines: Engines,
        metrics: Metrics,
    ) -> None:
        self.metrics = metrics
        self._settings = settings
        self._engines = engines
        self._sessions: dict[str, _Admitted] = {}
        self._resumption: Resumption[Session] = Resumption()
        self._keeper: Keeper | None = None
        self._tasks = Tasks(lambda name, error: log.error("%s failed", name, exc_info=error))
        self._door = Door(settings.server)
        self._handshakes = Handshakes(settings.server.handshakes_per_minute)
        self.lag = LoopLag(settings.server.max_loop_lag_ms)
        metrics.watch_loop(lambda: self.lag.lag_ms, lambda: len(asyncio.all_tasks()))
        self.waits = EngineWaits(settings.server.max_engine_wait_ms)
        metrics.watch_steps(self.waits.observe)
        self._waiting = WaitingRoom(settings.server.max_waiting)
        self._idle = asyncio.Event()
        self._idle.set()
        folder = settings.privacy.folder
        self.records = Records(
            Path(folder) if folder else default_folder(),
            lost=lambda: metrics.unwritten("record"),
        )
        self._audit = AuditLog(settings.audit, lambda: metrics.unwritten("audit"))
        self._books = Books(self._audit, Accounts(settings.caps.limits), self.records)
        self._recordings = Recordings(settings, self.records)
        if settings.privacy.replay:
            self._books = replace(self._books, boundary=self._recordings.of)
        self.session_ended = asyncio.Event()  # since it was cleared
        self.draining = False
        self._successor = Successor(settings.server.successor_url)
        self.past_sessions: deque[PastSession] = deque(maxlen=PAST_SESSIONS)
        self._hurried = False
        self._drain_limit: asyncio.Timeout | None = None

    def open_handover(self) -> Keeper | None:
        """Open the file of `server.handover_file`. Where that fails, the server goes on without it."""
        if file := self._settings.server.handover_file:
            try:
                self._keeper = Keeper(Path(file), lambda: self.open_sessions)
            except FrametalkError as error:
                log.error("sessions will not outlive this server: %s", error)
        return self._keeper

    async def handle(self, link: WebSocketLink) -> None:
        """Serve one link until it is not used any more, if its address has not had too many."""
        session_id = secrets.token_hex(8)
        self._waiting.enter(session_id, link.address, lambda: link.abort("hello_missing"))
        try:
            try:
                self._handshakes.count(network(link.address), time.monotonic())
            except FrametalkError as error:
                await self._end(link, error, TRY_AGAIN_LATER)
            else:
                await self._serve(link, session_id)
        finally:
            self._waiting.remove(session_id, link.address)

    async def _serve(self, link: WebSocketLink, session_id: str) -> None:
        """Serve one link. Its session may go on over another one."""
        session = Session(
            link,
            self._engines,
            self._settings,
            session_id=session_id,
            metrics=self.metrics,
            entrance=self._entrance(partial(self._admit, session_id, weakref.ref(link))),
            books=self._books,
        )
        over = session.link_over
        task = self._start(session, f"session from {link.peer}", network(link.address))
        task.add_done_callback(lambda _task: over.set())
        await over.wait()

    def _start(self, session: Session, how: str, network: str = "") -> asyncio.Task[None]:
        """Run a session, in a task of its own. `network`: from which it came; empty: not counted."""
        task = self._tasks.start(self._run(session, how), f"session {session.id}")
        self._sessions[session.id] = _Admitted(session, task, network)
        self._idle.clear()
        return task

    async def _run(self, session: Session, how: str) -> None:
        """A session from start to end. If it crashes, it ends alone."""
        with logs.session(session.id):
            log.info(how)
            try:
                await session.run()
            except Exception:
                log.exception("session failed")
                failure = FrametalkError(
                    "session_failed",
                    "the session failed inside the server",
                    stage=Stage.SESSION,
                    fault=Fault.SERVER,
                    remedy="connect again later",
                    fatal=True,
                )
                self.metrics.error(failure.code)
                await session.abandon(failure)
            finally:
                self._forget(session.id)

    def _entrance(self, admit: Callable[[Hello, bool], Grant]) -> Entrance[Session]:
        entrance = Entrance(admit, self._resumption)
        if self._keeper is None:
            return entrance
        return replace(entrance, restore=self._restore, resumed=self._keeper.soon)

    async def _restore(self, token: str) -> Session | None:
        """The session of a token that the server before this one has kept."""
        assert self._keeper is not None  # noqa: S101  (only then it is asked)
        kept = await self._keeper.find(token)
        if kept is not None and not await self._is_stored(kept):
            kept = without_consent(kept)  # its records were deleted meanwhile
        if kept is None or self.is_full():
            return None
        if kept.session.id in self._sessions:  # meanwhile another connection has restored it
            return self._resumption.find(token)
        session = Session(
            None,
            self._engines,
            self._settings,
            session_id=kept.session.id,
            metrics=self.metrics,
            entrance=self._entrance(lambda _hello, _resumes: Grant()),
            books=self._books,
        )
        session.restore(kept)
        self._start(session, "session restored")
        return session

    async def _is_stored(self, kept: Kept) -> bool:
        """Whether there are records of a session that is about to go on, if its player agreed to any."""
        session = kept.session
        if not (session.welcome.consent.store or session.welcome.consent.record):
            return True
        return await asyncio.to_thread(self.records.has, session.subject, session.id)

    def _forget(self, session_id: str) -> None:
        session = self._sessions.pop(session_id).session
        diary, hello = session.state.context.diary, session.state.hello
        if diary.is_kept and hello is not None and not session.gave_link:
            self.past_sessions.append(PastSession(session_id, hello.client, diary))
        session.state.hello = None  # frees its tools, which may take megabytes
        if not self._sessions:
            self._idle.set()
        self.session_ended.set()
        log.info("session ended")

    def _admit(
        self, session_id: str, over: weakref.ref[WebSocketLink], hello: Hello, resumes: bool
    ) -> Grant:
        """Check a client's token; from then on its link is not one of those that wait.

        One that does not resume a session also needs room for another one. What does not depend on its
        token is checked first: a server with too much work does not check signatures, a token is not used
        up by a refusal, and a client without one learns no more than /readyz says. While the server stops,
        clients only learn where to connect next.
        """
        link = over()  # not kept: a session outlives its first connection
        assert link is not None  # noqa: S101  (the hello came over it)
        if self.draining:
            raise self._successor.refuse(link, hello)
        limits = self._settings.server
        if not resumes:
            self.lag.check()
            self.waits.check()
            check_room(len(self.open_sessions), limits.max_sessions)
            networks = (each.network for each in self._open)
            check_address(network(link.address), networks, limits.sessions_per_address)

        def admit(grant: Grant) -> None:
            if not resumes:
                subjects = (each.session.subject for each in self._open)
                check_subject(grant.subject, subjects, limits.sessions_per_subject)

        grant = self._door.admit(hello.token, link.address, resumes=resumes, admit=admit)
        self._waiting.remove(session_id, link.address)
        return grant

    async def _end(self, link: WebSocketLink, error: FrametalkError, close_code: int) -> None:
        self.metrics.error(error.code)
        link.send(as_message(error))
        await link.close(close_code, error.code)

    # ---- stopping --------------------------------------------------------------------------------

    async def drain(self) -> None:
        """Refuse new sessions; end each running one when its reply was heard, or after `drain_ms`.

        A server with a successor also waits so long for clients without a connection, to send them there.
        """
        drain_ms = self._settings.server.drain_ms
        until_s = asyncio.get_running_loop().time() + drain_ms / 1000
        self.draining = True
        log.info("stopping: %d sessions have %.0f ms to finish", len(self._sessions), drain_ms)
        absent = [session for session in self.open_sessions if session.waits]
        self._successor.expect(session.state.tokens.digests() for session in absent)
        if self._successor.url:  # clients must know it before the sessions are handed over
            self._send_away(drain_ms)
        if self._keeper is not None and self._keeper.has_file:
            await self._hand_over(self._keeper, drain_ms / 1000)
        if not self._successor.url:
            self._send_away(drain_ms)
        # Those without a connection cannot be resumed any more.
        await self._close(session for session in self.open_sessions if session.waits)
        async with asyncio.TaskGroup() as group:
            closing = [
                group.create_task(self._close_when_idle(session), name="close when idle")
                for session in self.open_sessions
            ]
            await self._wait_for(self._idle, 0 if self._hurried else drain_ms)
            for task in closing:
                task.cancel()
        await self._close(self.open_sessions)
        if not self._hurried:
            left_s = until_s - asyncio.get_running_loop().time()
            await self._wait_for(self._successor.known, max(0, left_s) * 1000)
        await self._wait_for(self._idle, CLEAN_UP_MS)
        if tasks := [admitted.task for admitted in self._sessions.values()]:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=CANCELLED_S)
        flushes = (self.records.flush, self._audit.flush, self._recordings.flush)
        await asyncio.gather(*(asyncio.to_thread(flush, WRITE_OUT_S) for flush in flushes))

    def _send_away(self, in_ms: float) -> None:
        for session in self.open_sessions:
            if not session.waits:  # else `_admit` says it to its client
                session.go_away(in_ms, STOP_REASON, self._successor.url)

    async def _hand_over(self, keeper: Keeper, limit_s: float) -> None:
        """Stop all sessions that can go on in the next server, each when its turn is over.

        The file is closed then: the next server may be waiting for it.
        """
        stopping = (
            session.hand_over(limit_s, lambda: self._hurried) for session in self.open_sessions
        )
        kept = await asyncio.gather(*stopping)
        handed_over = [each for each in kept if each is not None]
        await keeper.hand_over(handed_over, self._settings.server.resume_ms)
        await keeper.close()
        log.info("%d sessions wait for the next server", len(handed_over))

    async def _close_when_idle(self, session: Session) -> None:
        await session.idle()
        await session.close(1001, STOP_REASON)

    async def _close(self, sessions: Iterable[Session]) -> None:
        await asyncio.gather(*(session.close(1001, STOP_REASON) for session in sessions))

    @property
    def open_sessions(self) -> list[Session]:
        """The sessions that were admitted, also those that wait for another connection."""
        return [each.session for each in self._open]

    @property
    def _open(self) -> list[_Admitted]:
        return [
            each
            for each in self._sessions.values()
            if each.session.admitted and not each.session.gave_link
        ]

    def is_full(self) -> bool:
        """Whether there is no room for another session."""
        return len(self.open_sessions) >= self._settings.server.max_sessions

    def hurry(self) -> None:
        """End the drain now; if it has not begun yet, skip it."""
        self._hurried = True
        if self._drain_limit is not None:
            self._drain_limit.reschedule(asyncio.get_running_loop().time())

    async def _wait_for(self, event: asyncio.Event, limit_ms: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(limit_ms / 1000) as self._drain_limit:
                await event.wait()
        self._drain_limit = None
