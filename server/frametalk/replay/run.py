"""Runs a recorded session again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from frametalk.admission import open_entrance
from frametalk.config import FrametalkSettings
from frametalk.core.caps import Accounts
from frametalk.core.events import SpeechLost
from frametalk.diary import NO_DIARY, Diary
from frametalk.errors import ConfigError, FrametalkError
from frametalk.handover.conversation import hurry
from frametalk.handover.session import decode
from frametalk.metrics import Metrics
from frametalk.records import Records
from frametalk.replay.files import Recording
from frametalk.replay.link import NoLink
from frametalk.replay.parts import has_peer_connection, is_restored, welcome_of
from frametalk.replay.replayer import Replayer
from frametalk.replay.values import ISSUED
from frametalk.session import Session
from frametalk.session_record import NO_RECORD
from frametalk.session_state import Books
from frametalk.tasks import Tasks
from frametalk.transports import opus


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a replay went. `diverged`: where the session first did something else; empty: nowhere.

    `took_s` is processor time. `taken`: what was not run again, but taken from the recording. `diary`: what
    the session did, on the clock of the server that recorded it.
    """

    diverged: str
    entry: int
    entries: int
    length_s: float
    took_s: float
    taken: tuple[str, ...] = ()
    diary: Diary = NO_DIARY

    @property
    def speed(self) -> float:
        """Times real time."""
        return self.length_s / self.took_s if self.took_s else 0.0


class _NoTokens:
    """Tokens of a session that nobody can resume: the recording has none."""

    def issue(self) -> str:
        return ISSUED

    def adopt(self, digests: tuple[bytes, ...]) -> None:
        pass

    def use(self, token: str) -> None:
        pass

    def prove(self) -> None:
        pass

    def end(self) -> None:
        pass


def replay(recording: Recording, *, keep_diary: bool = False) -> Outcome:
    """Run the session from the recording alone, and compare all that it does, byte for byte.

    Raises ConfigError for one that needs what is not installed here.
    """
    if "opus" in welcome_of(recording).get("features", ()) and not opus.available():
        raise ConfigError(
            f"session {recording.header.session} has Opus, which is not installed here",
            remedy="pip install 'frametalk[opus]'",
        )
    began_s = time.process_time()  # of one thread: what else the machine does is not counted
    replayer = Replayer(recording)
    loop = replayer.loop
    loop.set_exception_handler(lambda _loop, _context: None)  # of tasks that a replay gives up
    try:
        diary = loop.run_until_complete(_run(replayer, recording, keep_diary=keep_diary))
    finally:
        asyncio.set_event_loop(None)
        loop.close()
    return Outcome(
        replayer.diverged,
        replayer.at,
        len(recording.entries),
        recording.length_s,
        time.process_time() - began_s,
        tuple(_taken(recording)),
        diary,
    )


def _taken(recording: Recording) -> Iterator[str]:
    if has_peer_connection(recording):
        yield "the peer connection: its routes, its decoder and its errors"
    if is_restored(recording):
        yield "what happened before the hand-over: the session begins with the state that was kept"


def settings_of(recording: Recording) -> FrametalkSettings:
    """The settings of the recorded session."""
    return msgspec.convert(recording.header.settings, FrametalkSettings)


async def _run(replayer: Replayer, recording: Recording, *, keep_diary: bool) -> Diary:
    settings = settings_of(recording)
    restored = is_restored(recording)
    session = Session(
        None if restored else NoLink(),
        None,  # type: ignore[arg-type]  # the boundary has them
        settings,
        session_id=recording.header.session,
        metrics=Metrics(),
        now=replayer.loop.time,
        entrance=open_entrance(settings.server),
        books=Books(
            accounts=Accounts(settings.caps.limits),
            records=NoRecords(),
            boundary=lambda _session, _now: replayer,
        ),
    )
    if keep_diary:
        diary = Diary(replayer.loop.time)
        session.state.context = replace(session.state.context, diary=diary)
    session.state.tokens = _NoTokens()  # type: ignore[assignment]
    tasks = Tasks(lambda _name, _error: None)  # what fails is given up
    if not restored:
        tasks.start(session.run(), "session")

    def server(name: str, arguments: list[Any]) -> None:
        match name:
            case "close":
                tasks.start(session.close(*arguments), "close")
            case "go_away":
                session.go_away(*arguments)
            case "resume":
                with suppress(FrametalkError):  # as in the recording: the client was refused
                    session.go_on(NoLink(), *arguments)
            case "restore":
                session.restore(decode(*arguments))
                tasks.start(session.run(), "session")
            case "hurry" if session.conversation is not None:
                hurry(session.conversation)
            case "stop_hearing":
                session.state.context.emit(SpeechLost())

    replayer.server = server
    replayer.go_on()
    await replayer.finished
    await tasks.close()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    return session.state.context.diary


class NoRecords(Records):
    """Keeps nothing: the session was stored when it happened."""

    def __init__(self) -> None:
        pass

    def of(self, subject: str, session: str, *, store: bool, record: bool) -> Any:
        return NO_RECORD
