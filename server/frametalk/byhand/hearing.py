"""Feeds a recording to a recogniser, frame by frame as from a microphone."""

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

OnPartial = Callable[[float, Hypothesis], None]
"""Called with the length of the sound that was fed (ms), and the text so far."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """The text of one segment of sound, and how long it took.

    `took_ms` runs from the first frame fed to the final text, `final_ms` from the last frame; `at_ms` is
    where the segment begins in the recording.
    """

    at_ms: float
    sound_ms: float
    hypothesis: Hypothesis
    took_ms: float
    final_ms: float

    @property
    def real_time_factor(self) -> float:
        """Time taken, divided by the length of the sound."""
        return self.took_ms / self.sound_ms


async def recognise(
    recogniser: Recogniser,
    segment: Samples,
    bias: Bias,
    on_partial: OnPartial,
    *,
    at_ms: float = 0,
    live: bool = False,
    now: Callable[[], float] = time.perf_counter,
) -> Recognition:
    """Feed one segment at the recogniser's rate, in frames of 20 ms; `now` is in seconds.

    `live` feeds at the pace of a microphone, so that `final_ms` is what a player would wait; otherwise
    frames follow at once. The recogniser must have prepared `bias`.
    """
    rate_hz = recogniser.rate_hz
    fed = 0
    stream = recogniser.open(
        bias, lambda hypothesis: on_partial(at_ms + samples_to_ms(fed, rate_hz), hypothesis)
    )
    began = now()
    try:
        for frame in _frames(segment, ms_to_samples(FRAME_MS, rate_hz)):
            fed += len(frame)
            wait_s = began + fed / rate_hz - now() if live else 0
            await asyncio.sleep(max(0, wait_s))  # a frame is complete with its last sample
            stream.feed(frame.astype("<i2").tobytes())
        last = now()
        hypothesis = await stream.finalize()
        ended = now()
    finally:
        stream.cancel()
    sound_ms = samples_to_ms(len(segment), rate_hz)
    return Recognition(at_ms, sound_ms, hypothesis, (ended - began) * 1000, (ended - last) * 1000)


def segments(
    sound: Samples, rate_hz: int, to_rate_hz: int, longest_ms: float
) -> Iterator[tuple[float, Samples]]:
    """A recording at another rate, in segments of a turn's greatest length: (start in ms, samples)."""
    if rate_hz != to_rate_hz:
        sound = soxr.resample(sound, rate_hz, to_rate_hz)
    size = ms_to_samples(longest_ms, to_rate_hz)
    for at in range(0, len(sound), size):
        yield samples_to_ms(at, to_rate_hz), np.asarray(sound[at : at + size], np.int16)


def _frames(sound: Samples, size: int) -> Iterator[Samples]:
    for at in range(0, len(sound), size):
        yield sound[at : at + size]
