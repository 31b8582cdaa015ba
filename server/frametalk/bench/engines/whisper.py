"""What the streaming recogniser costs beside a plain call of its library, and how many it serves.

Both sides run a model of real shape with random weights that says ten words whatever it hears, so both
generate the same tokens: a trained model's four a second, and then the end.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import numpy as np

from frametalk.adapters.asr.whisper.recogniser import FasterWhisperRecogniser
from frametalk.adapters.asr.whisper.turn import token_limit
from frametalk.adapters.base import Bias
from frametalk.bench.random_models.whisper import build
from frametalk.bench.samples import MIN_FOR_P95, Distribution
from frametalk.bench.sound import speech_like
from frametalk.core.audio import RECOGNITION_RATE_HZ
from frametalk.workers.supervisor import Worker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterable

    from frametalk.core.audio import Samples

T = TypeVar("T")
R = TypeVar("R")

FRAME_SAMPLES = 320
SPEECH_MS = 2_500
WORDS = 10
THREADS = 1
TICK_S = 0.002
IDLE_S = 0.3
PLAIN = "frametalk.bench.engines.plain_whisper:PlainWhisper"


class Share(msgspec.Struct, frozen=True):
    """What one of several sessions got: finals, and how long each was waited for."""

    finals: int
    finals_per_s: float
    wait_ms: Distribution


class WhisperReport(msgspec.Struct, frozen=True):
    """The recogniser's part of the engines suite.

    `final_ms`: end of 2.5 s of speech, streamed in real time, to the final text. `plain_ms`: the library's
    own call on the same sound, padded to 30 s. `final_ratio` is the ratio of their medians. `loop_lag_ms`:
    how late a timer fired on the event loop while sessions were heard, `idle_lag_ms` while nothing was.
    `sessions` asked for final texts one after the other as fast as they got them, all at once;
    `finals_per_s` is what they got together, `alone_per_s` what one of them gets alone, `fairness` the
    least served one's finals over the most served one's.
    """

    size: str
    threads: int
    final_ms: Distribution
    plain_ms: Distribution
    final_ratio: float
    loop_lag_ms: Distribution
    idle_lag_ms: Distribution
    sessions: tuple[Share, ...]
    finals_per_s: float
    alone_per_s: float
    fairness: float


async def measure(
    *, rounds: int = 20, size: str = "tiny", sessions: int = 4, busy_s: float = 8.0
) -> WhisperReport:
    """Build a model, hear `rounds` turns and as many plain calls in turn, then several sessions.

    Raises AdapterError when faster-whisper is not installed.
    """
    sounds = speeches(rounds)
    lags, idle = _Lags(), _Lags()
    async with _engines(size) as (recogniser, plain):
        finals, calls = [], []
        for sound in sounds:
            async with lags.watched():
                finals.append(await spoken(recogniser, sound))
            calls.append(await _plain_ms(plain, sound))
            async with idle.watched():
                await asyncio.sleep(IDLE_S)
        alone = await crowd(recogniser, sounds, 1, busy_s / 2)
        async with lags.watched():
            shares = await crowd(recogniser, sounds, sessions, busy_s)
    counts = [one.finals for one in shares]
    return WhisperReport(
        size=size,
        threads=THREADS,
        final_ms=Distribution.of(finals),
        plain_ms=Distribution.of(calls),
        final_ratio=round(float(np.median(finals) / np.median(calls)), 3),
        loop_lag_ms=Distribution.of(lags.ms),
        idle_lag_ms=Distribution.of(idle.ms),
        sessions=tuple(shares),
        finals_per_s=round(sum(one.finals_per_s for one in shares), 2),
        alone_per_s=alone[0].finals_per_s,
        fairness=round(min(counts) / max(1, *counts), 3),
    )


@asynccontextmanager
async def _engines(size: str) -> AsyncIterator[tuple[FasterWhisperRecogniser, Worker]]:
    """The recogniser and the plain call, each in its own process, on one model."""
    with tempfile.TemporaryDirectory() as folder:
        model = str(await asyncio.to_thread(build, Path(folder), size, steady_words=WORDS))
        recogniser = FasterWhisperRecogniser(model, language="en", device="cpu", threads=THREADS)
        plain = Worker(PLAIN, {"folder": model, "threads": THREADS}, name="plain whisper")
        try:
            await recogniser.start()
            await plain.start()
            yield recogniser, plain
        finally:
            await plain.close()
            await recogniser.close()


def speeches(number: int, seed: int = 0) -> list[Samples]:
    """Turns of 2.5 s, each with another voice."""
    random = np.random.default_rng(seed)
    return [speech_like(random, SPEECH_MS, RECOGNITION_RATE_HZ) for _ in range(number)]


async def _plain_ms(plain: Worker, sound: Samples) -> float:
    limit = token_limit(len(sound))
    told = await plain.open("call", {"pcm": sound.tobytes(), "tokens": limit}).result()
    if told["words"] != WORDS:
        raise RuntimeError(f"the plain call said {told['words']} words instead of {WORDS}")
    took_ms: float = told["ms"]
    return took_ms


async def spoken(
    recogniser: FasterWhisperRecogniser, sound: Samples, *, paced: bool = True
) -> float:
    """Milliseconds from the end of a turn to its final text. `paced` streams it in real time."""
    stream = recogniser.open(Bias(), lambda _hypothesis: None)
    began = time.perf_counter()
    for at in range(0, len(sound), FRAME_SAMPLES):
        frame = sound[at : at + FRAME_SAMPLES]
        if paced:
            due = began + (at + len(frame)) / RECOGNITION_RATE_HZ
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
        stream.feed(frame.tobytes())
    ended = time.perf_counter()
    await stream.finalize()
    took_ms = (time.perf_counter() - ended) * 1000
    stream.cancel()
    return took_ms


async def crowd(
    recogniser: FasterWhisperRecogniser, sounds: list[Samples], sessions: int, lasting_s: float
) -> list[Share]:
    """Sessions that want final texts one after the other as fast as they get them.

    They go on until each has had enough for a 95th percentile, `lasting_s` at least.
    """
    began = time.perf_counter()
    waits: list[list[float]] = [[] for _ in range(sessions)]

    async def session(mine: list[float]) -> None:
        while time.perf_counter() < began + lasting_s or min(map(len, waits)) < MIN_FOR_P95:
            mine.append(await spoken(recogniser, sounds[len(mine) % len(sounds)], paced=False))

    await _together(session, waits)
    lasted_s = time.perf_counter() - began
    return [Share(len(one), round(len(one) / lasted_s, 2), Distribution.of(one)) for one in waits]


async def players(
    recogniser: FasterWhisperRecogniser, sounds: list[Samples], sessions: int, turns: int
) -> Distribution:
    """Waits of sessions that speak `turns` turns each in real time, not all of them in step."""

    async def session(number: int) -> list[float]:
        await asyncio.sleep(number / sessions * SPEECH_MS / 1000)
        return [
            await spoken(recogniser, sounds[(number + turn) % len(sounds)]) for turn in range(turns)
        ]

    waits = await _together(session, range(sessions))
    return Distribution.of(wait for one in waits for wait in one)


async def _together(session: Callable[[T], Coroutine[Any, Any, R]], each: Iterable[T]) -> list[R]:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(session(one)) for one in each]
    return [task.result() for task in tasks]


class _Lags:
    """How late a timer of this event loop fires, in milliseconds."""

    def __init__(self) -> None:
        self.ms: list[float] = []

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Collect while the context is open."""
        async with asyncio.TaskGroup() as group:
            ticking = group.create_task(self._tick())
            try:
                yield
            finally:
                ticking.cancel()

    async def _tick(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(TICK_S)
            self.ms.append((time.perf_counter() - began - TICK_S) * 1000)
