"""The speed of the machine while something is measured: the same small task again and again.

`python -m frametalk.bench.calibration` runs the task in a process of its own, so that neither the server
nor the bench delays it: a timer, then fixed work in Python and numpy, as each step of a turn is.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from frametalk.bench import child
from frametalk.bench.samples import Distribution

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

EVERY_S = 0.04
ROUNDS = 8  # of the loop, for one task
AWAKE_EVERY = 5  # tasks: after so many, the loop runs again at once


class Calibration(msgspec.Struct):
    """The machine's speed during a run.

    `loop_us`: processor time of the fixed loop, which says how fast a core is. `step_ms`: from the
    instant for which a timer was set to the end of the loop, which also says how busy the machine is.
    `awake_us`: processor time of the loop that runs right after another. `asleep_ratio`: the median of
    `loop_us`, before which the process sleeps, over that of `awake_us`: how much slower the machine is
    after it has slept.
    """

    loop_us: Distribution = msgspec.field(default_factory=lambda: Distribution.of(()))
    step_ms: Distribution = msgspec.field(default_factory=lambda: Distribution.of(()))
    awake_us: Distribution = msgspec.field(default_factory=lambda: Distribution.of(()))
    asleep_ratio: float | None = None


class _Times(msgspec.Struct):
    """What the process prints."""

    loop_us: list[float] = []
    step_ms: list[float] = []
    awake_us: list[float] = []


def loop() -> float:
    """The fixed work of one task, about a millisecond; returns its processor time in us."""
    began_s = time.thread_time()
    window = np.arange(512, dtype=np.float32)
    table: dict[str, float] = {}
    for number in range(ROUNDS):
        for index in range(200):
            table[f"{number}.{index % 40}"] = index * 0.5 + len(table)
        json.dumps(table)
        np.sqrt(np.mean(np.square(window)))
    return (time.thread_time() - began_s) * 1e6


@asynccontextmanager
async def calibrated() -> AsyncIterator[Calibration]:
    """Measure the machine's speed until the block ends; then the result is filled in."""
    found = Calibration()
    process = await child.start(child.module(__spec__.name), stdout=asyncio.subprocess.PIPE)
    try:
        if process.stdout is not None:
            await process.stdout.readline()  # it has measured for the first time
        yield found
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        printed, _ = await process.communicate()
        with contextlib.suppress(msgspec.DecodeError):  # it was killed
            times = msgspec.json.decode(printed, type=_Times)
            found.loop_us, found.step_ms = _percentiles(times.loop_us), _percentiles(times.step_ms)
            found.awake_us = _percentiles(times.awake_us)
            found.asleep_ratio = ratio(found)


def ratio(found: Calibration) -> float | None:
    """How many times as long the loop takes after a sleep; None: it was not measured."""
    asleep_us, awake_us = found.loop_us.p50, found.awake_us.p50
    return round(asleep_us / awake_us, 2) if asleep_us and awake_us else None


def asleep(calibration: Mapping[str, Any]) -> str:
    """`asleep_ratio` of a calibration in JSON, for people; empty: it was not measured."""
    found = calibration.get("asleep_ratio")
    if found is None:
        return ""
    asleep_us, awake_us = (calibration[name]["p50"] for name in ("loop_us", "awake_us"))
    return f"{found:.2f} times as long ({asleep_us:.0f} us) as awake ({awake_us:.0f} us)"


def _percentiles(values: list[float]) -> Distribution:
    """Without the values, which are many."""
    return msgspec.structs.replace(Distribution.of(values), values=())


def main() -> None:
    """Run the task until SIGTERM; print all times."""
    times = _Times()
    ended = False

    def end(_number: int, _frame: object) -> None:
        nonlocal ended
        ended = True

    signal.signal(signal.SIGTERM, end)
    loop()
    due_s = time.monotonic()
    while not ended:
        due_s += EVERY_S
        time.sleep(max(0.0, due_s - time.monotonic()))
        times.loop_us.append(round(loop(), 1))
        now_s = time.monotonic()
        times.step_ms.append(round((now_s - due_s) * 1000, 3))
        if len(times.step_ms) % AWAKE_EVERY == 1:
            times.awake_us.append(round(loop(), 1))
        due_s = max(due_s, now_s)  # a machine that stood still is measured once
        if len(times.step_ms) == 1:
            print(flush=True)
    sys.stdout.buffer.write(msgspec.json.encode(times))


if __name__ == "__main__":
    main()
