"""A recogniser hears a recording, frame by frame as from a microphone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import soxr

from frametalk.adapters.base import Bias, Hypothesis, Recogniser
from frametalk.core.audio import Samples, ms_to_samples, samples_to_ms

FRAME_MS = 20

Partial = Callable[[float, Hypothesis], None]
"""Hears how much sound (ms) was fed, and the text so far."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What was understood of one stretch of sound, and what it cost.

    `took_ms` runs from the first frame fed to the final text, `final_ms` from the last frame; `at_ms` is
    where the stretch begins in the recording.
    """

    at_ms: float
    sound_ms: float
    hypothesis: Hypothesis
    took_ms: float
    final_ms: float

    @property
    def real_time_factor(self) -> float:
        """Time taken over the length of the sound."""
        return self.took_ms / self.sound_ms


async def hear(
    recogniser: Recogniser,
    stretch: Samples,
    bias: Bias,
    on_partial: Partial,
    *,
    at_ms: float = 0,
    live: bool = False,
    now: Callable[[], float] = time.perf_counter,
) -> Heard:
    """Feed one stretch of sound at the recogniser's rate, in frames of 20 ms; `now` is in seconds.

    `live` feeds at the pace of a microphone, so that `final_ms` is what a player would wait; otherwise
    it goes as fast as it can. `bias` is prepared already.
    """
    rate_hz = recogniser.rate_hz
    fed = 0
    stream = recogniser.open(
        bias, lambda hypothesis: on_partial(at_ms + samples_to_ms(fed, rate_hz), hypothesis)
    )
    began = now()
    try:
        for frame in _frames(stretch, ms_to_samples(FRAME_MS, rate_hz)):
            fed += len(frame)
            wait_s = began + fed / rate_hz - now() if live else 0
            await asyncio.sleep(max(0, wait_s))  # a frame is there when its last sample is
            stream.feed(frame.astype("<i2").tobytes())
        last = now()
        hypothesis = await stream.finalize()
        ended = now()
    finally:
        stream.cancel()
    sound_ms = samples_to_ms(len(stretch), rate_hz)
    return Heard(at_ms, sound_ms, hypothesis, (ended - began) * 1000, (ended - last) * 1000)


def stretches(
    sound: Samples, rate_hz: int, to_rate_hz: int, longest_ms: float
) -> Iterator[tuple[float, Samples]]:
    """A recording at another rate, cut where a server would call the turn over; (first ms, samples)."""
    if rate_hz != to_rate_hz:
        sound = soxr.resample(sound, rate_hz, to_rate_hz)
    size = ms_to_samples(longest_ms, to_rate_hz)
    for at in range(0, len(sound), size):
        yield samples_to_ms(at, to_rate_hz), np.asarray(sound[at : at + size], np.int16)


def _frames(sound: Samples, size: int) -> Iterator[Samples]:
    for at in range(0, len(sound), size):
        yield sound[at : at + size]
