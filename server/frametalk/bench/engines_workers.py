"""Worker processes are killed in the middle of turns: do the sessions go on, and how soon?

Whole sessions over sockets against a server in this process; and each way to die, met by one request.
"""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from frametalk.app import serve
from frametalk.bench.worker_deaths import Recovery, recoveries
from frametalk.config import load
from frametalk.headless.results import SimulationResult
from frametalk.headless.simulate import SimulateOptions, run_simulation
from frametalk.headless.speech import speak
from frametalk.workers import supervisor
from frametalk.workers.supervisor import Worker

# What the players say, in turn: deeds, answers and questions of the shipped tavern.
SAID = ("open the red door", "who are you", "unlock the chest", "light the torch")
LOOK_EVERY_S = 0.001  # espeak is at work for milliseconds only
# Between two kills of one worker: turns that meet none are in the majority, as in a bad night.
BETWEEN_KILLS_S = 1.5


class WorkersMeasured(msgspec.Struct, frozen=True):
    """`kills_survived` of `kills` cost no turn its reply; `turns` were asked for in `sessions`."""

    kills: int
    kills_survived: int
    sessions: int
    turns: int
    turns_failed: int
    failures: list[str]
    recoveries: list[Recovery]


async def measure(
    kills: int = 50,
    *,
    sessions: int = 4,
    settings: Sequence[str] = (),
    workers: Sequence[str] = ("pocketsphinx", "espeak"),
    deaths: int = 5,
) -> WorkersMeasured:
    """Kill each of `workers` in the middle of turns, `kills` times; meet each way to die `deaths` times.

    `settings` choose the engines (`tts.adapter=piper`); `workers` are named as the metrics name them.
    Takes about three seconds for each kill and each death.
    """
    done, results = await _killed_in_turns(kills, sessions, settings, workers)
    failures = [failure for result in results for failure in result.failures]
    turns = sum(len(result.turns) for result in results)
    mute = sum(not turn.heard_text for result in results for turn in result.turns)
    speech = (await asyncio.to_thread(speak, SAID[0])).samples.tobytes()
    found: list[Recovery] = []
    if deaths:
        found += await recoveries("asr", "pocketsphinx", {}, deaths, speech=speech)
        found += await recoveries("tts", "espeak", {}, deaths)
    failed = max(len(failures), mute)
    return WorkersMeasured(done, max(0, done - failed), sessions, turns, failed, failures, found)


async def _killed_in_turns(
    kills: int, sessions: int, settings: Sequence[str], workers: Sequence[str]
) -> tuple[int, list[SimulationResult]]:
    """Players talk until all kills are done; how many were done, and what the players saw."""
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    stop, over = asyncio.Event(), asyncio.Event()
    chosen = load(environment={}, flags=["server.port=0", "log.level=ERROR", *settings])
    results: list[SimulationResult] = []
    async with asyncio.TaskGroup() as group:
        group.create_task(serve(chosen, ready=port.set_result, stop=stop), name="server")
        try:
            url = f"ws://127.0.0.1:{await port}"
            async with asyncio.TaskGroup() as inner:
                for number in range(sessions):
                    inner.create_task(_play(url, number, over, results), name=f"player {number}")
                done = await _kill(kills, workers, over)
        finally:
            stop.set()
    return done, results


async def _play(
    url: str, number: int, over: asyncio.Event, results: list[SimulationResult]
) -> None:
    """One session after another: what a player says, and each time a reply, heard to its end."""
    said = (*SAID[number % len(SAID) :], *SAID[: number % len(SAID)])
    steps = "".join(f'[[step]]\nsay = "{text}"\n[[step]]\nwait_reply = true\n' for text in said)
    with tempfile.TemporaryDirectory() as folder:
        scenario = Path(folder) / "killed.toml"
        scenario.write_text(f'about = "Workers are killed."\n{steps}', encoding="utf-8")
        while not over.is_set():
            options = SimulateOptions(str(scenario), url, write=lambda _line: None)
            results.append(await run_simulation(options))


async def _kill(kills: int, names: Sequence[str], over: asyncio.Event) -> int:
    """Kill workers in turn, each while it is at work; gives the number of kills."""
    done = 0
    try:
        while done < kills:
            worker = _named(names[done % len(names)])
            if worker is not None and worker.busy and worker.pid is not None:
                os.kill(worker.pid, signal.SIGKILL)
                done += 1
                await asyncio.sleep(BETWEEN_KILLS_S)
            else:
                await asyncio.sleep(LOOK_EVERY_S)
    finally:
        over.set()
    return done


def _named(name: str) -> Worker | None:
    return next((one for one in supervisor.running() if one.name == name), None)
