"""Feeds speech to a recogniser at the pace of its own work: partials come as in real time, without waiting.

In a session a recogniser makes partials while the player speaks, and they become part of the final text.
Sound is fed in steps, each when the work of the step before is done, so texts and processor time do not
depend on the speed of the machine.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import psutil  # type: ignore[import-untyped]  # it ships no types

from frametalk.adapters.abilities import Checked
from frametalk.adapters.base import Bias, Hypothesis, Recogniser, RecogniserStream
from frametalk.bench.real.corpus import Speech
from frametalk.core.audio import RECOGNITION_RATE_HZ, Samples, ms_to_samples

FRAME_MS = 20
FRAMES_A_STEP = 5
POLL_S = 0.012  # the system counts processor time in steps of 10 ms
POLLS = 2
LONGEST_STEP_S = 20.0


class Heard(NamedTuple):
    """The final text of some speech, and the processor time from its end to that text."""

    speech: Speech
    hypothesis: Hypothesis
    final_cpu_ms: float

    @property
    def text(self) -> str:
        """The text alone."""
        return self.hypothesis.text


class Work:
    """The processor time of the recogniser's processes."""

    def __init__(self, children: Callable[[], Sequence[psutil.Process]]) -> None:
        self._children = children

    def cpu_ms(self) -> float:
        """Their processor time so far."""
        return sum(map(_cpu_ms, self._children()))

    async def settled(self) -> None:
        """Wait until it grows no more, for `LONGEST_STEP_S` at most."""
        before, unchanged = self.cpu_ms(), 0
        for _poll in range(int(LONGEST_STEP_S / POLL_S)):
            await asyncio.sleep(POLL_S)
            now = self.cpu_ms()
            idle = now == before and not any(map(_wants_processor, self._children()))
            unchanged = unchanged + 1 if idle else 0
            if unchanged == POLLS:
                return
            before = now


@asynccontextmanager
async def started(
    recogniser: Recogniser, bias: Bias, starting: asyncio.Lock
) -> AsyncIterator[Work]:
    """Start the recogniser, prepared for `bias`, until the block ends; the work of its processes.

    `starting` is held meanwhile: the processes that appear then are the recogniser's.
    """
    own = psutil.Process()
    try:
        async with starting:
            others = {child.pid for child in own.children(recursive=True)}
            await recogniser.start()
            if isinstance(recogniser, Checked):
                await recogniser.check()  # it would go on without a part of it
            await recogniser.prepare(bias)
            children = [child for child in own.children(recursive=True) if child.pid not in others]
        yield Work(lambda: children)
    finally:
        await recogniser.close()


async def _nothing() -> None:
    """The default of `hear`."""


async def hear(
    recogniser: Recogniser,
    work: Work,
    speech: Speech,
    bias: Bias,
    *,
    before_final: Callable[[], Awaitable[None]] = _nothing,
) -> Heard:
    """Recognise some speech as in real time; `before_final` is awaited at its end."""
    stream = recogniser.open(bias, lambda _hypothesis: None)
    try:
        await fed(stream, work, speech)
        await before_final()
        before_ms = work.cpu_ms()
        hypothesis = await stream.finalize()
        await work.settled()
        return Heard(speech, hypothesis, work.cpu_ms() - before_ms)
    finally:
        stream.cancel()


async def fed(stream: RecogniserStream, work: Work, speech: Speech) -> None:
    """Feed some speech to a stream, and wait until its partials are made."""
    for number, frame in enumerate(_frames(speech.samples), 1):
        stream.feed(frame)
        if number % FRAMES_A_STEP == 0:
            await work.settled()
    await work.settled()


def _frames(sound: Samples) -> Iterator[bytes]:
    size = ms_to_samples(FRAME_MS, RECOGNITION_RATE_HZ)
    for at in range(0, len(sound), size):
        yield sound[at : at + size].astype("<i2").tobytes()


def _wants_processor(process: psutil.Process) -> bool:
    """Whether one of its threads runs, or would if a core were free. Linux only; elsewhere False."""
    try:
        threads = [file.read_text() for file in Path(f"/proc/{process.pid}/task").glob("*/stat")]
    except OSError:
        return False
    return any(text.rpartition(")")[2].split()[0] == "R" for text in threads)


def _cpu_ms(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system) * 1000
