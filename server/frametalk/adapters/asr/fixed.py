"""A recogniser that hears what it was told to, at a fixed cost: for tests and benches."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from frametalk.adapters.base import Bias, HeardWord, Hypothesis

WORD_SAMPLES = 4_000  # a word every quarter of a second of sound fed


class FixedRecogniser:
    """Gives `texts` in turn, from the beginning again at the end; `finalize` takes `finalize_ms`."""

    rate_hz = 16_000

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
        """Start hearing the next text."""
        text = self._texts[self._opened % len(self._texts)] if self._texts else ""
        self._opened += 1
        return FixedStream(text, self._finalize_s, on_partial)


class FixedStream:
    """Hears one text, a word at a time as sound comes."""

    def __init__(
        self, text: str, finalize_s: float, on_partial: Callable[[Hypothesis], None]
    ) -> None:
        self._words = text.split()
        self._finalize_s = finalize_s
        self._on_partial = on_partial
        self._fed = 0
        self._told = 0
        self._open = True
        self._finalizing: asyncio.Future[None] | None = None

    def feed(self, pcm: bytes) -> None:
        """Take sound; tell of each further word."""
        if not self._open:
            return
        self._fed += len(pcm) // 2
        words = min(len(self._words), self._fed // WORD_SAMPLES)
        if words > self._told:
            self._told = words
            self._on_partial(self._hypothesis(words, stable_words=words - 1))

    async def finalize(self) -> Hypothesis:
        """The whole text, once there was any sound."""
        if self._finalizing is not None:
            self._finalizing.cancel()
        self._finalizing = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(self._finalize_s, self._finalized, self._finalizing)
        await self._finalizing
        self._told = len(self._words) if self._fed else 0
        return self._hypothesis(self._told, stable_words=self._told)

    @staticmethod
    def _finalized(future: asyncio.Future[None]) -> None:
        if not future.done():
            future.set_result(None)

    def cancel(self) -> None:
        """Forget it."""
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
