"""The streaming recogniser: its time beside a plain call of its library, and how many sessions it serves.

Both run a model of real shape with random weights that says ten words whatever the sound is. So both
generate the same tokens: four a second, as a trained model, and then the end.
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
from frametalk.adapters.asr.whisper.utterance import token_limit
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
    """What one of several sessions got: final texts, and the wait for each."""

    finals: int
    finals_per_s: float
    wait_ms: Distribution


class WhisperReport(msgspec.Struct, frozen=True):
    """The recogniser's part of the engines suite.

    `final_ms`: end of 2.5 s of speech, streamed in real time, to the final text. `plain_ms`: the library's
    own call on the same sound, padded to 30 s. `final_ratio` is the ratio of their medians. `loop_lag_ms`:
    how late a timer fired on the event loop during recognition, `idle_lag_ms` without it. `sessions`
    asked in parallel for final texts, each as fast as it got them; `finals_per_s` is their total,
    `alone_per_s` the rate of one session alone, `fairness` the fewest finals of a session over the most.
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
    """Build a model, recognise `rounds` turns alternating with plain calls, then several sessions.

    Raises AdapterError if faster-whisper is not installed.
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
    counts = [share.finals for share in shares]
    return WhisperReport(
        size=size,
        threads=THREADS,
        final_ms=Distribution.of(finals),
        plain_ms=Distribution.of(calls),
        final_ratio=round(float(np.median(finals) / np.median(calls)), 3),
        loop_lag_ms=Distribution.of(lags.ms),
        idle_lag_ms=Distribution.of(idle.ms),
        sessions=tuple(shares),
        finals_per_s=round(sum(share.finals_per_s for share in shares), 2),
        alone_per_s=alone[0].finals_per_s,
        fairness=round(min(counts) / max(1, *counts), 3),
    )


@asynccontextmanager
async def _engines(size: str) -> AsyncIterator[tuple[FasterWhisperRecogniser, Worker]]:
    """The recogniser and the plain call, each in a process of its own, with the same model."""
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
    """Turns of 2.5 s, each in a different voice."""
    random = np.random.default_rng(seed)
    return [speech_like(random, SPEECH_MS, RECOGNITION_RATE_HZ) for _ in range(number)]


async def _plain_ms(plain: Worker, sound: Samples) -> float:
    limit = token_limit(len(sound))
    answer = await plain.open("call", {"pcm": sound.tobytes(), "tokens": limit}).result()
    if (words := len(answer["text"].split())) != WORDS:
        raise RuntimeError(f"the plain call said {words} words instead of {WORDS}")
    took_ms: float = answer["ms"]
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
    """Sessions in parallel; each asks for final texts one after the other, as fast as it gets them.

    They go on for at least `lasting_s`, and until each has enough for a 95th percentile.
    """
    began = time.perf_counter()
    waits: list[list[float]] = [[] for _ in range(sessions)]

    async def session(mine: list[float]) -> None:
        while time.perf_counter() < began + lasting_s or min(map(len, waits)) < MIN_FOR_P95:
            mine.append(await spoken(recogniser, sounds[len(mine) % len(sounds)], paced=False))

    await _together(session, waits)
    lasted_s = time.perf_counter() - began
    return [Share(len(own), round(len(own) / lasted_s, 2), Distribution.of(own)) for own in waits]


async def players(
    recogniser: FasterWhisperRecogniser, sounds: list[Samples], sessions: int, turns: int
) -> Distribution:
    """The waits of sessions that speak `turns` turns each in real time, offset against each other."""

    async def session(number: int) -> list[float]:
        await asyncio.sleep(number / sessions * SPEECH_MS / 1000)
        return [
            await spoken(recogniser, sounds[(number + turn) % len(sounds)]) for turn in range(turns)
        ]

    waits = await _together(session, range(sessions))
    return Distribution.of(wait for own in waits for wait in own)


async def _together(session: Callable[[T], Coroutine[Any, Any, R]], each: Iterable[T]) -> list[R]:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(session(argument)) for argument in each]
    return [task.result() for task in tasks]


class _Lags:
    """How late a timer of this event loop fires, in milliseconds."""

    def __init__(self) -> None:
        self.ms: list[float] = []

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Collect until the block ends."""
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
