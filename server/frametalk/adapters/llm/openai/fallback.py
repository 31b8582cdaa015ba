"""Fallback: the next model continues where one failed; a scripted line is the last resort."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from frametalk.adapters.base import Dropped, MindEvent, TextDelta, ToolRequest, Trouble
from frametalk.adapters.llm.openai.attempt import Attempt
from frametalk.adapters.llm.openai.breaker import Breaker, BreakerState
from frametalk.adapters.llm.openai.continuation import Continuation
from frametalk.adapters.llm.openai.local_servers import LocalServer
from frametalk.adapters.llm.openai.models import Habits, Limits, Model, ModelError
from frametalk.adapters.llm.openai.pace import Pace
from frametalk.adapters.llm.openai.prompt import Prompt
from frametalk.adapters.llm.openai.providers import Provider

log = logging.getLogger(__name__)

FIRST_TOKEN_MOST_MS = 25_000.0  # a player does not wait longer, however slow the model is

_SENTENCE_ENDS = ".!?\u2026\u3002\uff01\uff1f\"'\u201d"


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model with its provider's settings, its circuit breaker and its habits.

    With a `pace`, its limit to the first token grows with how slowly it reads. `server`: if it is local.
    """

    model: Model
    provider: Provider
    breaker: Breaker
    habits: Habits = field(default_factory=Habits)
    pace: Pace | None = None
    server: LocalServer | None = None


class Answer:
    """One step's answer, from the first of `models` that gives it.

    `prompt(prefix)` makes the prompt for a model that continues after `prefix`. Every failure is an event
    `Trouble`; when no model is left, the text is `troubled`.
    """

    def __init__(
        self,
        models: Sequence[ServedModel],
        limits: Limits,
        prompt: Callable[[str], Prompt],
        troubled: str,
        *,
        may_be_silent: bool,
    ) -> None:
        self._models = models
        self._limits = limits
        self._prompt = prompt
        self._troubled = troubled
        self._may_be_silent = may_be_silent
        self._now = asyncio.get_running_loop().time
        self._due_s = self._now() + limits.first_token_ms / 1000
        self._said = ""
        self._called = False

    async def events(self) -> AsyncGenerator[MindEvent, None]:
        """Text, calls, and the failures on the way."""
        any_allowed = False
        for index, served in enumerate(self._models):
            if not served.breaker.allows(self._now()):
                continue
            any_allowed = True
            failure: ModelError | None = None
            prompt = self._prompt(self._said)
            async with aclosing(
                self._from(served, prompt, self._first_ms(index, prompt))
            ) as events:
                async for event in events:
                    if isinstance(event, ModelError):
                        failure = event
                    else:
                        yield event
            if failure is None:
                return
            log.warning("%s", failure.error)
            yield Trouble(failure.error)
            if failure.enough or self._called:
                return
        if not any_allowed:
            yield Trouble(self._unavailable().error)
        yield TextDelta(self._last_words())

    async def _from(
        self, served: ServedModel, prompt: Prompt, first_ms: float
    ) -> AsyncGenerator[MindEvent | ModelError, None]:
        """One model's events; a failure comes last. The breaker gets the result."""
        continuation = Continuation(self._said)
        attempt = Attempt(
            served.model,
            served.provider,
            self._limits,
            first_ms,
            may_be_silent=self._may_be_silent or bool(self._said),
            habits=served.habits,
        )
        reported = False
        try:
            async with aclosing(attempt.events(prompt)) as events:
                async for event in events:
                    for new in self._continued(event, continuation):
                        yield new
            reported = True
            served.breaker.succeeded()
            for new in self._new(continuation.flush()):
                yield new
        except ModelError as failure:
            reported = True
            served.breaker.failed(self._now(), sure=failure.sure, for_s=failure.for_s)
            yield failure
        finally:
            if not reported:
                served.breaker.cancelled()

    def _continued(self, event: MindEvent, continuation: Continuation) -> list[MindEvent]:
        if isinstance(event, TextDelta):
            return self._new(continuation.feed(event.text))
        if isinstance(event, ToolRequest):
            self._called = True
            return [*self._new(continuation.flush()), event]
        if isinstance(event, Dropped):
            return [*self._new(continuation.flush()), *self._drop(event.text)]
        return [event]

    def _drop(self, text: str) -> list[MindEvent]:
        if not self._said.endswith(text):
            return []  # a part of it was a repetition that was not said
        self._said = self._said.removesuffix(text)
        return [Dropped(text)]

    def _new(self, text: str) -> list[MindEvent]:
        self._said += text
        return [TextDelta(text)] if text else []

    def _first_ms(self, index: int, prompt: Prompt) -> float:
        """This model's share of the time left to the first word; later models get equal shares.

        A single model may take as long as its pace needs.
        """
        pace, least_ms = self._models[index].pace, self._limits.first_token_ms
        if len(self._models) == 1 and pace is not None:
            now_ms = self._now() * 1000
            return pace.first_ms(prompt.characters, now_ms, least_ms, FIRST_TOKEN_MOST_MS)
        others = sum(
            served.breaker.state(self._now()) is not BreakerState.OPEN
            for served in self._models[index + 1 :]
        )
        left_ms = (self._due_s - self._now()) * 1000
        return (self._limits.first_token_ms if self._said else max(left_ms, 0)) / (1 + others)

    def _unavailable(self) -> ModelError:
        wait_s = min(served.breaker.opens_in_s(self._now()) for served in self._models)
        return ModelError(
            "mind_unavailable", f"every model has failed; the next try is in {wait_s:.0f} s"
        )

    def _last_words(self) -> str:
        said = self._said.rstrip()
        if not said:
            return self._troubled
        ellipsis = "" if said[-1] in _SENTENCE_ENDS else "\u2026"
        return f"{ellipsis} {self._troubled}"
