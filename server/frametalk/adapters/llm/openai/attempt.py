"""One answer of one model within the limits: words and calls, or a failure."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from frametalk.adapters.base import MindEvent, TextDelta, Usage
from frametalk.adapters.llm.openai.models import Limits, Model, ModelError, Piece
from frametalk.adapters.llm.openai.prompt import Prompt
from frametalk.adapters.llm.openai.providers import Provider
from frametalk.adapters.llm.openai.spoken_text import Thoughts, WholeWords
from frametalk.adapters.llm.openai.tool_deltas import ToolDeltas

AFTER_FINISH_MS = 250.0  # for the token count, which follows the end of the answer
PIECES_AT_ONCE = 8  # a packet can contain hundreds; then other sessions get a turn
_BROKEN_FINISH = frozenset({"error"})


class Attempt:
    """One request to `model`. `first_ms` is the limit for its first word or call.

    With `may_be_silent` an empty answer is not a failure.
    """

    def __init__(
        self,
        model: Model,
        provider: Provider,
        limits: Limits,
        first_ms: float,
        *,
        may_be_silent: bool,
    ) -> None:
        self._model = model
        self._provider = provider
        self._limits = limits
        self._first_ms = first_ms
        self._may_be_silent = may_be_silent
        self._thoughts, self._words, self._calls = Thoughts(), WholeWords(), ToolDeltas()
        self._characters = 0
        self._waited_ms = 0.0  # for the server; the consumer's time does not count
        self._usage: tuple[int, int] | None = None

    async def events(self, prompt: Prompt) -> AsyncGenerator[MindEvent, None]:
        """Words as they arrive, then calls, then usage. Raises ModelError."""
        count = 0
        async with aclosing(self._model.answer(prompt)) as pieces:
            while True:
                piece = await self._next(pieces)
                if piece is None:
                    raise ModelError(
                        "mind_stream",
                        f"{self._model.name}: the answer ended without a finish reason",
                    )
                for event in self._take(piece):
                    yield event
                if piece.finish:
                    break
                count += 1
                if not count % PIECES_AT_ONCE:
                    await asyncio.sleep(0)
            for event in self._finish(piece.finish):
                yield event
            await self._count_tokens(pieces)
        if self._usage is not None:
            yield self._cost(*self._usage)

    def _take(self, piece: Piece) -> list[MindEvent]:
        if len(piece.text) > self._limits.max_token_characters:
            raise ModelError(
                "mind_stream", f"{self._model.name}: a token of {len(piece.text)} characters"
            )
        for part in piece.calls:
            self._calls.add(part)
        self._usage = piece.usage or self._usage
        return self._deltas(self._words.feed(self._thoughts.feed(piece.text)))

    def _deltas(self, words: list[str]) -> list[MindEvent]:
        events: list[MindEvent] = []
        for text in words:
            if not (self._characters or text.strip()):
                continue  # white space alone is an empty answer
            fitting = text[: max(0, self._limits.max_characters - self._characters)]
            self._characters += len(text)
            events += [TextDelta(fitting)] if fitting else []
        return events

    def _finish(self, reason: str) -> list[MindEvent]:
        if reason in _BROKEN_FINISH:
            raise ModelError("mind_stream", f"{self._model.name}: the server ended with {reason!r}")
        deltas = self._deltas([*self._words.feed(self._thoughts.flush()), *self._words.flush()])
        if not (self._characters or self._calls or self._may_be_silent):
            raise ModelError("mind_empty", f"{self._model.name}: an empty answer ({reason[:40]})")
        return [*deltas, *self._calls.finished()]

    # ---- time ------------------------------------------------------------------------------------

    async def _next(self, pieces: AsyncIterator[Piece]) -> Piece | None:
        """The next piece; None at the end of the stream. Raises ModelError at a limit."""
        if self._characters >= self._limits.max_characters:
            raise ModelError(
                "mind_too_long",
                f"{self._model.name}: more than {self._limits.max_characters} characters",
                enough=True,
            )
        begun = bool(self._characters or self._calls)
        whole = (self._limits.whole_ms - self._waited_ms, "in all")
        between = (self._limits.between_tokens_ms, "between tokens")
        first = (self._first_ms - self._waited_ms, "to the first token")
        limit_ms, phase = min(whole, between if begun else first)
        now_s = asyncio.get_running_loop().time
        began_s = now_s()
        try:
            async with asyncio.timeout(max(limit_ms, 0) / 1000):
                return await anext(pieces, None)
        except TimeoutError:
            text = f"{self._model.name}: too slow {phase}"
            raise ModelError("mind_timeout", text, sure=not begun) from None
        finally:
            self._waited_ms += (now_s() - began_s) * 1000

    async def _count_tokens(self, pieces: AsyncIterator[Piece]) -> None:
        """Wait shortly for the token count; the answer is complete without it."""
        try:
            async with asyncio.timeout(AFTER_FINISH_MS / 1000):
                async for piece in pieces:
                    self._usage = piece.usage or self._usage
        except (TimeoutError, ModelError):
            return

    def _cost(self, prompt_tokens: int, completion_tokens: int) -> Usage:
        provider = self._provider
        cost = (
            prompt_tokens * provider.prompt_price + completion_tokens * provider.completion_price
        ) / 1e6
        return Usage(prompt_tokens, completion_tokens, cost)
