"""The virtual speaker and the frame loop of the game that plays through it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from frametalk.headless.clock import Clock, us
from frametalk.headless.mic import Microphone
from frametalk.headless.mouth import Mouth
from frametalk.headless.reply import Reply
from frametalk.wire.messages import Played

SHORTEST_WAIT_S = 0.0002  # otherwise rounding could let the loop run without time moving on
FIRST_REPORT_S = 0.001  # after the start, when the first samples have left
REPORT_EVERY_MS = 100.0  # the server's `played_every_ms` may ask for less


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An action that waits for a sample of a reply."""

    reply: int
    sample: int
    act: Callable[[], None]


class Speaker:
    """Plays one reply at a time: its frame loop advances the playback, moves the mouth and reports.

    It sends `played` when the first sample has left, then at least every `every_ms`, before an action that
    waited for a sample, and with `done` at the end.
    """

    def __init__(
        self,
        send: Callable[[Played], None],
        clock: Clock,
        mic: Microphone,
        mouth: Mouth,
        *,
        frame_hz: int,
        every_ms: float = REPORT_EVERY_MS,
        progressed: Callable[[Reply], None],
    ) -> None:
        self.every_ms = every_ms
        self._send = send
        self._clock = clock
        self._mic = mic
        self._mouth = mouth
        self._frame_s = 1 / frame_hz
        self._progressed = progressed
        self.reply: Reply | None = None  # the one that plays
        self._reported_s: float | None = None
        self._first_reported = False
        self._waiting: list[_Waiting] = []
        self._changed = asyncio.Event()

    def begin(self, reply: Reply) -> None:
        """Play this reply from now on."""
        self.reply = reply
        self._reported_s = None
        self._first_reported = False
        self._waiting = [waiting for waiting in self._waiting if waiting.reply >= reply.id]
        self.wake()

    def wake(self) -> None:
        """Something of the reply came: compute again what is due next."""
        self._changed.set()

    def cut(self, reply: Reply) -> None:
        """The reply was cut: report where it stopped; actions that wait for later samples are void."""
        if reply is self.reply:
            self._finish(reply)

    def when_reached(self, reply: int, sample: int, act: Callable[[], None]) -> None:
        """Call `act` when that reply has played to `sample`; never if it ends before."""
        self._waiting.append(_Waiting(reply, sample, act))
        self.wake()

    def report_start(self) -> None:
        """Report a reply whose sound has begun, if that is due: before its echo can be sent.

        On a busy machine the frame loop may come later than the microphone's.
        """
        reply = self.reply
        if reply is not None and not self._first_reported and reply.playback.started_s is not None:
            self._step(reply, self._clock.now_s(), frame=False)

    # ---- the frame loop --------------------------------------------------------------------------

    async def run(self) -> None:
        """One round for each rendered frame while a reply plays; sleep otherwise."""
        frame_due_s = 0.0
        while True:
            reply = self.reply
            if reply is None:
                self._changed.clear()
                await self._changed.wait()
                frame_due_s = self._clock.now_s()
                continue
            await self._sleep_until(min(frame_due_s, self._next_due_s(reply)))
            now_s = self._clock.now_s()
            if self.reply is reply:
                self._step(reply, now_s, frame=now_s >= frame_due_s)
            if now_s >= frame_due_s:
                missed = int((now_s - frame_due_s) / self._frame_s)
                frame_due_s += (missed + 1) * self._frame_s

    async def _sleep_until(self, due_s: float) -> None:
        self._changed.clear()
        wait_s = max(SHORTEST_WAIT_S, due_s - self._clock.now_s())
        alarm = asyncio.get_running_loop().call_later(wait_s, self._changed.set)
        try:
            await self._changed.wait()
        finally:
            alarm.cancel()

    def _next_due_s(self, reply: Reply) -> float:
        """When something besides a frame is due: the first report, or the end."""
        playback = reply.playback
        due = [float("inf")]
        if playback.started_s is not None and playback.running and not self._first_reported:
            due.append(playback.started_s + FIRST_REPORT_S)
        if playback.ends_s is not None:
            due.append(playback.ends_s)
        return min(due)

    def _step(self, reply: Reply, now_s: float, *, frame: bool) -> None:
        playback = reply.playback
        playback.advance(now_s)
        if frame:
            self._mouth.frame(now_s, reply)
        if reply.done:
            self._finish(reply)
            return
        self._reach(reply, now_s)
        first = playback.played > 0 and not self._first_reported
        due_s = (self._reported_s or reply.began_s) + self.every_ms / 1000
        # Rather one frame early than one late.
        if first or now_s + self._frame_s > due_s:
            self._report(reply, now_s)

    def _reach(self, reply: Reply, now_s: float) -> None:
        """Report, then run the actions whose sample has left."""
        ready = self._take_ready(reply)
        if ready:
            self._report(reply, now_s)
            for waiting in ready:
                waiting.act()

    def _take_ready(self, reply: Reply) -> list[_Waiting]:
        played = reply.playback.played
        ready = [
            waiting
            for waiting in self._waiting
            if waiting.reply == reply.id and waiting.sample <= played
        ]
        if ready:
            self._waiting = [waiting for waiting in self._waiting if waiting not in ready]
        return ready

    def _finish(self, reply: Reply) -> None:
        """Send the last report; actions that wait for later samples are void."""
        now_s = self._clock.now_s()
        done_s = reply.playback.done_s
        self._mouth.close(now_s, reply)
        self._report(reply, now_s if done_s is None else done_s)
        for waiting in self._take_ready(reply):
            waiting.act()
        self._waiting = [waiting for waiting in self._waiting if waiting.reply != reply.id]
        self.reply = None
        self._progressed(reply)

    def _report(self, reply: Reply, at_s: float) -> None:
        playback = reply.playback
        self._reported_s = at_s
        self._first_reported = self._first_reported or playback.played > 0
        self._send(
            Played(
                reply=reply.id,
                sample=playback.played,
                t_us=us(at_s),
                mic_sample=self._mic.stream_sample_at(at_s),
                arrived_us=None if playback.arrived_s is None else us(playback.arrived_s),
                underruns=playback.underruns,
                done=reply.done,
                input_ms=0.0,  # there are no devices
                output_ms=0.0,
            )
        )
        if not reply.done:
            self._progressed(reply)
