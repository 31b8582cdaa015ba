"""Workers are killed in the middle of turns of whole sessions, over sockets, against a server in here."""

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

# What the players say, in turn: deeds, answers and questions of the shipped tavern.
SAID = ("open the red door", "who are you", "unlock the chest", "light the torch")
LOOK_EVERY_S = 0.001  # espeak is at work for milliseconds only
# A worker that has lasted this long is replaced at once.
LASTED_S = supervisor.LASTING_S + 0.2
# What was said when a worker died is over by then: who kills two of them is given up on, as he must be.
TURN_S = 3.0
STAGGER_S = 1.5  # players who all speak at once are silent at once
# What a session may take that meets deaths in each of its turns.
SESSION_LIMIT_MS = 90_000


@dataclass(slots=True)
class Kill:
    """One kill, at a monotonic time. `ready_s` later another had loaded; `cost` is what players lost."""

    worker: str
    at_s: float
    ready_s: float | None = None
    cost: list[str] = field(default_factory=list)

    @property
    def survived(self) -> bool:
        """Whether another worker came and every turn had its reply."""
        return self.ready_s is not None and not self.cost


class Failure(NamedTuple):
    """What went wrong for a player in some span of time."""

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
    """Players talk until each worker of `names` was killed `kills` times, or for `limit_s`.

    `settings` choose the engines. Workers are killed independently of each other, each only while it is
    at work and a second after the next one had loaded.
    """
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    stop, over = asyncio.Event(), asyncio.Event()
    # What was spoken before would be taken from the cache, and the voice never be at work again.
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
                    playing = _play(url, number, over, results)
                    players.create_task(playing, name=f"player {number}")
                await _kill_all(names, kills, limit_s, done)
                over.set()
        finally:
            stop.set()
    charge(done, [failure for result in results for failure in failures(result)])
    return done, results


async def _play(
    url: str, number: int, over: asyncio.Event, results: list[SimulationResult]
) -> None:
    """One session after another: what a player says, and each time a reply, heard to its end."""
    said = (*SAID[number % len(SAID) :], *SAID[: number % len(SAID)])
    steps = "".join(f'[[step]]\nsay = "{text}"\n[[step]]\nwait_reply = true\n' for text in said)
    about = f'about = "Workers are killed."\ntime_limit_ms = {SESSION_LIMIT_MS}\n'
    with tempfile.TemporaryDirectory() as folder:
        scenario = Path(folder) / "killed.toml"
        scenario.write_text(about + steps, encoding="utf-8")
        await asyncio.sleep(number * STAGGER_S)
        while not over.is_set():
            options = SimulateOptions(str(scenario), url, write=lambda _line: None)
            results.append(await run_simulation(options))


async def _kill_all(names: Sequence[str], kills: int, limit_s: float, done: list[Kill]) -> None:
    """What was not done in time is missing among the kills."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(limit_s), asyncio.TaskGroup() as group:
            for name in names:
                group.create_task(_kill(name, kills, done), name=f"kill {name}")


async def _kill(name: str, kills: int, done: list[Kill]) -> None:
    """Kill one worker again and again, each time while it is at work."""
    worker: Worker | None = None
    while worker is None:
        worker = next((one for one in supervisor.running() if one.name == name), None)
        await asyncio.sleep(LOOK_EVERY_S)
    for _ in range(kills):
        while not (worker.busy and worker.ready and worker.pid):  # noqa: ASYNC110  (it announces nothing)
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
                while worker.busy:  # noqa: ASYNC110
                    await asyncio.sleep(LOOK_EVERY_S)


def failures(result: SimulationResult) -> Iterator[Failure]:
    """What went wrong in a session, each for the span of its turn; for the whole of it if it has none."""
    steps = result.steps
    whole = (steps[0].at_s, steps[-1].at_s + steps[-1].took_s) if steps else (0.0, time.monotonic())
    turns = {
        said.step.say: (said.at_s, reply.at_s + reply.took_s)
        for said, reply in zip(steps[::2], steps[1::2], strict=False)
    }
    told = set()
    for said, reply in zip(steps[::2], steps[1::2], strict=False):
        for step in (said, reply):
            if step.failure:
                told.add(step.failure)
                yield Failure(*turns[said.step.say], f"{said.step.say}: {step.failure}")
    for turn in result.turns:
        if not turn.heard_text:
            yield Failure(*turns.get(turn.said, whole), f"{turn.said}: no reply was heard")
    for text in result.failures:
        if not any(text.endswith(one) for one in told):
            yield Failure(*whole, text)


def charge(kills: Sequence[Kill], found: Sequence[Failure]) -> None:
    """Put each failure down to the kills in its span; where there is none, to the last one before."""
    for failure in found:
        meant = [one for one in kills if failure.began_s <= one.at_s <= failure.ended_s]
        before = [one for one in kills if one.at_s < failure.began_s]
        for one in meant or before[-1:]:
            one.cost.append(failure.text)
