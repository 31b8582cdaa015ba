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
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from frametalk.bench import child
from frametalk.bench.samples import Distribution

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

EVERY_S = 0.04
ROUNDS = 8  # of the loop, for one task


class Calibration(msgspec.Struct):
    """The machine's speed during a run.

    `loop_us`: processor time of the fixed loop, which says how fast a core is. `step_ms`: from the
    instant for which a timer was set to the end of the loop, which also says how busy the machine is.
    """

    loop_us: Distribution = msgspec.field(default_factory=lambda: Distribution.of(()))
    step_ms: Distribution = msgspec.field(default_factory=lambda: Distribution.of(()))


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
            loops_us, steps_ms = msgspec.json.decode(printed, type=tuple[list[float], list[float]])
            found.loop_us, found.step_ms = _percentiles(loops_us), _percentiles(steps_ms)


def _percentiles(values: list[float]) -> Distribution:
    """Without the values, which are many."""
    return msgspec.structs.replace(Distribution.of(values), values=())


def main() -> None:
    """Run the task until SIGTERM; print all times."""
    loops_us: list[float] = []
    steps_ms: list[float] = []
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
        loops_us.append(round(loop(), 1))
        now_s = time.monotonic()
        steps_ms.append(round((now_s - due_s) * 1000, 3))
        due_s = max(due_s, now_s)  # a machine that stood still is measured once
        if len(steps_ms) == 1:
            print(flush=True)
    sys.stdout.buffer.write(msgspec.json.encode((loops_us, steps_ms)))


if __name__ == "__main__":
    main()
