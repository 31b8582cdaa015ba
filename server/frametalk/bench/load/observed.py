"""A server that watches itself: `python -m frametalk.bench.load.observed CORE SECTION.KEY=VALUE...`.

Each line on its standard input is a command: `begin` starts a measurement, `end` prints it (`Watched`, as
JSON). CORE is the processor that it runs on; empty: any.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time

import msgspec

from frametalk import config, logs
from frametalk.app import serve
from frametalk.bench.load.stages import Sampler
from frametalk.running import leave_loaded_alone, run

LAG_EVERY_S = 0.010


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """What the server saw of itself in `seconds`.

    `stages_s` is processor time of the main thread by stage, of `stage_samples` samples. `lag_ms`: how
    late a timer was, each 10 ms.
    """

    seconds: float
    main_s: float
    process_s: float
    stages_s: dict[str, float]
    stage_samples: int
    lag_ms: list[float]


class Observer:
    """Measures between two commands."""

    def __init__(self) -> None:
        self._sampler = Sampler()
        self._lag_ms: list[float] = []
        self._began = 0.0, 0.0, 0.0

    async def lag(self) -> None:
        """Note how late the loop is, until cancelled."""
        while True:
            due_s = time.monotonic() + LAG_EVERY_S
            await asyncio.sleep(LAG_EVERY_S)
            self._lag_ms.append(max(0.0, time.monotonic() - due_s) * 1000)

    def take(self) -> None:
        """Carry out the commands that came."""
        for word in os.read(sys.stdin.fileno(), 1024).decode().split():
            if word == "begin":
                self._lag_ms.clear()
                self._began = _times()
                self._sampler.begin()
            elif word == "end":
                self._sampler.end()
                print(msgspec.json.encode(self._watched()).decode(), flush=True)

    def _watched(self) -> Watched:
        seconds, main_s, process_s = (
            now - then for now, then in zip(_times(), self._began, strict=True)
        )
        return Watched(
            seconds=seconds,
            main_s=main_s,
            process_s=process_s,
            stages_s=dict(self._sampler.seconds),
            stage_samples=self._sampler.samples,
            lag_ms=[round(lag, 3) for lag in self._lag_ms],
        )


def _times() -> tuple[float, float, float]:
    return time.monotonic(), time.thread_time(), time.process_time()


async def observe(settings: config.FrametalkSettings) -> None:
    """Serve, print the port, and follow the commands."""
    observer = Observer()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), observer.take)
    async with asyncio.TaskGroup() as group:
        lag = group.create_task(observer.lag())
        await serve(settings, ready=_ready)
        lag.cancel()


def _ready(port: int) -> None:
    """As `frametalk serve` does."""
    leave_loaded_alone(port)
    print(port, flush=True)


def main() -> None:
    """Serve with the settings on the command line."""
    if sys.argv[1]:
        os.sched_setaffinity(0, {int(sys.argv[1])})
    settings = config.load(flags=sys.argv[2:])
    logs.configure(settings.log.level, settings.log.format)
    run(observe(settings))


if __name__ == "__main__":
    main()
