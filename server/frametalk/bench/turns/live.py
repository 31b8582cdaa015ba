"""Plays labelled turns to a real server in real time and records the outcome of each."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

import msgspec
import numpy as np

from frametalk.bench.samples import Traced
from frametalk.bench.turns.turn_set import WORLD, Utterance
from frametalk.bench.turns.utterance_sound import Rendered, render
from frametalk.headless.clock import Clock
from frametalk.headless.player import Player, PlayerOptions
from frametalk.headless.scene import GameWorld
from frametalk.headless.worldfile import load_world
from frametalk.transports.websocket_client import connect
from frametalk.wire import messages as m

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from frametalk.headless.log import LogEntry
    from frametalk.headless.reply import Reply

_T = TypeVar("_T")

ANSWER_WITHIN_S = 6.0
QUIET_S = 0.35  # between two trials
DECIDED_S = 1.3  # after a sound over a reply, time for every decision about it
INTO_REPLY_S = (0.6, 1.4)
LATE_MIC_MS = 1_000.0
STORY = "tell me a story"
ECHO_LINES = ("who are you", "what do you know about the king", "what can you do", "where am i")


class TurnTrial(msgspec.Struct, kw_only=True):
    """The outcome of something said to a silent character.

    `mouth_to_ear_ms`: true end of speech to the first audible sample of the answer. `false_cut`: a reply
    was heard before the player's true end. `split`: the words ended up in two turns. `ready`: the answer
    was ready when the turn ended. `waterfall_ms`: the server's own stages of it.
    """

    id: str
    kind: str
    understood: str = ""
    mouth_to_ear_ms: float | None = None
    false_cut: bool = False
    split: bool = False
    ready: bool = False
    discarded: int = 0
    tool_calls: int = 0
    waterfall_ms: dict[str, float] = {}
    lost: str = ""


class BargeInTrial(msgspec.Struct, kw_only=True):
    """The outcome of a sound over a reply.

    `duck_ms`: its onset to the lowered reply; `stop_ms`: its onset to the reply's last sample at full
    or lowered volume, where the reply was paused or cut. `cut`: it cut the reply.
    """

    id: str
    kind: str
    duck_ms: float | None = None
    stop_ms: float | None = None
    paused: bool = False
    cut: bool = False
    lost: str = ""


class EchoTrials(msgspec.Struct, kw_only=True):
    """Replies whose echo reached the microphone, and how many of them it ducked, paused or cut.

    `late`: others, for which the bench's own microphone was late by more than a second: the machine was
    too busy for what the players do.
    """

    delay_ms: float
    level_db: float
    replies: int = 0
    ducked: int = 0
    paused: int = 0
    cut: int = 0
    late: int = 0
    why: list[str] = []  # the reasons of the cuts


class Stage:
    """One player and one character; trials follow one another."""

    def __init__(self, player: Player, clock: Clock, seed: int) -> None:
        self._player = player
        self._clock = clock
        self._random = np.random.default_rng(seed)

    async def turn(self, utterance: Utterance) -> TurnTrial:
        """Say an utterance and wait for the answer."""
        return await self.said(utterance.id, utterance.kind, render(utterance))

    async def said(
        self, name: str, kind: str, sound: Rendered, answer_within_s: float = ANSWER_WITHIN_S
    ) -> TurnTrial:
        """Play a sound that is a whole turn, and wait for the answer."""
        trial = TurnTrial(id=name, kind=kind)
        await self._silence()
        calls_before = len(self._player.tools.calls)
        onset_s, end_s = await self._play(sound)
        answer = await self._wait(lambda: self._answer(end_s), end_s + answer_within_s)
        trial.tool_calls = len(self._player.tools.calls) - calls_before
        heard = [reply.playback.audible_s for reply in self._since(onset_s)]
        trial.false_cut = any(at_s is not None and at_s < end_s for at_s in heard)
        final = self._final(onset_s)
        trial.understood = " | ".join(final.values())
        trial.split = len(final) > 1
        if answer is None:
            went_on = any(r.done and r.cut is None for r in self._since(onset_s))
            trial.lost = "the reply before its end went on" if went_on else "no answer was heard"
            return trial
        trial.mouth_to_ear_ms = ((answer.playback.audible_s or 0) - end_s) * 1000
        trace = await self._wait(lambda: answer.trace, self._clock.now_s() + 1)
        if trace is not None:
            trial.ready, trial.discarded = trace.ready, trace.discarded
            trial.waterfall_ms = {stage.stage: stage.ms for stage in trace.stages}
        self._player.interrupt()
        return trial

    async def over_reply(self, utterance: Utterance) -> BargeInTrial:
        """Ask for a story and make the sound over it."""
        trial = BargeInTrial(id=utterance.id, kind=utterance.kind)
        await self._silence()
        typed_s = self._clock.now_s()
        self._player.say_typed(STORY)
        story = await self._wait(lambda: self._audible(typed_s), typed_s + ANSWER_WITHIN_S)
        if story is None:
            trial.lost = "no reply to speak over"
            return trial
        await self._clock.until(self._clock.now_s() + self._random.uniform(*INTO_REPLY_S))
        onset_s, _end_s = await self._play(render(utterance))
        await self._clock.until(self._clock.now_s() + DECIDED_S)
        changes = [made for made in story.playback.volume.changes if made.at_s >= onset_s]
        lowered = next((made.at_s for made in changes if made.change != "raised"), None)
        stopped = next((made.at_s for made in changes if made.change == "paused"), None)
        trial.paused = stopped is not None
        trial.cut = story.cut is not None
        if trial.cut and stopped is None:
            stopped = story.playback.done_s
        trial.duck_ms = None if lowered is None else (lowered - onset_s) * 1000
        trial.stop_ms = None if stopped is None else (stopped - onset_s) * 1000
        self._player.interrupt()
        return trial

    async def echo(self, number: int, trials: EchoTrials) -> None:
        """Ask for a reply while the loudspeaker is heard by the microphone."""
        mic = self._player.mic
        await self._silence()
        mic.worst_late_ms, typed_s = 0.0, self._clock.now_s()
        self._player.say_typed(ECHO_LINES[number % len(ECHO_LINES)])
        reply = await self._wait(lambda: self._done(typed_s), typed_s + 4 * ANSWER_WITHIN_S)
        if mic.worst_late_ms > LATE_MIC_MS:
            trials.late += 1
        elif reply is not None:
            changes = [made.change for made in reply.playback.volume.changes]
            trials.replies += 1
            trials.ducked += "lowered" in changes
            trials.paused += "paused" in changes
            trials.cut += reply.cut is not None
            trials.why += [reply.cut.reason] if reply.cut is not None else []

    # ---- what happens ----------------------------------------------------------------------------

    async def _silence(self) -> None:
        """Stop the character and wait until it is idle, and a moment longer."""
        self._player.interrupt()
        until_s = self._clock.now_s() + 4 * ANSWER_WITHIN_S
        await self._wait(lambda: self._player.speaking is None or None, until_s)
        await self._wait(lambda: self._state() == "idle" or None, until_s)
        await self._clock.until(self._clock.now_s() + QUIET_S + self._random.uniform(0, 0.1))

    async def _play(self, sound: Rendered) -> tuple[float, float]:
        """Play a sound to its end; when it truly began and ended."""
        playing = self._player.mic.play(sound.samples)
        await playing.done.wait()
        time_of = self._player.mic.time_of
        return time_of(playing.start + sound.onset), time_of(playing.start + sound.end)

    async def _wait(self, look: Callable[[], _T | None], until_s: float) -> _T | None:
        return await self._player.log.wait_for(look, until_s)

    def _since(self, at_s: float) -> list[Reply]:
        return [reply for reply in self._player.replies.values() if reply.began_s >= at_s]

    def _answer(self, end_s: float) -> Reply | None:
        audible = ((r, r.playback.audible_s) for r in self._player.replies.values())
        return next((r for r, at_s in audible if at_s is not None and at_s >= end_s), None)

    def _audible(self, since_s: float) -> Reply | None:
        return next((r for r in self._since(since_s) if r.playback.audible_s is not None), None)

    def _done(self, since_s: float) -> Reply | None:
        return next((r for r in self._since(since_s) if r.done), None)

    def _state(self) -> str:
        items = (entry.item for entry in reversed(self._player.log.entries))
        states = (item.state for item in items if isinstance(item, m.TurnStateChanged))
        return next(states, "idle")

    def _final(self, since_s: float) -> dict[int, str]:
        """The newest final text of each turn that has words."""
        items = [entry.item for entry in self._player.log.entries if entry.at_s >= since_s]
        final = [item for item in items if isinstance(item, m.Transcript) and item.final]
        return {item.turn: item.text for item in final if item.text}


@asynccontextmanager
async def joined(
    url: str,
    options: PlayerOptions,
    seed: int,
    traced: Callable[[Traced], None] = lambda _trace: None,
) -> AsyncIterator[Stage]:
    """A player that runs until the block ends; each trace of the server is passed to `traced`."""

    def watch(entry: LogEntry) -> None:
        if isinstance(trace := entry.item, m.Trace):
            stages = tuple((stage.stage, stage.ms) for stage in trace.stages)
            traced(Traced(trace.mouth_to_ear_ms, stages, trace.unmeasured))

    clock = Clock()
    world = GameWorld(load_world(WORLD))
    player = Player(await connect(url), world, clock, options, watch=watch)
    async with asyncio.TaskGroup() as group:
        group.create_task(player.run())
        await player.joined.wait()
        yield Stage(player, clock, seed)
        await player.leave()
