"""A voice at another sample rate."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

import numpy as np
import soxr

from frametalk.adapters.abilities import Prepares
from frametalk.adapters.base import SpeechChunk, SpeechRequest, Voice


class ResampledVoice:
    """Another voice's clauses at `rate_hz`, chunk by chunk. Sound and marks keep their times.

    For one session; the other voice is started and closed by its owner.
    """

    def __init__(self, voice: Voice, rate_hz: int) -> None:
        self.rate_hz = rate_hz
        self._voice = voice

    async def start(self) -> None:
        """The other voice has started."""

    async def close(self) -> None:
        """The other voice goes on."""

    async def prepare(self, request: SpeechRequest) -> None:
        """Have the other voice make the clause in advance, if it can."""
        if isinstance(self._voice, Prepares):
            await self._voice.prepare(request)

    async def speak(self, request: SpeechRequest) -> AsyncGenerator[SpeechChunk, None]:
        """The clause; as long as the other voice's, to the sample."""
        from_hz, to_hz = self._voice.rate_hz, self.rate_hz
        stream = soxr.ResampleStream(from_hz, to_hz, 1, dtype="int16", quality="HQ")
        came = made = 0
        async with aclosing(self._voice.speak(request)) as speech:
            async for chunk in speech:
                sound = stream.resample_chunk(np.frombuffer(chunk.pcm, "<i2"))
                came += len(chunk.pcm) // 2
                made += len(sound)
                marks = tuple(
                    replace(
                        mark,
                        at=round(mark.at * to_hz / from_hz),
                        end=round(mark.end * to_hz / from_hz),
                    )
                    for mark in chunk.marks
                )
                yield SpeechChunk(sound.astype("<i2").tobytes(), marks)
        rest = stream.resample_chunk(np.empty(0, np.int16), last=True)
        missing = max(0, round(came * to_hz / from_hz) - made)
        if missing:
            rest = np.pad(rest[:missing], (0, max(0, missing - len(rest))))
            yield SpeechChunk(rest.astype("<i2").tobytes())
