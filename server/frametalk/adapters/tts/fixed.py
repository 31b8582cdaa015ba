"""A voice that makes a tone at a fixed cost, for tests and benches."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import AsyncGenerator

import numpy as np

from frametalk.adapters.base import SpeechChunk, SpeechRequest
from frametalk.core.audio import ms_to_samples
from frametalk.core.marks import Mark

CHUNK_MS = 100
TONE_HZ = 440
AMPLITUDE = 8_000
SHAPES = ("aa", "E", "ih", "oh", "ou")  # one for each word, in turn


class FixedVoice:
    """Speaks a text as a 440 Hz tone, `ms_per_char` long for each character.

    The first chunk comes after `first_chunk_ms`; synthesis takes `real_time_factor` of the sound's length.
    """

    def __init__(
        self,
        rate_hz: int = 22_050,
        first_chunk_ms: float = 0,
        real_time_factor: float = 0,
        ms_per_char: float = 60,
    ) -> None:
        self.rate_hz = rate_hz
        self._first_s = first_chunk_ms / 1000
        self._factor = real_time_factor
        self._ms_per_char = ms_per_char

    async def start(self) -> None:
        """Nothing to load."""

    async def close(self) -> None:
        """Nothing to free."""

    async def speak(self, request: SpeechRequest) -> AsyncGenerator[SpeechChunk, None]:
        """The tone in chunks of 100 ms; words and mouth shapes are as long as their characters."""
        words = list(re.finditer(r"\w[\w'\u2019-]*", request.text))
        if not words:
            return
        total = ms_to_samples(len(request.text) * self._ms_per_char / request.speed, self.rate_hz)
        phase = 2 * np.pi * TONE_HZ / self.rate_hz
        amplitude = AMPLITUDE * request.volume
        marks = deque(self._marks(words, total / len(request.text)))
        chunk = ms_to_samples(CHUNK_MS, self.rate_hz)
        if self._first_s:
            await asyncio.sleep(self._first_s)
        for at in range(0, total, chunk):
            end = min(at + chunk, total)
            # Even when it costs nothing: a long clause must not block the event loop.
            await asyncio.sleep((end - at) / self.rate_hz * self._factor)
            beginning = []
            while marks and marks[0].at < end:
                beginning.append(marks.popleft())
            tone = amplitude * np.sin(np.arange(at, end) * phase)
            yield SpeechChunk(tone.astype("<i2").tobytes(), tuple(beginning))

    @staticmethod
    def _marks(words: list[re.Match[str]], samples_per_char: float) -> list[Mark]:
        marks = []
        for index, word in enumerate(words):
            at, end = round(word.start() * samples_per_char), round(word.end() * samples_per_char)
            marks.append(Mark("word", at, end, word.group()))
            marks.append(Mark("viseme", at, end, SHAPES[index % len(SHAPES)]))
        return marks
