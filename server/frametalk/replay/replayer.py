"""Gives a session what a recording says, in the recorded order, and compares what the session does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from frametalk.boundary import Boundary
from frametalk.replay.engines import at_boundary
from frametalk.replay.entries import Kind
from frametalk.replay.files import Recording
from frametalk.replay.link import BoundaryLink
from frametalk.replay.loop import VirtualLoop
from frametalk.replay.replayed_steps import Over, ReplayedSteps
from frametalk.replay.show import described, difference, message
from frametalk.replay.values import digest, from_plain

T = TypeVar("T")


class Replayer(Boundary):
    """The boundary of a session that runs again.

    Every entry is either something that happens to the session (a step of a task, a timer, an answer), and
    then it happens now, or something that the session does (it reads the clock, asks, sends), which it has
    to do now. `diverged` says where that was not so first.
    """

    live = False

    def __init__(self, recording: Recording) -> None:
        self.loop = VirtualLoop(self._idle, self._new_deadline, self._group_notices)
        self.loop.now_s = recording.header.base_us / 1e6
        self.finished = self.loop.create_future()
        self.diverged = ""
        self.at = 0  # the next entry
        self.server: Callable[[str, list[Any]], None]  # carries out what the server called
        self._recording = recording
        self._entries = recording.entries
        self._clock_us = self._base_us = recording.header.base_us
        self._links = self._tasks = self._events = 0
        self._callbacks: list[Callable[..., Any]] = []
        self._joined: dict[object, int] = {}
        self._happened: dict[int, Callable[[], None]] = {}
        self.waiting: dict[int, ReplayedSteps] = {}
        self._deadlines: list[tuple[ReplayedSteps, asyncio.TimerHandle]] = []
        self._roots: set[int] = set()  # the tasks that the server cancels
        self._is_called = False  # by the server, at this moment
        self._scheduled = -1  # the entry that happens next, from the loop
        self.current: object | None = None

    # ---- the order -------------------------------------------------------------------------------

    def next_entry(self) -> Any:
        """The entry that comes next; None after the last."""
        return self._entries[self.at] if self.at < len(self._entries) else None

    def take(self) -> Any:
        """That entry, which is done."""
        entry = self._entries[self.at]
        self.at += 1
        return entry

    def _pass(self, at_us: int) -> None:
        self.loop.now_s = max(self.loop.now_s, (self._base_us + at_us) / 1e6)

    def diverge(self, what: str) -> Over:
        """The session does `what`, and the recording says something else."""
        if (
            not self.finished.done()
            and self.next_entry() is None
            and self._recording.end != "ended"
        ):
            self.finished.set_result(None)  # the recording ends in the middle
        elif not self.finished.done():
            expected = described(self.next_entry(), self._recording)
            self.diverged = f"the session {what}; in the recording {expected}"
            self.finished.set_result(None)
        return Over()

    def go_on(self) -> None:
        """Nothing of the session runs: let the next entry happen."""
        entry = self.next_entry()
        if self.finished.done():
            return
        if entry is None:
            self.finished.set_result(None)
            return
        kind = -1 if isinstance(entry, int) else entry[0]
        match kind:
            case Kind.STEP | Kind.THROW | Kind.ANSWER | Kind.FAILED:
                if (steps := self.waiting.get(entry[1])) is not None and steps.may_go(entry):
                    steps.go()
            case Kind.EVENT:
                if act := self._happened.pop(entry[1], None):
                    self.loop.call_soon(self._happen, act)
            case Kind.CALL | Kind.SERVER:
                if self._scheduled != self.at:
                    self._scheduled = self.at
                    self.loop.call_soon(self._outside_calls)
            case _:
                self.diverge("does nothing more at this point")

    def _happen(self, act: Callable[[], None]) -> None:
        self._pass(self.take()[2])
        self._enter(act)

    def _outside_calls(self) -> None:
        entry = self.next_entry()
        if entry[0] == Kind.SERVER:
            self.take()
            self._pass(entry[2])
            self._is_called = True
            self._enter(lambda: self.server(entry[1], list(from_plain(entry[3]))))
            self._is_called = False
        else:
            self._enter(self._call_back)

    def _call_back(self) -> None:
        _kind, number, at_us, _within, values = self.take()
        self._pass(at_us)
        if number > len(self._callbacks):
            raise self.diverge(f"has no callback {number}")
        self._callbacks[number - 1](*from_plain(values))

    def _enter(self, act: Callable[[], None]) -> None:
        self.current = act
        try:
            act()
        except Over:
            pass
        finally:
            self.current = None
            self.go_on()

    def _idle(self, wait_s: float | None) -> None:
        """Nothing can run: a deadline is reached, or time passes, or the session is stuck."""
        if self.finished.done():
            return
        entry = self.next_entry()
        if not isinstance(entry, int) and entry[0] in {Kind.THROW, Kind.FAILED}:
            handles = [
                handle
                for steps, handle in self._deadlines
                if steps.number == entry[1] and not handle.cancelled()
            ]
            if handles:
                handle = min(handles, key=lambda each: each.when())
                self.loop.call_soon(handle._run)  # noqa: SLF001  (it was made for that)
                self._deadlines = [each for each in self._deadlines if each[1] is not handle]
                return
            if entry[1] in self._roots and (steps := self.waiting.get(entry[1])) is not None:
                self._roots.remove(entry[1])
                steps.cancel()  # by the server, which ends
                return
        if wait_s is None:
            self.diverge("waits, and nothing comes")
        else:
            self.loop.now_s += wait_s

    def _new_deadline(self, handle: asyncio.TimerHandle) -> None:
        self._deadlines = [each for each in self._deadlines if not each[1].cancelled()]
        if isinstance(self.current, ReplayedSteps):
            self._deadlines.append((self.current, handle))

    # ---- as a Boundary ---------------------------------------------------------------------------

    def clock(self, now: Callable[[], float]) -> Callable[[], float]:
        """The recorded readings."""

        def read() -> float:
            if self.current is None:
                return self.loop.now_s
            if type(self.next_entry()) is not int:
                raise self.diverge("reads the clock")
            self._clock_us += self.take()
            self.loop.now_s = max(self.loop.now_s, self._clock_us / 1e6)
            return self._clock_us / 1e6

        return read

    def steps(self, work: Coroutine[Any, Any, T]) -> Coroutine[Any, Any, T]:
        """Its steps are made when the recording says so."""
        self._tasks += 1
        if self._tasks == 1 or self._is_called:
            self._roots.add(self._tasks)
        return ReplayedSteps(self, work, self._tasks)

    def joins(self, task: asyncio.Task[Any]) -> None:
        """Its group notices when the recording says so; see `_group_notices`."""
        self._events += 1
        self._joined[task] = self._events

    def _group_notices(self, notice: Callable[[], None], task: object) -> None:
        number = self._joined.pop(task, None)
        if number is None:
            self.loop.call_soon(notice)
        else:
            self._happened[number] = notice
            self.go_on()

    def event(self, act: Callable[[], None]) -> Callable[[], None]:
        """It happens when the recording says so, at the earliest when the loop says so."""
        self._events += 1
        number = self._events

        def happens() -> None:
            self._happened[number] = act
            self.go_on()

        return happens

    def callback(self, act: Callable[..., T]) -> Callable[..., T]:
        """It is called as the recording says."""
        self._callbacks.append(act)
        return act

    def value(self, read: Callable[[], T]) -> T:
        """The recorded value."""
        if self.finished.done():
            raise Over
        if self.current is None:
            return read()
        me = self.current
        while (entry := self.next_entry()) is not None and _is(entry, Kind.CALL) and entry[3]:
            self._call_back()
            self.current = me
        if not (_is(entry, Kind.VALUE) or _is(entry, Kind.REFUSED)):
            raise self.diverge("asks for a value")
        self.take()
        value = from_plain(entry[1])
        if entry[0] == Kind.REFUSED:
            raise value
        return value  # type: ignore[no-any-return]

    def decided(self, what: bool) -> bool:
        """As it was decided."""
        return self.value(lambda: what)

    async def answer(self, start: Callable[[], Awaitable[T]]) -> T:
        """The recorded answer, when the recording says so."""
        me = self.current
        if self.finished.done():
            raise Over
        if not isinstance(me, ReplayedSteps):
            raise self.diverge("awaits something outside its tasks")
        cancelled = False
        while True:
            entry = self.next_entry()
            if me.is_answered(entry, cancelled=cancelled):
                break
            try:
                await me.wait_outside()
            except asyncio.CancelledError:
                cancelled = True
            if self.finished.done():
                raise Over
        self.take()
        self._pass(entry[2])
        self.current = me
        value = from_plain(entry[3])
        if entry[0] == Kind.FAILED:
            raise value
        return value  # type: ignore[no-any-return]

    def asked(self, whom: str, *what: Any) -> None:
        """It has to be what the recording says."""
        entry = self.next_entry()
        if self.finished.done():
            raise Over
        if self.current is None:
            return
        if not _is(entry, Kind.ASKED) or entry[2:] != [whom, list(what)]:
            raise self.diverge(f"asks {whom}: {', '.join(map(str, what))}")
        self.take()

    def sent(self, link: int, data: bytes) -> None:
        """It has to be what the recording says, byte for byte."""
        entry = self.next_entry()
        if self.finished.done():
            raise Over
        if self.current is None:
            return
        if not _is(entry, Kind.SENT) or entry[1] != link:
            raise self.diverge(f"sends {message(data)} over connection {link}")
        if entry[3] != data:
            raise self.diverge(f"sends {difference(data, entry[3])}")
        self.take()

    def sent_media(self, link: int, frame: Any) -> None:
        """As `sent`."""
        self.sent(link, digest(frame))

    def link(self, link: Any) -> Any:
        """The session's next connection."""
        self._links += 1
        return BoundaryLink(self, link, self._links - 1)

    def engines(self, engines: Any) -> Any:
        """Engines that answer as the recorded ones did."""
        return at_boundary(self, self._recording.header.engines, None)


def _is(entry: Any, kind: Kind) -> bool:
    return isinstance(entry, list) and entry[0] == kind
