"""One answer of one model within the limits: words and calls, or a failure."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing

from frametalk.adapters.base import Dropped, MindEvent, TextDelta, ToolRequest, Usage
from frametalk.adapters.llm.openai.answer_text import AnswerText, parameters_of
from frametalk.adapters.llm.openai.loops import loop_in
from frametalk.adapters.llm.openai.models import Habits, Limits, Model, ModelError, Piece
from frametalk.adapters.llm.openai.prompt import Prompt
from frametalk.adapters.llm.openai.providers import Provider
from frametalk.adapters.llm.openai.tool_deltas import ToolDeltas
from frametalk.adapters.llm.openai.whole_words import unfinished

AFTER_FINISH_MS = 250.0  # for what follows the end of the answer: the token count
PIECES_AT_ONCE = 8  # a packet can contain hundreds; then other sessions get a turn
_BROKEN_FINISH = frozenset({"error"})
_IN_ALL = "in all"
_LOOPED = "looped"
_CUT_FINISH = frozenset({"length", "max_tokens"})


class Attempt:
    """One request to `model`. `first_ms` is the limit for its first word or call.

    With `may_be_silent` an empty answer is not a failure. `habits` are what earlier answers have shown.
    """

    def __init__(
        self,
        model: Model,
        provider: Provider,
        limits: Limits,
        first_ms: float,
        *,
        may_be_silent: bool,
        habits: Habits | None = None,
    ) -> None:
        self._model = model
        self._provider = provider
        self._limits = limits
        self._first_ms = first_ms
        self._may_be_silent = may_be_silent
        self._habits = habits or Habits()
        self._text = AnswerText((), thinks_first=False)
        self._calls = ToolDeltas()
        self._said = ""
        self._finish = ""
        self._waited_after_ms = 0.0  # after the finish reason
        self._waited_ms = 0.0  # for the server; the consumer's time does not count
        self._usage: tuple[int, int] | None = None

    async def events(self, prompt: Prompt) -> AsyncGenerator[MindEvent, None]:
        """Words as they arrive, then calls, then usage. Raises ModelError."""
        self._text = AnswerText(prompt.tools, thinks_first=self._thinks_first())
        self._calls = ToolDeltas(parameters_of(prompt.tools))
        count = 0
        async with aclosing(self._model.answer(prompt)) as pieces:
            while (piece := await self._next(pieces)) is not None and not piece.done:
                for event in self._take(piece):
                    yield event
                if self._finish == _LOOPED:
                    return
                if self._text.is_over:
                    self._finish = self._finish or "stop"
                    break
                if len(self._said) >= self._limits.max_characters:
                    for event in self._drop(self._unfinished()):
                        yield event
                    raise self._error("mind_too_long", self._too_long(), enough=True)
                count += 1
                if not count % PIECES_AT_ONCE:
                    await asyncio.sleep(0)
        done = piece is not None and self._has_begun and self._calls.are_complete
        if not (self._finish or done):
            raise self._error("mind_stream", "the answer ended without a finish reason")
        for event in self._end():
            yield event
        if not (self._has_begun or self._may_be_silent):
            raise self._error("mind_empty", f"an empty answer ({self._finish[:40]})")
        if self._usage is not None:
            yield self._cost(*self._usage)

    def _thinks_first(self) -> bool | None:
        option = self._provider.thinks_first
        return self._habits.thinks_first if option is None else option

    # ---- pieces ----------------------------------------------------------------------------------

    def _take(self, piece: Piece) -> list[MindEvent]:
        if len(piece.text) > self._limits.max_token_characters:
            raise self._error("mind_stream", f"a token of {len(piece.text)} characters")
        for part in piece.calls:
            self._calls.add(part)
        self._usage = piece.usage or self._usage
        if piece.text or piece.calls:
            self._finish = ""  # an earlier one came too early: with the last thought, for example
        self._finish = piece.finish or self._finish
        events = self._deltas(self._text.feed(piece.text)) if piece.text else []
        if self._finish in _BROKEN_FINISH:
            raise self._error("mind_stream", f"the server ended with {self._finish!r}")
        # The player does not wait for the end of the connection; but words come before calls.
        ready = self._finish and not self._text.is_pending
        return [*events, *self._calls.complete()] if ready else events

    def _deltas(self, words: Sequence[str | None]) -> list[MindEvent]:
        events: list[MindEvent] = []
        for text in words:
            if text is None:
                events += self._drop(self._said)
                continue
            if not (self._said or text.strip()):
                continue  # white space alone is an empty answer
            if (loop := loop_in(self._said + text)) is not None:
                self._finish = _LOOPED
                new = (self._said + text)[len(self._said) : loop]
                self._said += new
                return [*events, *([TextDelta(new)] if new else self._drop(self._said[loop:]))]
            fitting = text[: max(0, self._limits.max_characters - len(self._said))]
            self._said += fitting
            events += [TextDelta(fitting)] if fitting else []
        return events

    def _drop(self, end: str) -> list[MindEvent]:
        """Drop the end of what was said."""
        if not end:
            return []
        self._said = self._said.removesuffix(end)
        return [Dropped(end)]

    # ---- the end ---------------------------------------------------------------------------------

    @property
    def _has_begun(self) -> bool:
        return bool(self._said or self._calls or self._text.is_calling)

    def _end(self) -> list[MindEvent]:
        cut = self._finish in _CUT_FINISH
        events = self._deltas(self._text.flush(cut=cut))
        if cut:
            events += self._drop(unfinished(self._said))
        if self._said or self._text.closed_unopened:
            self._habits.thinks_first = self._text.closed_unopened
        return [*events, *self._calls.finished(), *self._written_calls()]

    def _unfinished(self) -> str:
        """The end of the text that is not a whole sentence, if there is one before it."""
        end = unfinished(self._said)
        return end if end != self._said else ""

    def _written_calls(self) -> list[ToolRequest]:
        """The calls that were written as text, without those that were also sent as calls."""
        if not self._provider.text_calls:
            return []
        sent = [(call.name, call.args) for call in self._calls.all()]
        return [call for call in self._text.calls if (call.name, call.args) not in sent]

    def _too_long(self) -> str:
        return f"more than {self._limits.max_characters} characters"

    def _error(self, code: str, text: str, **how: bool) -> ModelError:
        return ModelError(code, f"{self._model.name}: {text}", **how)

    # ---- time ------------------------------------------------------------------------------------

    async def _next(self, pieces: AsyncIterator[Piece]) -> Piece | None:
        """The next piece; None at the end of the stream. Raises ModelError at a limit.

        Once the answer has ended, a limit or a failure is the end of the stream.
        """
        begun = self._has_begun
        ended = bool(self._finish) and (begun or self._may_be_silent)
        if ended:
            limit_ms, phase = AFTER_FINISH_MS - self._waited_after_ms, ""
        else:
            whole = (self._limits.whole_ms - self._waited_ms, _IN_ALL)
            between = (self._limits.between_tokens_ms, "between tokens")
            first = (self._first_ms - self._waited_ms, "to the first token")
            limit_ms, phase = min(whole, between if begun else first)
        now_s = asyncio.get_running_loop().time
        began_s = now_s()
        try:
            async with asyncio.timeout(max(limit_ms, 0) / 1000):
                return await anext(pieces, None)
        except TimeoutError:
            if ended or (phase == _IN_ALL and self._cut_in_time()):
                return None
            raise self._error("mind_timeout", f"too slow {phase}", sure=not begun) from None
        except ModelError:
            if ended:
                return None
            raise
        finally:
            waited_ms = (now_s() - began_s) * 1000
            self._waited_ms += waited_ms
            self._waited_after_ms += waited_ms if ended else 0

    def _cut_in_time(self) -> bool:
        """End an answer that takes too long after its last whole sentence, if it has one."""
        if unfinished(self._said) == self._said:
            return False
        self._finish = "length"
        return True

    def _cost(self, prompt_tokens: int, completion_tokens: int) -> Usage:
        provider = self._provider
        cost = (
            prompt_tokens * provider.prompt_price + completion_tokens * provider.completion_price
        ) / 1e6
        return Usage(prompt_tokens, completion_tokens, cost)
