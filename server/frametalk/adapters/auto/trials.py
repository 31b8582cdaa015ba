"""Trials: an engine with its model does a second of work, and its real-time factor is measured."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from importlib.resources import files
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from frametalk.adapters import registry
from frametalk.adapters.auto import kept
from frametalk.adapters.base import Adapter, Bias, SpeechRequest
from frametalk.core.audio import BYTES_PER_SAMPLE, RECOGNITION_RATE_HZ
from frametalk.errors import AdapterError, ConfigError

log = logging.getLogger(__name__)

LIMIT_S = 20.0  # a trial that takes longer, loading included, is as slow as can be
LONGEST_TURN_S = 8.0  # what a turn detector judges
TOO_SLOW = 99.0  # the factor of such a trial
RUNS = 2  # the first one warms up
SENTENCE = "The red door is open, and the iron key is yours."

_locks: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()

Measure = Callable[[Any], Awaitable[float]]


async def factor(
    kind: registry.Kind,
    adapter: str,
    options: dict[str, Any],
    *,
    model: Path,
    packages: tuple[str, ...],
    measure: Measure,
    limit: float,
) -> float | None:
    """The real-time factor of an engine on this machine: kept from earlier, else measured now.

    None if the engine does not start or fails, which is logged. `model` is the file whose change asks for
    a new trial; a kept factor above `limit` is measured again after an hour. Raises ConfigError for options
    that the engine does not have.
    """
    try:
        key = kept.key_of(adapter, packages, model, options)
        if (found := kept.load(key, limit)) is None:
            async with _turns():
                found = await _tried(kind, adapter, options, measure)
            kept.save(key, found)
    except ConfigError:
        raise
    except Exception as error:  # noqa: BLE001  (whatever a broken model does to its engine)
        log.warning("%s with %s is not used: %s", adapter, model.parent.name, error)
        return None
    return found


def _turns() -> asyncio.Lock:
    """Trials run one after the other, so that none slows another down."""
    return _locks.setdefault(asyncio.get_running_loop(), asyncio.Lock())


async def _tried(
    kind: registry.Kind, adapter: str, options: dict[str, Any], measure: Measure
) -> float:
    """The factor of an engine that is started for it; whatever the engine raises passes."""
    try:
        async with asyncio.timeout(LIMIT_S):
            engine = await started(kind, adapter, options)
            try:
                factors = [await measure(engine) for _run in range(RUNS)]
                return min(factors)
            finally:
                await engine.close()
    except TimeoutError:
        return TOO_SLOW


async def started(kind: registry.Kind, adapter: str, options: dict[str, Any]) -> Any:
    """A started engine. Raises AdapterError whatever goes wrong in it, ConfigError for wrong options."""
    engine: Adapter = registry.create(kind, adapter, options)
    try:
        await engine.start()
    except BaseException as error:
        await engine.close()
        if isinstance(error, AdapterError) or not isinstance(error, Exception):
            raise
        raise AdapterError(
            "engine_failed", f"{type(error).__name__}: {error}", stage=registry.STAGES[kind]
        ) from None
    return engine


# ---- what the engines do -------------------------------------------------------------------------


async def hear(recogniser: Any) -> float:
    """Recognise a shipped command: int16 at 16 kHz, the same as data/speech/open_door_bring_key.flac."""
    pcm = files("frametalk").joinpath("data/trial.pcm").read_bytes()
    length_s = len(pcm) / BYTES_PER_SAMPLE / RECOGNITION_RATE_HZ
    await recogniser.prepare(Bias())
    stream = recogniser.open(Bias(), lambda _hypothesis: None)
    began_s = time.monotonic()
    stream.feed(pcm)
    try:
        await stream.finalize()
    finally:
        stream.cancel()
    return (time.monotonic() - began_s) / length_s


async def speak(voice: Any) -> float:
    """Speak a sentence."""
    began_s, size = time.monotonic(), 0
    async with aclosing(voice.speak(SpeechRequest(SENTENCE))) as chunks:
        async for chunk in chunks:
            size += len(chunk.pcm)
    took_s = time.monotonic() - began_s
    length_s: float = size / BYTES_PER_SAMPLE / voice.rate_hz
    return took_s / length_s if length_s else TOO_SLOW


async def judge(detector: Any) -> float:
    """Judge the longest sound that a turn detector takes."""
    began_s = time.monotonic()
    await detector.end_probability(np.zeros(round(LONGEST_TURN_S * detector.rate_hz), np.int16))
    return (time.monotonic() - began_s) / LONGEST_TURN_S
