"""All players of a measurement, in a process of their own: `python -m frametalk.bench.load.crowd PLAN`.

It prints a line when the measured time begins, and what was seen (`Seen`, as JSON) when it is over.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import time
from collections import Counter
from pathlib import Path

import msgspec
import numpy as np

from frametalk.bench.load.plan import ALIGNED_SAMPLES, Plan, Seen
from frametalk.bench.load.player import LightPlayer, Talk, now_us
from frametalk.core.audio import RECOGNITION_RATE_HZ
from frametalk.running import run

JOIN_S = 20.0
REPORT_MS = 100  # the wire asks for a report that often
REPORTS_APART_MS = 20
ROOM_LEVEL = 20  # of full scale 32,768: a quiet room
TICK_S = 0.001


class Pump:
    """Sends every player's frames, spread over the length of one, and reports of what they play."""

    def __init__(self, players: list[LightPlayer], frame_ms: int) -> None:
        self.behind_ms: list[float] = []
        self._frames: list[list[LightPlayer]] = [[] for _ in range(frame_ms)]
        self._reports: list[list[LightPlayer]] = [[] for _ in range(REPORT_MS)]
        for index, player in enumerate(players):
            frame_at = index * frame_ms // len(players)
            self._frames[frame_at].append(player)
            self._reports[(frame_at - index * REPORTS_APART_MS) % REPORT_MS].append(player)

    async def run(self) -> None:
        """Send until cancelled."""
        began_s, tick = time.monotonic(), 0
        while True:
            wait_s = began_s + tick * TICK_S - time.monotonic()
            if wait_s > 0:
                await asyncio.sleep(wait_s)
            sending = self._frames[tick % len(self._frames)]
            if sending:
                late_s = time.monotonic() - began_s - tick * TICK_S
                self.behind_ms.append(late_s * 1000)
            for player in sending:
                player.send_frame(now_us())
            for player in self._reports[tick % REPORT_MS]:
                player.report(now_us())
            tick += 1


async def play(plan: Plan, sound: bytes) -> Seen:
    """Let all players join, say `sound` for one cycle, and then for the time that is measured."""
    talk = Talk(plan, _frames(sound, plan), _room(plan))
    loop = asyncio.get_running_loop()
    players = []
    for _ in range(plan.sessions):
        _transport, player = await loop.create_connection(
            lambda: LightPlayer(talk), "127.0.0.1", plan.port
        )
        async with asyncio.timeout(JOIN_S):
            await player.joined.wait()
        player.open_microphone()
        players.append(player)
    pump = Pump(players, plan.frame_ms)
    async with asyncio.TaskGroup() as group:
        pumping = group.create_task(pump.run())
        speaking = [group.create_task(_speak(player, i, plan)) for i, player in enumerate(players)]
        await asyncio.sleep(plan.cycle_s * 1.2)  # by now all talk, and the first are answered
        gc.collect()
        gc.freeze()
        before = _Counts(players, pump)
        print("begun", flush=True)
        await asyncio.sleep(plan.seconds)
        seen = _Counts(players, pump).since(before, plan)
        for task in (pumping, *speaking):
            task.cancel()
    return seen


async def _speak(player: LightPlayer, index: int, plan: Plan) -> None:
    await asyncio.sleep(plan.cycle_s * index / plan.sessions)
    due_s = time.monotonic()
    while True:
        player.speak()
        due_s += plan.cycle_s
        await asyncio.sleep(max(0.0, due_s - time.monotonic()))


class _Counts:
    """Where the players are at one moment."""

    def __init__(self, players: list[LightPlayer], pump: Pump) -> None:
        self._players, self._pump = players, pump
        self.at_s, self.cpu_s = time.monotonic(), time.process_time()
        self.turns = [len(player.turns) for player in players]
        self.stages = [len(player.stages) for player in players]
        self.sums = [
            sum(getattr(player, name) for player in players)
            for name in ("missed", "underruns", "frames", "reply_frames")
        ]
        self.errors = sum((player.errors for player in players), Counter())
        self.behind = len(pump.behind_ms)

    def since(self, before: _Counts, plan: Plan) -> Seen:
        """What happened between two moments."""
        missed, late, frames, replies = (
            now - then for now, then in zip(self.sums, before.sums, strict=True)
        )
        players = self._players
        turns = [
            turn
            for player, first in zip(players, before.turns, strict=True)
            for turn in player.turns[first:]
        ]
        stages: dict[str, list[float]] = {}
        for player, first in zip(players, before.stages, strict=True):
            for traced in player.stages[first:]:
                for name, ms in traced.items():
                    stages.setdefault(name, []).append(ms)
        # The speech ended within its frame.
        rest_us = (plan.frame_samples - plan.ends % plan.frame_samples) * 1e6 / RECOGNITION_RATE_HZ
        overhead, mouth_to_ear = [], []
        for turn in turns:
            playback, decided_us = turn.playback, turn.decided_us
            if playback is None or playback.arrived_us is None or decided_us is None:
                continue
            overhead.append((playback.arrived_us - decided_us) / 1000 - plan.engines_ms)
            if playback.audible_us is not None:
                mouth_to_ear.append((playback.audible_us - turn.ended_us + rest_us) / 1000)
        return Seen(
            turns=len(turns),
            missed=missed,
            overhead_ms=overhead,
            mouth_to_ear_ms=mouth_to_ear,
            stages_ms=stages,
            late_frames=late,
            mic_frames=frames,
            reply_frames=replies,
            errors=dict(self.errors - before.errors),
            behind_ms=self._pump.behind_ms[before.behind :],
            cpu_share=(self.cpu_s - before.cpu_s) / (self.at_s - before.at_s),
        )


def _frames(pcm: bytes, plan: Plan) -> list[bytes]:
    size = 2 * plan.frame_samples
    pcm += bytes(-len(pcm) % size)
    return [pcm[at : at + size] for at in range(0, len(pcm), size)]


def _room(plan: Plan) -> list[bytes]:
    """A quiet room, which repeats."""
    dice = np.random.default_rng(1)
    sound = dice.normal(0, ROOM_LEVEL, ALIGNED_SAMPLES).astype("<i2")
    return _frames(sound.tobytes(), plan)


def main() -> None:
    """Play what the first argument says."""
    plan = msgspec.json.decode(sys.argv[1], type=Plan)
    if plan.core is not None:
        os.sched_setaffinity(0, {plan.core})
    seen = run(play(plan, Path(plan.sound).read_bytes()))
    print(msgspec.json.encode(seen).decode(), flush=True)


if __name__ == "__main__":
    main()
