"""Writes down what comes into a session, in which order, and what it sends.

What is written is enough to run the session again: every reading of the clock, every answer of an engine,
and which of the session's tasks goes on when. Nothing here waits: a `Sink` takes entries in batches.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol, TypeVar

from frametalk.boundary import Boundary
from frametalk.engines import Engines
from frametalk.replay.engines import at_boundary, described
from frametalk.replay.entries import Kind
from frametalk.replay.link import BoundaryLink
from frametalk.replay.values import digest, plain

T = TypeVar("T")
BATCH_ENTRIES = 256
BEFORE_CONSENT_ENTRIES = 4_096  # a player who has not agreed by then will not be asked


class Sink(Protocol):
    """Takes a recording's entries."""

    def begin(self, subject: str, base_us: int, engines: dict[str, Any]) -> None:
        """The player agrees: the recording is kept."""

    def add(self, entries: list[Any]) -> bool:
        """Take a batch, which is not changed any more; False if the recording has ended."""

    def end(self, why: str) -> None:
        """No more will come."""


class Recorder(Boundary):
    """Records one session. `now` returns monotonic seconds."""

    def __init__(self, now: Callable[[], float], sink: Sink) -> None:
        self._now = now
        self._sink = sink
        self._base_us = self._read_us = int(now() * 1e6)
        self._entries: list[Any] = []
        self._begun = False
        self._engines: dict[str, Any] = {}
        self._links = self._tasks = self._events = self._callbacks = 0
        self.is_on = True
        self.current: object | None = None  # what of the session runs now
        self._reading: object | None = None  # what of it has called out, and waits

    def add(self, *entry: Any) -> None:
        """One entry; a Kind first."""
        self._entries.append(entry)
        if len(self._entries) >= BATCH_ENTRIES:
            self._flush()

    @property
    def at_us(self) -> int:
        """Microseconds since the recording's beginning."""
        return int(self._now() * 1e6) - self._base_us

    def _flush(self) -> None:
        if self._begun:
            entries, self._entries = self._entries, []
            if not self._sink.add(entries):
                self.is_on = False
        elif len(self._entries) > BEFORE_CONSENT_ENTRIES:
            self._drop()

    def _plain(self, value: Any) -> Any:
        """The value for the file; what cannot be written ends the recording, not the session."""
        try:
            return plain(value)
        except (TypeError, ValueError):
            self.stop(f"no recording of {type(value).__name__}")
            return None

    def _drop(self) -> None:
        self.is_on = False
        self._entries = []

    # ---- as a Boundary ---------------------------------------------------------------------------

    def clock(self, now: Callable[[], float]) -> Callable[[], float]:
        """The clock in whole microseconds."""

        def read() -> float:
            now_us = int(now() * 1e6)
            if self.current is not None and self.is_on:
                self._entries.append(now_us - self._read_us)
                self._read_us = now_us
            return now_us / 1e6

        return read

    def steps(self, work: Coroutine[Any, Any, T]) -> Coroutine[Any, Any, T]:
        """Each step is written down before it is made."""
        self._tasks += 1
        return RecordedSteps(self, work, self._tasks)

    def joins(self, task: asyncio.Task[Any]) -> None:
        """The group has been called first, so this is when it has noticed."""
        noticed = self.event(lambda: None)
        task.add_done_callback(lambda _task: noticed())

    def event(self, act: Callable[[], None]) -> Callable[[], None]:
        """It is written down when it happens."""
        self._events += 1
        number = self._events

        def happens() -> None:
            if self.is_on:
                self.add(Kind.EVENT, number, self.at_us)
            self._enter(act)

        return happens

    def callback(self, act: Callable[..., T]) -> Callable[..., T]:
        """Each call is written down with its values."""
        self._callbacks += 1
        number = self._callbacks

        def called(*values: Any) -> T:
            within = self._reading is not None
            if self.is_on:
                self.add(Kind.CALL, number, self.at_us, within, self._plain(values))
            return self._enter(lambda: act(*values))

        return called

    def call(self, name: str, act: Callable[[], T], *arguments: Any) -> T:
        """The call is written down."""
        if self.is_on:
            self.add(Kind.SERVER, name, self.at_us, self._plain(arguments))
        return self._enter(act)

    def _enter(self, act: Callable[[], T]) -> T:
        was, self.current = (self.current, self._reading), act
        self._reading = None
        try:
            return act()
        finally:
            self.current, self._reading = was

    def value(self, read: Callable[[], T]) -> T:
        """What comes of it is written down."""
        me = self.current
        if me is None or not self.is_on:
            return read()
        was, self.current, self._reading = self._reading, None, me
        try:
            value = read()
        except Exception as error:
            self.add(Kind.REFUSED, self._plain(error))
            raise
        finally:
            self.current, self._reading = me, was
        self.add(Kind.VALUE, self._plain(value))
        return value

    def decided(self, what: bool) -> bool:
        """The decision is written down."""
        return self.value(lambda: what)

    async def answer(self, start: Callable[[], Awaitable[T]]) -> T:
        """What comes of it is written down when the session goes on with it."""
        me = self.current
        if not isinstance(me, RecordedSteps) or not self.is_on:
            return await start()
        me.is_outside, self.current = True, None
        task = asyncio.current_task()
        asked = task.cancelling() if task else 0
        try:
            value = await start()
        except BaseException as error:
            cancelled = task is not None and task.cancelling() > asked
            self._back(me, Kind.FAILED, self._plain(error), cancelled)
            raise
        self._back(me, Kind.ANSWER, self._plain(value))
        return value

    def _back(self, me: RecordedSteps, kind: Kind, *what: Any) -> None:
        me.is_outside, self.current = False, me
        if self.is_on:
            self.add(kind, me.number, self.at_us, *what)

    def asked(self, whom: str, *what: Any) -> None:
        """It is written down."""
        if self.is_on and self.current is not None:
            self.add(Kind.ASKED, self.at_us, whom, list(what))

    def sent(self, link: int, data: bytes) -> None:
        """It is written down."""
        if self.is_on and self.current is not None:
            self.add(Kind.SENT, link, self.at_us, data)

    def sent_media(self, link: int, frame: Any) -> None:
        """It is written down without its sound."""
        if self.is_on and self.current is not None:
            self.add(Kind.SENT, link, self.at_us, digest(frame))

    def link(self, link: Any) -> Any:
        """The session's next connection."""
        self._links += 1
        return BoundaryLink(self, link, self._links - 1)

    def engines(self, engines: Any) -> Any:
        """The engines, whose answers are written down."""
        assert isinstance(engines, Engines)  # noqa: S101  (the contract)
        self._engines = described(engines)
        return at_boundary(self, self._engines, engines)

    def agreed(self, agrees: bool, subject: str) -> None:
        """Keep the recording, or forget it."""
        if not agrees:
            self._drop()
        elif self.is_on:
            self._begun = True
            self._sink.begin(subject, self._base_us, self._engines)

    def stop(self, why: str) -> None:
        """The recording ends here; the session goes on."""
        if self.is_on and self._begun:
            self._flush()
            self._sink.end(why)
        self._drop()

    def close(self) -> None:
        """The session has ended."""
        self.stop("ended")


class RecordedSteps(Coroutine[Any, Any, Any]):
    """A coroutine each of whose steps is written down, except while it waits for what is outside."""

    def __init__(self, recorder: Recorder, work: Coroutine[Any, Any, Any], number: int) -> None:
        self.number = number
        self.is_outside = False
        self._recorder = recorder
        self._work = work

    def send(self, value: Any) -> Any:
        """One step."""
        recorder = self._recorder
        if not self.is_outside:
            if recorder.is_on:
                recorder.add(Kind.STEP, self.number)
            recorder.current = self
        try:
            return self._work.send(value)
        finally:
            recorder.current = None

    def throw(self, *error: Any) -> Any:
        """One step, which begins with an exception."""
        recorder = self._recorder
        if not self.is_outside:
            if recorder.is_on:
                recorder.add(Kind.THROW, self.number)
            recorder.current = self
        try:
            return self._work.throw(*error)
        finally:
            recorder.current = None

    def close(self) -> None:
        """The task is given up."""
        self._work.close()

    def __await__(self) -> RecordedSteps:
        return self

    def __iter__(self) -> RecordedSteps:
        return self

    def __next__(self) -> Any:
        return self.send(None)
