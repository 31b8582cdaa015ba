"""What every stage of one session gets: its client, its events, its numbers, its tasks, its clock."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

import msgspec

from frametalk.audit import NO_AUDIT, SessionAudit
from frametalk.boundary import OPEN, Boundary
from frametalk.config import FrametalkSettings
from frametalk.core.events import Event
from frametalk.core.objective import LatencyObjective
from frametalk.diary import NO_DIARY, Diary
from frametalk.errors import FrametalkError
from frametalk.metrics import Metrics
from frametalk.session_record import NO_RECORD, SessionRecord
from frametalk.tasks import Tasks
from frametalk.trace import Step, TurnTrace
from frametalk.transports.link import Link
from frametalk.wire import messages as m
from frametalk.wire.codec import Media

log = logging.getLogger(__name__)

MAX_ERROR_TEXT = 4_000  # characters


def as_message(error: FrametalkError) -> m.Error:
    """An error as it goes over the wire."""
    return m.Error(
        code=error.code,
        text=error.text[:MAX_ERROR_TEXT],
        stage=error.stage,
        fault=error.fault,
        remedy=error.remedy[:MAX_ERROR_TEXT],
        ref=error.ref,
        fatal=error.fatal,
        retry_after_ms=error.retry_after_ms,
    )


class EventQueue:
    """The events of one conversation, handled one after another.

    An event that is emitted while another is being handled waits until that one's actions are done.
    """

    def __init__(self) -> None:
        self._events: deque[Event] = deque()
        self._handle: Callable[[Event], None] | None = None
        self._handling = False

    def connect(self, handle: Callable[[Event], None]) -> None:
        """Let `handle` take the events from now on; until then they are dropped."""
        self._handle = handle

    def emit(self, event: Event) -> None:
        """Handle this event now, or after the one that is being handled."""
        if self._handle is None:
            return
        self._events.append(event)
        if self._handling:
            return
        self._handling = True
        try:
            while self._events:
                self._handle(self._events.popleft())
        finally:
            self._handling = False


class Timer:
    """A call that is due at a time of ClientTime."""

    def __init__(self, time: ClientTime, due_s: float, act: Callable[[], None]) -> None:
        self.due_s = due_s
        self._time = time
        self._act = act
        self._due = time.boundary.event(self._fire)
        self._handle: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Let it run, from now on."""
        wait_s = max(0.0, self.due_s - self._time.now())
        self._handle = asyncio.get_running_loop().call_later(wait_s, self._due)

    def stop(self) -> None:
        """Let it stand still."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def cancel(self) -> None:
        """Forget it; may be called twice."""
        self.stop()
        self._time.forget(self)

    def _fire(self) -> None:
        self._time.forget(self)
        self._act()


class ClientTime:
    """Seconds that pass only while no reason stops them. `now` returns monotonic seconds."""

    def __init__(self, now: Callable[[], float], boundary: Boundary = OPEN) -> None:
        self.boundary = boundary
        self._now = now
        self._reasons: set[str] = set()
        self._stopped_s = 0.0
        self._stood_s = 0.0
        self._timers: set[Timer] = set()

    @property
    def stands(self) -> bool:
        """Whether it stands still."""
        return bool(self._reasons)

    def now(self) -> float:
        """The time, in seconds."""
        return (self._stopped_s if self._reasons else self._now()) - self._stood_s

    def stop(self, reason: str) -> None:
        """Stand still until `go` is called with each reason that stopped it."""
        if not self._reasons:
            self._stopped_s = self._now()
            for timer in self._timers:
                timer.stop()
        self._reasons.add(reason)

    def go(self, reason: str) -> None:
        """`reason` does not stop it any more."""
        stood = bool(self._reasons)
        self._reasons.discard(reason)
        if stood and not self._reasons:
            self._stood_s += self._now() - self._stopped_s
            for timer in self._timers:
                timer.start()

    def after(self, seconds: float, act: Callable[[], None]) -> Timer:
        """Call `act` when so many seconds have passed."""
        timer = Timer(self, self.now() + seconds, act)
        self._timers.add(timer)
        if not self._reasons:
            timer.start()
        return timer

    def forget(self, timer: Timer) -> None:
        """The timer has fired or was cancelled."""
        self._timers.discard(timer)


class Numbers:
    """Counts the control messages of one session; `last` is the newest number."""

    def __init__(self) -> None:
        self.last = 0

    def next(self) -> int:
        """Another number."""
        self.last += 1
        return self.last


@dataclass(frozen=True, slots=True)
class SessionContext:
    """One session's way to its client and to the server around it. No method waits.

    `now` returns the server's monotonic seconds; the client's deadlines are counted in `client_time`.
    """

    settings: FrametalkSettings
    link: Link
    metrics: Metrics
    tasks: Tasks
    now: Callable[[], float]
    client_time: ClientTime
    audit: SessionAudit = NO_AUDIT
    record: SessionRecord = NO_RECORD
    diary: Diary = NO_DIARY
    objective: LatencyObjective = field(default_factory=lambda: LatencyObjective(0, ()))
    boundary: Boundary = OPEN
    events: EventQueue = field(default_factory=EventQueue)
    numbers: Numbers = field(default_factory=Numbers)

    def send(self, message: m.ServerMessage | m.Error) -> None:
        """Send a control message, numbered."""
        numbered = msgspec.structs.replace(message, seq=self.numbers.next())
        self.link.send(cast(m.FromServer, numbered))

    def send_clock(self, message: m.Ping | m.Pong) -> None:
        """Send a ping or pong; these are not numbered."""
        self.link.send(message)

    def send_media(self, frame: Media) -> None:
        """Send a frame of a reply."""
        self.link.send_media(frame)

    def flush_media(self, stream: int) -> None:
        """Discard frames of `stream` that have not left yet."""
        self.link.flush_media(stream)

    def emit(self, event: Event) -> None:
        """Give the conversation an event."""
        self.events.emit(event)

    def report(self, error: FrametalkError, ref: str = "") -> None:
        """Log and count an error, and send it; `ref` is the type of the message that caused it."""
        error.ref = ref or error.ref
        log.warning("%s (stage %s, fault %s)", error.code, error.stage, error.fault)
        self.metrics.error(error.code)
        self.diary.error(error.code)
        self.send(as_message(error))

    def after(self, seconds: float, act: Callable[[], None]) -> asyncio.TimerHandle:
        """Call `act` when so many seconds have passed, also while `client_time` stands still."""
        return asyncio.get_running_loop().call_later(seconds, self.boundary.event(act))

    def step(self, name: str, trace: TurnTrace | None = None) -> Step:
        """Time a step from now on, for metrics and the debug log.

        With a `trace`, the end of the step is the end of the stage `name` of that turn.
        """
        observe = self._stepped if self.diary.is_kept else self.metrics.step
        return Step(name, self.now, observe, trace)

    def _stepped(self, name: str, seconds: float) -> None:
        self.metrics.step(name, seconds)
        self.diary.step(name, seconds)
