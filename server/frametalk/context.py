"""What every stage of one session gets: its client, its events, its numbers, its tasks, its clock."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import cast

import msgspec

from frametalk.config import FrametalkSettings
from frametalk.core.events import Event
from frametalk.errors import FrametalkError
from frametalk.metrics import Metrics
from frametalk.tasks import Tasks
from frametalk.trace import Step, TurnTrace
from frametalk.transports.link import Link
from frametalk.wire import messages as m
from frametalk.wire.codec import Media

log = logging.getLogger(__name__)

MAX_ERROR_TEXT = 4_000  # characters


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


@dataclass(frozen=True, slots=True)
class SessionContext:
    """One session's way to its client and to the server around it. No method waits.

    `now` returns the server's monotonic seconds.
    """

    settings: FrametalkSettings
    link: Link
    metrics: Metrics
    tasks: Tasks
    now: Callable[[], float]
    events: EventQueue = field(default_factory=EventQueue)
    _seq: Iterator[int] = field(default_factory=lambda: count(1))

    def send(self, message: m.ServerMessage | m.Error) -> None:
        """Send a control message, numbered."""
        numbered = msgspec.structs.replace(message, seq=next(self._seq))
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
        self.send(
            m.Error(
                code=error.code,
                text=error.text[:MAX_ERROR_TEXT],
                stage=error.stage,
                fault=error.fault,
                remedy=error.remedy[:MAX_ERROR_TEXT],
                ref=error.ref,
                fatal=error.fatal,
            )
        )

    def step(self, name: str, trace: TurnTrace | None = None) -> Step:
        """Time a step from now on, for metrics and the debug log.

        With a `trace`, the end of the step is the end of the stage `name` of that turn.
        """
        return Step(name, self.now, self.metrics.step, trace)
