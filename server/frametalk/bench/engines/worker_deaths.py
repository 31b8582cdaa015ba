"""Ways in which a worker process dies, and the time until the interrupted request is answered.

Everything is done to the process from outside, like an accident. It needs Linux.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import msgspec

from frametalk.adapters import registry
from frametalk.adapters.base import Bias, Recogniser, SpeechRequest, Voice
from frametalk.bench.samples import Distribution
from frametalk.workers import supervisor
from frametalk.workers.supervisor import Worker

SENTENCE = "The blacksmith opened the red door, and then he went away without a word."
SCENE = Bias(("red door", "chest", "torch"), ("open", "unlock", "light"), ("who are you",))
FRAME_S = 0.1


class Recovery(msgspec.Struct, frozen=True):
    """The time from a death to the answer of the interrupted request.

    `failed` of `n` requests got an error instead and have no time; `max_ms` is None if all failed.
    """

    engine: str
    death: str
    n: int
    failed: int
    answered_ms: Distribution
    max_ms: float | None


def kill(pid: int) -> None:
    """Kill it, like a crash or the system's out-of-memory killer."""
    os.kill(pid, signal.SIGKILL)


def stop(pid: int) -> None:
    """Make it hang without using the processor."""
    os.kill(pid, signal.SIGSTOP)


def corrupt(pid: int) -> None:
    """Write foreign bytes into its pipe."""
    for file in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            if file.name not in {"0", "1", "2"} and str(file.readlink()).startswith("pipe:"):
                with file.open("wb", buffering=0) as pipe:
                    pipe.write(b"*** stack smashing detected ***: terminated\n")


def starve(pid: int) -> None:
    """Deny it further memory, as at its hard limit."""
    import resource

    _soft, hard = resource.prlimit(pid, resource.RLIMIT_DATA)  # type: ignore[attr-defined,unused-ignore]
    resource.prlimit(pid, resource.RLIMIT_DATA, (0, hard))  # type: ignore[attr-defined,unused-ignore]


DEATHS: dict[str, Callable[[int], None]] = {
    "killed": kill,
    "stopped": stop,
    "garbage": corrupt,
    "memory": starve,
}


async def recoveries(
    kind: registry.Kind, name: str, options: dict[str, Any], n: int, *, speech: bytes = b""
) -> list[Recovery]:
    """Each death, `n` times, in the middle of a request to one engine of kind `asr` or `tts`.

    `speech` is for a recogniser, at its own rate, int16. Raises AdapterError if the engine does not start.
    """
    engine = registry.create(kind, name, options)
    before = set(supervisor.running())
    await engine.start()
    try:
        # The one that answers; another may prepare what it reads, and is named after it.
        worker = min(set(supervisor.running()) - before, key=lambda each: len(each.name))
        found = []
        for death, cause in DEATHS.items():
            waits, failed = [], 0
            for _ in range(n):
                await _stable(worker)
                ask = (
                    _heard(cast("Recogniser", engine), speech)
                    if kind == "asr"
                    else _spoken(cast("Voice", engine))
                )
                took_s = await _interrupted(worker, cause, ask)
                failed += took_s is None
                waits += [] if took_s is None else [took_s * 1000]
            longest = max(waits, default=None)
            found.append(Recovery(name, death, n, failed, Distribution.of(waits), longest))
        return found
    finally:
        await engine.close()


async def _stable(worker: Worker) -> None:
    """Wait until the worker has lived long enough to be replaced at once when it dies."""
    while not worker.ready:  # noqa: ASYNC110  (a worker has no event for its restarts)
        await asyncio.sleep(0.05)
    await asyncio.sleep(supervisor.LASTING_S + 0.2)


async def _interrupted(worker: Worker, cause: Callable[[int], None], ask: Any) -> float | None:
    """Seconds from the death to the answer; None for an error."""
    died_at = 0.0

    def die() -> None:
        nonlocal died_at
        died_at = time.perf_counter()
        if worker.pid is not None:
            cause(worker.pid)

    try:
        await ask(die)
    except Exception:  # noqa: BLE001  (any error means: not answered)
        return None
    return time.perf_counter() - died_at


def _heard(recogniser: Recogniser, speech: bytes) -> Callable[[Callable[[], None]], Any]:
    async def ask(die: Callable[[], None]) -> None:
        await recogniser.prepare(SCENE)
        stream = recogniser.open(SCENE, lambda _heard: None)
        frame = int(FRAME_S * recogniser.rate_hz) * 2
        for at in range(0, len(speech), frame):
            stream.feed(speech[at : at + frame])
            await asyncio.sleep(FRAME_S)
        die()
        try:
            await stream.finalize()
        finally:
            stream.cancel()

    return ask


def _spoken(voice: Voice) -> Callable[[Callable[[], None]], Any]:
    async def ask(die: Callable[[], None]) -> None:
        die()
        async for _chunk in voice.speak(SpeechRequest(SENTENCE)):
            pass

    return ask
