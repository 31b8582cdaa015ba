"""A recogniser with fixed texts and a fixed delay, for tests and benches."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from frametalk.adapters.base import Bias, HeardWord, Hypothesis
from frametalk.core.audio import RECOGNITION_RATE_HZ

WORD_SAMPLES = 4_000  # a word for each quarter of a second of sound


class FixedRecogniser:
    """Each stream gets the next of `texts`, in a cycle; `finalize` takes `finalize_ms`."""

    rate_hz = RECOGNITION_RATE_HZ

    def __init__(self, texts: Sequence[str] = ("hello",), finalize_ms: float = 0) -> None:
        self._texts = tuple(texts)
        self._finalize_s = finalize_ms / 1000
        self._opened = 0

    async def start(self) -> None:
        """Nothing to load."""

    async def close(self) -> None:
        """Nothing to free."""

    async def prepare(self, bias: Bias) -> None:
        """Nothing to build."""

    def open(self, bias: Bias, on_partial: Callable[[Hypothesis], None]) -> FixedStream:
        """Open a stream with the next text."""
        text = self._texts[self._opened % len(self._texts)] if self._texts else ""
        self._opened += 1
        return FixedStream(text, self._finalize_s, on_partial)


class FixedStream:
    """Recognises one text, a word at a time as sound arrives."""

    def __init__(
        self, text: str, finalize_s: float, on_partial: Callable[[Hypothesis], None]
    ) -> None:
        self._words = text.split()
        self._finalize_s = finalize_s
        self._on_partial = on_partial
        self._fed = 0
        self._emitted = 0
        self._open = True
        self._finalizing: asyncio.Future[None] | None = None

    def feed(self, pcm: bytes) -> None:
        """Take sound; emit a partial for each further word."""
        if not self._open:
            return
        self._fed += len(pcm) // 2
        words = min(len(self._words), self._fed // WORD_SAMPLES)
        if words > self._emitted:
            self._emitted = words
            self._on_partial(self._hypothesis(words, stable_words=words - 1))

    async def finalize(self) -> Hypothesis:
        """The whole text; empty if no sound was fed."""
        if self._finalizing is not None:
            self._finalizing.cancel()
        self._finalizing = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(self._finalize_s, self._finalized, self._finalizing)
        await self._finalizing
        self._emitted = len(self._words) if self._fed else 0
        return self._hypothesis(self._emitted, stable_words=self._emitted)

    @staticmethod
    def _finalized(future: asyncio.Future[None]) -> None:
        if not future.done():
            future.set_result(None)

    def cancel(self) -> None:
        """End the stream."""
        self._open = False
        if self._finalizing is not None:
            self._finalizing.cancel()

    def _hypothesis(self, count: int, stable_words: int) -> Hypothesis:
        words = self._words[:count]
        return Hypothesis(
            " ".join(words),
            stable=len(" ".join(words[:stable_words])),
            words=tuple(
                HeardWord(word, index * WORD_SAMPLES, (index + 1) * WORD_SAMPLES)
                for index, word in enumerate(words)
            ),
        )
