"""Plays the labelled set to one server: several players at once, as many as the machine keeps up with."""

from __future__ import annotations

import asyncio
import time
import urllib.request
from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from frametalk.bench.turns.live import BargeInTrial, EchoTrials, TurnTrial, joined
from frametalk.bench.turns.measured import Measured, summary
from frametalk.headless.echo_path import EchoPath
from frametalk.headless.player import PlayerOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from frametalk.bench.samples import Traced
    from frametalk.bench.turns.turn_set import Utterance

SPOKEN = frozenset({"command", "paused", "statement"})
DISCARDED, BEGUN = "frametalk_drafts_discarded_total", "frametalk_drafts_total"
TICK_S = 0.02
RECENT = 100  # ticks
KEEPS_UP_MS = 5.0  # lag of nine of ten ticks up to which another player may speak
LOOK_S = 0.25


class Pace:
    """Measures how late timers fire here, and holds further players back while that is too much."""

    def __init__(self) -> None:
        self.lags_ms: list[float] = []
        self._recent: deque[float] = deque(maxlen=RECENT)

    async def run(self) -> None:
        """Measure until cancelled."""
        while True:
            due_s = time.monotonic() + TICK_S
            await asyncio.sleep(TICK_S)
            self.add((time.monotonic() - due_s) * 1000)

    def add(self, lag_ms: float) -> None:
        """A timer fired so late."""
        self.lags_ms.append(lag_ms)
        self._recent.append(lag_ms)

    @property
    def keeps_up(self) -> bool:
        """Whether the machine has time for more than one player."""
        return not self._recent or float(np.quantile(self._recent, 0.9)) <= KEEPS_UP_MS

    async def turn(self, player: int) -> None:
        """Wait until this player may speak: the first one always may."""
        while player and not self.keeps_up:  # noqa: ASYNC110  (time alone makes it so)
            await asyncio.sleep(LOOK_S)


class Trials:
    """The outcomes of all trials with one server so far."""

    def __init__(self, step: Callable[[], None]) -> None:
        self.turns: list[TurnTrial] = []
        self.over: list[BargeInTrial] = []
        self.echoes: list[EchoTrials] = []
        self.traces: list[Traced] = []
        self._wasted: float | None = None
        self.step = step

    def measured(self) -> Measured:
        """The numbers."""
        return summary(self.turns, self.over, self.echoes, self._wasted, self.traces)

    async def speak(
        self, url: str, utterances: Sequence[Utterance], players: int, seed: int, pace: Pace
    ) -> None:
        """Play all utterances in random order, shared among so many players."""
        order = np.random.default_rng(seed).permutation(len(utterances))
        shuffled = [utterances[index] for index in order]
        commands = [utterance for utterance in utterances if utterance.kind == "command"]
        async with joined(url, PlayerOptions("bench"), seed) as stage:
            for warm_up in commands[:1]:  # not counted: everything is loaded on first use
                await stage.turn(warm_up)
        async with asyncio.TaskGroup() as group:
            for number in range(players):
                part = shuffled[number::players]
                group.create_task(self._player(url, part, number, seed + number, pace))
        self._wasted = await asyncio.to_thread(_waste, url)

    async def _player(
        self, url: str, part: Sequence[Utterance], number: int, seed: int, pace: Pace
    ) -> None:
        async with joined(url, PlayerOptions("bench"), seed, self.traces.append) as stage:
            for utterance in part:
                await pace.turn(number)
                if utterance.kind in SPOKEN:
                    self.turns.append(await stage.turn(utterance))
                else:
                    self.over.append(await stage.over_reply(utterance))
                self.step()

    async def echo(self, url: str, replies: int, pace: Pace) -> None:
        """Have replies spoken through loudspeakers that microphones pick up, one player for each path."""
        async with asyncio.TaskGroup() as group:
            for number, trials in enumerate(self.echoes):
                group.create_task(self._echo(url, trials, replies, number, pace))

    async def _echo(
        self, url: str, trials: EchoTrials, replies: int, seed: int, pace: Pace
    ) -> None:
        path = EchoPath(trials.delay_ms, trials.level_db)
        options = PlayerOptions("echo", echo="duck", echo_path=path)
        async with joined(url, options, seed) as stage:
            for number in range(replies):
                await pace.turn(seed)
                await stage.echo(number, trials)
                self.step()


def _waste(url: str) -> float | None:
    """From the server's counters: discarded drafts, of all drafts. None if there were none."""
    with urllib.request.urlopen(url.replace("ws://", "http://") + "/metrics", timeout=5) as page:  # noqa: S310  (our own server)
        lines = page.read().decode().splitlines()
    counts = dict(line.split(" ", 1) for line in lines if line and not line.startswith("#"))
    begun = float(counts.get(BEGUN, 0))
    return round(float(counts.get(DISCARDED, 0)) / begun, 4) if begun else None
