"""One simulated player of a bench: speaks, listens, interrupts, and records when everything happened."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from frametalk.bench.overhead.referee import Decision, Referee
from frametalk.bench.samples import BargeInSample, Session, Traced, TurnSample
from frametalk.bench.sound import speech_like
from frametalk.config import TurnSettings
from frametalk.core.audio import RECOGNITION_RATE_HZ
from frametalk.errors import FrametalkError
from frametalk.headless.clock import Clock
from frametalk.headless.player import Player, PlayerOptions
from frametalk.headless.scene import GameWorld
from frametalk.headless.worldfile import WorldFile
from frametalk.wire import messages as m

if TYPE_CHECKING:
    from frametalk.core.audio import Samples
    from frametalk.headless.log import LogEntry
    from frametalk.headless.mic import Sound
    from frametalk.headless.reply import Reply
    from frametalk.transports.link import Link
    from frametalk.wire.codec import Media

SPEECH_MS = (400, 700)
GAP_MS = (150, 350)  # silence of the player after a reply
INTO_REPLY_MS = (150, 400)  # how far a reply is heard before it is interrupted
BEFORE_MS = (300, 1_300)  # so that the players of one bench do not speak in step
TURN_TIMEOUT_S = 10.0
IDLE_MIC_S = 0.2
FRAME_HZ = 25  # no face is drawn; `played` leaves every 80 ms, the wire asks for 100

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Script:
    """What a player does, and how the server is set.

    Every `whole_every`-th reply is heard to its end, the others are spoken over. `engines_ms` is what
    the engines are set to take for one turn. `words` is said in each turn; None: sound like speech.
    """

    turns: int
    engines_ms: float
    thresholds: TurnSettings
    barge_in_ms: float
    whole_every: int = 4
    seed: int = 0
    words: Samples | None = None


class BenchPlayer:
    """Drives one session over a link that is open; `result` fills while `run` goes on."""

    def __init__(
        self, link: Link, clock: Clock, script: Script, step: Callable[[], None] = lambda: None
    ) -> None:
        self.result = Session()
        self._step = step  # called after each turn
        self._clock = clock
        self._script = script
        self._random = np.random.default_rng(script.seed)
        self._referee = Referee(script.thresholds, script.barge_in_ms)
        self._player = Player(
            link,
            GameWorld(WorldFile(name="bench")),
            clock,
            PlayerOptions(name="bench", frame_hz=FRAME_HZ),
            watch=self._watch,
            mic_frame=self._sent,
        )

    # ---- the whole session -----------------------------------------------------------------------

    async def run(self) -> None:
        """Join, take all turns, leave. What goes wrong is recorded in `result.lost`."""
        began_s = self._clock.now_s()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._player.run())
                group.create_task(self._take_turns())
        except* FrametalkError:
            self.result.lost.append("no answer to hello")
        finally:
            self.result.lasted_s = self._clock.now_s() - began_s
            self.result.mic_late_frames = self._player.mic.late_frames
            self.result.mic_worst_late_ms = self._player.mic.worst_late_ms
            self.result.late_frames = sum(
                reply.playback.underruns for reply in self._player.replies.values() if reply.done
            )

    async def stay(self, ready: asyncio.Event) -> None:
        """Join, send the microphone's sound for a moment, then stay silent until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._player.run())
            await self._player.joined.wait()
            await asyncio.sleep(IDLE_MIC_S)
            self._player.mic.stop()  # without the message: the server's stream stays open
            ready.set()

    async def _take_turns(self) -> None:
        await self._player.joined.wait()
        await self._pause(BEFORE_MS)
        for turn in range(self._script.turns):
            try:
                await self._turn(turn)
            except TimeoutError:
                self.result.lost.append("no reply in time")
            self._step()
        await self._player.leave()

    async def _turn(self, turn: int) -> None:
        before = self._latest()
        sound = self._player.mic.play(self._utterance())
        interrupts = before is not None and not before.done
        limit_s = len(sound.samples) / RECOGNITION_RATE_HZ + TURN_TIMEOUT_S
        until_s = self._clock.now_s() + limit_s
        async with asyncio.timeout(limit_s):
            await sound.done.wait()
        reply = await self._wait(lambda: self._begun_after(before), until_s)
        if interrupts and before is not None:
            self._record_barge_in(turn, sound, before)
        await self._wait(lambda: _audible_or_done(reply), until_s)
        self._record_turn(turn, sound, reply)
        if (turn + 1) % self._script.whole_every:
            await self._pause(INTO_REPLY_MS)
        else:
            await self._wait(lambda: reply.done or None, until_s)
            await self._pause(GAP_MS)

    def _utterance(self) -> Samples:
        if self._script.words is not None:
            return self._script.words
        return speech_like(self._random, self._random.uniform(*SPEECH_MS), RECOGNITION_RATE_HZ)

    def _latest(self) -> Reply | None:
        return next(reversed(self._player.replies.values()), None)

    def _begun_after(self, before: Reply | None) -> Reply | None:
        """The reply after `before`, once it plays or was cut."""
        latest = self._latest()
        if latest is None or latest is before:
            return None
        return latest if latest.playback.started_s is not None or latest.done else None

    async def _wait(self, look: Callable[[], _T | None], until_s: float) -> _T:
        """What `look` finds first. Raises TimeoutError."""
        found = await self._player.log.wait_for(look, until_s)
        if found is None:
            raise TimeoutError
        return found

    async def _pause(self, between_ms: tuple[float, float]) -> None:
        await asyncio.sleep(self._random.uniform(*between_ms) / 1000)

    # ---- what is measured ------------------------------------------------------------------------

    def _sent(self, frame: Media) -> None:
        samples = np.frombuffer(frame.payload, "<i2")
        self._referee.feed(frame.sample, samples, self._clock.now_s())

    def _watch(self, entry: LogEntry) -> None:
        match entry.item:
            case m.TurnStateChanged(state=state):
                self._referee.reply_active = state == "speaking"
            case m.Trace() as trace:
                stages = tuple((stage.stage, stage.ms) for stage in trace.stages)
                self.result.traces.append(
                    Traced(trace.mouth_to_ear_ms, stages, trace.unmeasured, trace.reply)
                )
            case m.Error(code=code):
                self.result.errors.append(code)

    def _record_turn(self, turn: int, sound: Sound, reply: Reply) -> None:
        playback, time_of = reply.playback, self._player.mic.time_of
        decision = next((end for end in self._referee.ended if end.sample >= sound.end), None)
        if decision is None or playback.arrived_s is None or playback.started_s is None:
            self.result.lost.append("the turn's end was not decided by silence")
        elif playback.audible_s is None:
            self.result.lost.append("the reply was not audible")
        elif playback.arrived_s < decision.sent_s:
            self.result.lost.append("the reply came before the turn had ended")
        else:
            self.result.turns.append(
                TurnSample(
                    speech_end_s=time_of(sound.end),
                    decided_s=time_of(decision.sample),
                    framed_s=time_of(decision.frame_end),
                    sent_s=decision.sent_s,
                    arrived_s=playback.arrived_s,
                    started_s=playback.started_s,
                    audible_s=playback.audible_s,
                    engines_s=self._script.engines_ms / 1000,
                    key=self._key(turn),
                    reply=reply.id,
                )
            )

    def _record_barge_in(self, turn: int, sound: Sound, before: Reply) -> None:
        decision = self._start_in(sound)
        cut_s = before.playback.done_s
        if decision is None or before.cut is None or cut_s is None:
            self.result.lost.append("an interruption did not cut the reply")
            return
        onset_s = self._player.mic.time_of(sound.start)
        self.result.barge_ins.append(
            BargeInSample(onset_s, decision.sent_s, cut_s, self._key(turn))
        )

    def _key(self, turn: int) -> str:
        return f"{self._script.seed}.{turn}"

    def _start_in(self, sound: Sound) -> Decision | None:
        inside = (
            start for start in self._referee.started if sound.start < start.sample <= sound.end
        )
        return next(inside, None)


def _audible_or_done(reply: Reply) -> bool | None:
    return True if reply.playback.audible_s is not None or reply.done else None
