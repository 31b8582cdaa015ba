"""A chunk of speech at another sample rate."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import soxr

from frametalk.adapters.base import SpeechChunk


def at_rate(chunk: SpeechChunk, rate_hz: int, to_hz: int) -> SpeechChunk:
    """The chunk, which is a whole clause, at `to_hz`; its marks move with the sound."""
    if rate_hz == to_hz:
        return chunk
    sound = soxr.resample(np.frombuffer(chunk.pcm, "<i2"), rate_hz, to_hz)
    length = len(sound)
    marks = (
        replace(
            mark,
            at=min(length, round(mark.at * to_hz / rate_hz)),
            end=min(length, round(mark.end * to_hz / rate_hz)),
        )
        for mark in chunk.marks
    )
    kept = tuple(mark for mark in marks if mark.end > mark.at)
    return SpeechChunk(sound.astype("<i2").tobytes(), kept)
