"""Plain calls of faster-whisper: the whole sound, padded to 30 s, in a process of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from frametalk.adapters.asr.whisper.utterance import token_limit
from frametalk.bench.engines.whisper import PLAIN
from frametalk.bench.real.corpus import Speech
from frametalk.workers.supervisor import Worker

READY_TIMEOUT_MS = 60_000
THREADS = 1


class PlainReading(NamedTuple):
    """The text, and the processor time that it took."""

    text: str
    cpu_ms: float


class PlainCalls:
    """Makes plain calls through the worker."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    async def read(self, speech: Speech, beam: int = 1) -> PlainReading:
        """One call."""
        pcm = speech.samples.astype("<i2").tobytes()
        arguments = {"pcm": pcm, "tokens": token_limit(len(speech.samples)), "beam": beam}
        answer = await self._worker.open("call", arguments).result()
        return PlainReading(answer["text"], answer["cpu_ms"])


@asynccontextmanager
async def plain_calls(model: Path) -> AsyncIterator[PlainCalls]:
    """Plain calls of a model until the block ends."""
    options = {"folder": str(model), "threads": THREADS}
    worker = Worker(PLAIN, options, name="plain whisper", ready_timeout_ms=READY_TIMEOUT_MS)
    try:
        await worker.start()
        yield PlainCalls(worker)
    finally:
        await worker.close()
