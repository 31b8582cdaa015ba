"""Kills workers in the middle of turns of whole sessions, over sockets, with a server in this process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from frametalk.app import serve
from frametalk.config import load
from frametalk.headless.results import SimulationResult
from frametalk.headless.simulate import SimulateOptions, run_simulation
from frametalk.workers import supervisor
from frametalk.workers.supervisor import Worker

# What the players say in turn: commands and questions of the shipped tavern.
SAID = ("open the red door", "who are you", "unlock the chest", "light the torch")
LOOK_EVERY_S = 0.001  # espeak is at work for milliseconds only
# A worker that has lived this long is replaced at once when it dies.
LASTED_S = supervisor.LASTING_S + 0.2
# The time between two kills of a worker: the turn of the first has ended by then.
TURN_S = 3.0
STAGGER_S = 1.5  # so that players do not all speak, and fall silent, at the same time
# Enough for a session with deaths in each of its turns.
SESSION_LIMIT_MS = 90_000


@dataclass(slots=True)
class Kill:
    """One kill. The next worker was ready `ready_s` after `at_s` (monotonic). `cost`: what players lost."""

    worker: str
    at_s: float
    ready_s: float | None = None
    cost: list[str] = field(default_factory=list)

    @property
    def survived(self) -> bool:
        """Whether the next worker came and every turn had its reply."""
        return self.ready_s is not None and not self.cost


class Failure(NamedTuple):
    """What went wrong for a player, and in which span of time."""

    began_s: float
    ended_s: float
    text: str


async def killed_in_turns(
    names: Sequence[str],
    kills: int,
    *,
    sessions: int,
    settings: Sequence[str],
    limit_s: float,
) -> tuple[list[Kill], list[SimulationResult]]:
    """Let players talk until each worker of `names` was killed `kills` times, or for `limit_s`.

    `settings` choose the engines. Workers are killed independently of each other, each only while it
    works, and not before the last kill's replacement has lived `LASTED_S`.
    """
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    stop, ended = asyncio.Event(), asyncio.Event()
    # With its cache, repeated lines would not reach the voice.
    flags = ["server.port=0", "log.level=ERROR", "tts.cache_mb=0", *settings]
    chosen = load(environment={}, flags=flags)
    done: list[Kill] = []
    results: list[SimulationResult] = []
    async with asyncio.TaskGroup() as group:
        group.create_task(serve(chosen, ready=port.set_result, stop=stop), name="server")
        try:
            url = f"ws://127.0.0.1:{await port}"
            async with asyncio.TaskGroup() as players:
                for number in range(sessions):
                    playing = _play(url, number, ended, results)
                    players.create_task(playing, name=f"player {number}")
                await _kill_all(names, kills, limit_s, done)
                ended.set()
        finally:
            stop.set()
    charge(done, [failure for result in results for failure in failures(result)])
    return done, results


async def _play(
    url: str, number: int, ended: asyncio.Event, results: list[SimulationResult]
) -> None:
    """Run one session after another: the player says a line, hears the reply to its end, and goes on."""
    said = (*SAID[number % len(SAID) :], *SAID[: number % len(SAID)])
    steps = "".join(f'[[step]]\nsay = "{text}"\n[[step]]\nwait_reply = true\n' for text in said)
    about = f'about = "Workers are killed."\ntime_limit_ms = {SESSION_LIMIT_MS}\n'
    with tempfile.TemporaryDirectory() as folder:
        scenario = Path(folder) / "killed.toml"
        scenario.write_text(about + steps, encoding="utf-8")
        await asyncio.sleep(number * STAGGER_S)
        while not ended.is_set():
            options = SimulateOptions(str(scenario), url, write=lambda _line: None)
            results.append(await run_simulation(options))


async def _kill_all(names: Sequence[str], kills: int, limit_s: float, done: list[Kill]) -> None:
    """Kill until done or for `limit_s`; kills that were not done by then are missing from `done`."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(limit_s), asyncio.TaskGroup() as group:
            for name in names:
                group.create_task(_kill(name, kills, done), name=f"kill {name}")


async def _kill(name: str, kills: int, done: list[Kill]) -> None:
    """Kill one worker again and again, each time while it works."""
    worker: Worker | None = None
    while worker is None:
        worker = next((each for each in supervisor.running() if each.name == name), None)
        await asyncio.sleep(LOOK_EVERY_S)
    for _ in range(kills):
        while not (worker.pending and worker.ready and worker.pid):  # noqa: ASYNC110  (a worker has no event for it)
            await asyncio.sleep(LOOK_EVERY_S)
        kill, restarts = Kill(name, time.monotonic()), worker.restarts
        done.append(kill)
        os.kill(worker.pid, signal.SIGKILL)
        while worker.restarts == restarts or not worker.ready:  # noqa: ASYNC110
            await asyncio.sleep(LOOK_EVERY_S)
        kill.ready_s = time.monotonic() - kill.at_s
        await asyncio.sleep(LASTED_S)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, kill.at_s + TURN_S - time.monotonic())):
                while worker.pending:  # noqa: ASYNC110
                    await asyncio.sleep(LOOK_EVERY_S)


def failures(result: SimulationResult) -> Iterator[Failure]:
    """What went wrong in a session, each with the span of its turn, or else of the whole session."""
    steps = result.steps
    whole = (steps[0].at_s, steps[-1].at_s + steps[-1].took_s) if steps else (0.0, time.monotonic())
    turns = {
        said.step.say: (said.at_s, reply.at_s + reply.took_s)
        for said, reply in zip(steps[::2], steps[1::2], strict=False)
    }
    reported = set()
    for said, reply in zip(steps[::2], steps[1::2], strict=False):
        for step in (said, reply):
            if step.failure:
                reported.add(step.failure)
                yield Failure(*turns[said.step.say], f"{said.step.say}: {step.failure}")
    for turn in result.turns:
        if not turn.heard_text:
            yield Failure(*turns.get(turn.said, whole), f"{turn.said}: no reply was heard")
    for text in result.failures:
        if not any(text.endswith(failure) for failure in reported):
            yield Failure(*whole, text)


def charge(kills: Sequence[Kill], found: Sequence[Failure]) -> None:
    """Charge each failure to the kills in its span, or, where there is none, to the last kill before."""
    for failure in found:
        during = [kill for kill in kills if failure.began_s <= kill.at_s <= failure.ended_s]
        before = [kill for kill in kills if kill.at_s < failure.began_s]
        for kill in during or before[-1:]:
            kill.cost.append(failure.text)
