"""Sentences spoken by the Piper voice and read back by Whisper base."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import soxr

from frametalk.bench.real.context import Context, Values
from frametalk.bench.real.corpus import Speech, quiet_around
from frametalk.bench.real.folder import BASE
from frametalk.bench.real.hearing import Heard
from frametalk.bench.real.sayings import Saying
from frametalk.bench.real.words import total, word_errors
from frametalk.core.audio import RECOGNITION_RATE_HZ


async def measure(context: Context) -> Values:
    """The key `roundtrip_wer`; `roundtrip_wer_n` are words. Raises Absent without voice or Whisper base."""
    context.models.whisper(BASE)
    spoken = [recorded(saying) for saying in await context.sayings("joe")]
    return summary(await context.recognisers.heard("base", spoken, hints=False))


def summary(heard: Sequence[Heard]) -> Values:
    """The values of all sentences."""
    errors = [word_errors(one.speech.text, one.text) for one in heard]
    return {
        "roundtrip_wer": total(errors).rate,
        "roundtrip_wer_n": total(errors).words,
        "roundtrip_wrong": [
            f"{one.speech.text} | {one.text}"
            for one, found in zip(heard, errors, strict=True)
            if found.errors
        ],
    }


def recorded(saying: Saying) -> Speech:
    """A sentence as a microphone would record it."""
    sound = soxr.resample(saying.samples, saying.rate_hz, RECOGNITION_RATE_HZ)
    return Speech(f"spoken: {saying.text}", quiet_around(np.asarray(sound, np.int16)), saying.text)
