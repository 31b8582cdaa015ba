"""One simulated player of a bench: speaks, listens, interrupts, and notes when everything happened."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from frametalk.bench.overhead.referee import RATE_HZ, Decision, Referee
from frametalk.bench.samples import BargeInSample, Session, Traced, TurnSample
from frametalk.bench.sound import speech_like
from frametalk.config import TurnSettings
from frametalk.headless.clock import Clock, us
from frametalk.headless.mic import Microphone, Sound
from frametalk.headless.playback import Playback
from frametalk.transports.link import LinkClosed
from frametalk.wire import messages as m
from frametalk.wire.codec import Media

if TYPE_CHECKING:
    from frametalk.core.audio import Samples
    from frametalk.transports.link import Link

SPEECH_MS = (700, 1_100)
GAP_MS = (150, 350)  # silence of the player after a reply
INTO_REPLY_MS = (150, 400)  # how far a reply is heard before it is interrupted
BEFORE_MS = (300, 1_300)  # players of one bench do not speak in step
TURN_TIMEOUT_S = 10.0
IDLE_MIC_S = 0.2
REPORT_S = 0.08  # within the 100 ms that the wire asks for
FIRST_REPORT_S = 0.001  # a first sample must have left


@dataclass(frozen=True, slots=True)
class Script:
    """What a player does, and what the server was set to.

    Every `barge_in_every`-th turn is spoken over the reply before it. `engines_ms` is what the engines
    were told to take for one turn. `words` is said in each turn; None is sound like speech.
    """

    turns: int
    engines_ms: float
    thresholds: TurnSettings
    barge_in_ms: float
    barge_in_every: int = 2
    seed: int = 0
    words: Samples | None = None


@dataclass(eq=False)
class _Heard:
    """One reply as it came."""

    playback: Playback
    begun: asyncio.Event = field(default_factory=asyncio.Event)  # it plays
    over: asyncio.Event = field(default_factory=asyncio.Event)  # nothing more of it will leave
    cut_s: float | None = None


class BenchPlayer:
    """Drives one session over a link that is open; `result` fills while `run` goes on."""

    def __init__(self, link: Link, clock: Clock, script: Script) -> None:
        self.result = Session()
        self._link = link
        self._clock = clock
        self._script = script
        self._random = np.random.default_rng(script.seed)
        self._referee = Referee(script.thresholds, script.barge_in_ms)
        self._mic = Microphone(self._send_frame, clock, rate_hz=RATE_HZ)
        self._welcomed = asyncio.Event()
        self._streams: dict[int, _Heard] = {}
        self._replies: dict[int, _Heard] = {}
        self._latest: _Heard | None = None
        self._reporters: list[asyncio.Task[None]] = []
        self._news = asyncio.Event()

    # ---- the whole session -----------------------------------------------------------------------

    async def run(self) -> None:
        """Say hello, take all turns, say good-bye. A link that closes early is noted in `lost`."""
        began_s = self._clock.now_s()
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._listen(group))]
            try:
                await self._enter()
                tasks.append(group.create_task(self._mic.run()))
                await self._pause(BEFORE_MS)
                for turn in range(self._script.turns):
                    await self._turn(turn)
            except TimeoutError:
                self.result.lost.append("no answer to hello")
            for task in (*tasks, *self._reporters):
                task.cancel()  # the last reply may not have been heard to its end
        self._link.send(m.Bye(reason="bench over"))
        await self._link.close()
        self.result.lasted_s = self._clock.now_s() - began_s
        self.result.mic_late_frames = self._mic.late_frames
        self.result.mic_worst_late_ms = self._mic.worst_late_ms

    async def stay(self, ready: asyncio.Event) -> None:
        """Say hello, let the microphone be heard for a moment, then stay silent until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._listen(group))
                await self._enter()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._mic.run(), IDLE_MIC_S)
                ready.set()
        finally:
            await self._link.close()

    async def _enter(self) -> None:
        """Say hello and open the microphone. Raises TimeoutError."""
        self._link.send(m.Hello(protocol=m.PROTOCOL_VERSION, client=m.ClientInfo(name="bench")))
        async with asyncio.timeout(TURN_TIMEOUT_S):
            await self._welcomed.wait()
        self._link.send(self._mic.start())

    async def _turn(self, turn: int) -> None:
        before = self._latest
        self._news.clear()
        sound = self._mic.play(self._utterance())
        interrupts = before is not None and not before.over.is_set()
        try:
            async with asyncio.timeout(len(sound.samples) / RATE_HZ + TURN_TIMEOUT_S):
                heard = await self._answer_to(sound, before)
                if interrupts and before is not None:
                    self._note_barge_in(sound, before)
                await self._note_turn(sound, heard)
                if (turn + 1) % self._script.barge_in_every:
                    await self._pause(INTO_REPLY_MS)
                else:
                    await heard.over.wait()
                    await self._pause(GAP_MS)
        except TimeoutError:
            self.result.lost.append("no reply in time")

    def _utterance(self) -> Samples:
        if self._script.words is not None:
            return self._script.words
        return speech_like(self._random, self._random.uniform(*SPEECH_MS), RATE_HZ)

    async def _answer_to(self, sound: Sound, before: _Heard | None) -> _Heard:
        """The first reply that begins after the sound has ended."""
        await sound.over.wait()
        while self._latest is None or self._latest is before:
            self._news.clear()
            await self._news.wait()
        await self._latest.begun.wait()
        return self._latest

    async def _pause(self, between_ms: tuple[float, float]) -> None:
        await asyncio.sleep(self._random.uniform(*between_ms) / 1000)

    # ---- what was measured -----------------------------------------------------------------------

    async def _note_turn(self, sound: Sound, heard: _Heard) -> None:
        playback = heard.playback
        while playback.audible_s is None and not heard.over.is_set():
            await asyncio.sleep(0.005)
            playback.advance(self._clock.now_s())
        decision = next((one for one in self._referee.over if one.sample >= sound.end), None)
        if decision is None or playback.arrived_s is None or playback.started_s is None:
            self.result.lost.append("the turn's end was not decided by silence")
        elif playback.audible_s is None:
            self.result.lost.append("the reply was not audible")
        elif playback.arrived_s < decision.sent_s:
            self.result.lost.append("answered before the turn was over")
        else:
            self.result.turns.append(
                TurnSample(
                    speech_end_s=self._mic.time_of(sound.end),
                    decided_s=self._mic.time_of(decision.sample),
                    framed_s=self._mic.time_of(decision.frame_end),
                    sent_s=decision.sent_s,
                    arrived_s=playback.arrived_s,
                    started_s=playback.started_s,
                    audible_s=playback.audible_s,
                    engines_s=self._script.engines_ms / 1000,
                )
            )

    def _note_barge_in(self, sound: Sound, before: _Heard) -> None:
        decision = self._decision_in(sound)
        if decision is None or before.cut_s is None:
            self.result.lost.append("an interruption did not cut the reply")
            return
        self.result.barge_ins.append(
            BargeInSample(self._mic.time_of(sound.start), decision.sent_s, before.cut_s)
        )

    def _decision_in(self, sound: Sound) -> Decision | None:
        inside = (one for one in self._referee.started if sound.start < one.sample <= sound.end)
        return next(inside, None)

    # ---- the wire --------------------------------------------------------------------------------

    def _send_frame(self, frame: Media) -> None:
        self._link.send_media(frame)
        samples = np.frombuffer(frame.payload, "<i2")
        self._referee.feed(frame.sample, samples, self._clock.now_s())

    async def _listen(self, group: asyncio.TaskGroup) -> None:
        with suppress(LinkClosed):
            while True:
                self._take(await self._link.receive(), self._clock.now_s(), group)

    def _take(self, item: object, now_s: float, group: asyncio.TaskGroup) -> None:
        match item:
            case Media():
                self._sound(self._streams[item.stream], item, now_s)
            case m.Welcome():
                self._welcomed.set()
            case m.Ping():
                now_us = us(now_s)
                answer = m.Pong(id=item.id, t_us=item.t_us, received_us=now_us, sent_us=now_us)
                self._link.send(answer)
            case m.TurnStateChanged():
                self._referee.reply_active = item.state == "speaking"
            case m.ReplyBegin():
                self._begin(item, group)
            case m.ReplyEnd():
                self._replies[item.reply].playback.end(now_s, item.samples)
            case m.ReplyCut():
                heard = self._replies[item.reply]
                heard.cut_s = now_s
                heard.playback.cut(now_s)
                heard.begun.set()
                heard.over.set()
            case m.Trace():
                stages = tuple((stage.stage, stage.ms) for stage in item.stages)
                self.result.traces.append(Traced(item.mouth_to_ear_ms, stages, item.unmeasured))
            case m.Error():
                self.result.errors.append(item.code)

    def _begin(self, begin: m.ReplyBegin, group: asyncio.TaskGroup) -> None:
        heard = _Heard(Playback(begin.reply, begin.rate_hz))
        self._streams[begin.stream] = self._replies[begin.reply] = self._latest = heard
        self._news.set()
        self._reporters.append(group.create_task(self._report(heard)))

    @staticmethod
    def _sound(heard: _Heard, frame: Media, now_s: float) -> None:
        heard.playback.feed(now_s, np.frombuffer(frame.payload, "<i2"))
        if heard.playback.started_s is not None:
            heard.begun.set()

    async def _report(self, heard: _Heard) -> None:
        """Tell the server what was played, from the first sample to the last."""
        playback = heard.playback
        await heard.begun.wait()
        wait_s = FIRST_REPORT_S
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await heard.over.wait()
            now_s = self._clock.now_s()
            playback.advance(now_s)
            self._send_played(heard, now_s)
            if playback.done_s is not None:
                break
            ends_s = playback.ends_s
            wait_s = REPORT_S if ends_s is None else min(REPORT_S, max(0.0, ends_s - now_s))
        heard.over.set()
        self.result.late_frames += playback.underruns

    def _send_played(self, heard: _Heard, now_s: float) -> None:
        playback = heard.playback
        at_s = now_s if playback.done_s is None else playback.done_s
        self._link.send(
            m.Played(
                reply=playback.reply,
                sample=playback.played,
                t_us=us(at_s),
                mic_sample=self._mic.sample_at(at_s),
                arrived_us=None if playback.arrived_s is None else us(playback.arrived_s),
                underruns=playback.underruns,
                done=playback.done_s is not None,
            )
        )
