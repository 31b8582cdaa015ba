"""Providers in order: the next one goes on where one failed; the last resort is a scripted line."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from frametalk.adapters.base import MindEvent, TextDelta, ToolRequest, Trouble
from frametalk.adapters.llm.openai.attempt import Attempt
from frametalk.adapters.llm.openai.breaker import Breaker, BreakerState
from frametalk.adapters.llm.openai.continuation import Continuation
from frametalk.adapters.llm.openai.models import Limits, Model, ModelError
from frametalk.adapters.llm.openai.prompt import Prompt
from frametalk.adapters.llm.openai.providers import Provider

log = logging.getLogger(__name__)

_SENTENCE_ENDS = ".!?\u2026\u3002\uff01\uff1f\"'\u201d"


@dataclass(frozen=True, slots=True)
class Served:
    """A model, how it is paid, and whether it is to be asked at present."""

    model: Model
    provider: Provider
    breaker: Breaker


class Answer:
    """One step's answer, from whichever of `served` can give it.

    `prompt(prefix)` makes the prompt for a model that shall go on after `prefix`. Every failure is told
    as `Trouble`; when nobody is left, `troubled` is said.
    """

    def __init__(
        self,
        served: Sequence[Served],
        limits: Limits,
        prompt: Callable[[str], Prompt],
        troubled: str,
        *,
        may_be_silent: bool,
    ) -> None:
        self._served = served
        self._limits = limits
        self._prompt = prompt
        self._troubled = troubled
        self._may_be_silent = may_be_silent
        self._now = asyncio.get_running_loop().time
        self._due_s = self._now() + limits.first_token_ms / 1000
        self._said = ""
        self._called = False

    async def events(self) -> AsyncGenerator[MindEvent, None]:
        """What is said and called, and the troubles on the way."""
        asked = False
        for index, one in enumerate(self._served):
            if not one.breaker.ask(self._now()):
                continue
            asked = True
            failure: ModelError | None = None
            async with aclosing(self._from(one, self._first_ms(index))) as events:
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
        if not asked:
            yield Trouble(self._unavailable().error)
        yield TextDelta(self._last_words())

    async def _from(
        self, one: Served, first_ms: float
    ) -> AsyncGenerator[MindEvent | ModelError, None]:
        """One model's part; a failure comes last. The breaker hears how it ended."""
        joined = Continuation(self._said)
        attempt = Attempt(
            one.model,
            one.provider,
            self._limits,
            first_ms,
            may_be_silent=self._may_be_silent or bool(self._said),
        )
        reported = False
        try:
            async with aclosing(attempt.events(self._prompt(self._said))) as events:
                async for event in events:
                    for told in self._joined(event, joined):
                        yield told
            reported = True
            one.breaker.succeeded()
            for told in self._new(joined.flush()):
                yield told
        except ModelError as failure:
            reported = True
            one.breaker.failed(self._now(), sure=failure.sure, for_s=failure.for_s)
            yield failure
        finally:
            if not reported:
                one.breaker.withdrawn()

    def _joined(self, event: MindEvent, joined: Continuation) -> list[MindEvent]:
        if isinstance(event, TextDelta):
            return self._new(joined.feed(event.text))
        if isinstance(event, ToolRequest):
            self._called = True
            return [*self._new(joined.flush()), event]
        return [event]

    def _new(self, text: str) -> list[MindEvent]:
        self._said += text
        return [TextDelta(text)] if text else []

    def _first_ms(self, index: int) -> float:
        """What is left until something must be said, shared with those that could be asked after it."""
        others = sum(
            one.breaker.state(self._now()) is not BreakerState.OPEN
            for one in self._served[index + 1 :]
        )
        left_ms = (self._due_s - self._now()) * 1000
        return (self._limits.first_token_ms if self._said else max(left_ms, 0)) / (1 + others)

    def _unavailable(self) -> ModelError:
        wait_s = min(one.breaker.opens_in_s(self._now()) for one in self._served)
        return ModelError(
            "mind_unavailable", f"no model is asked: all have failed; again in {wait_s:.0f} s"
        )

    def _last_words(self) -> str:
        said = self._said.rstrip()
        if not said:
            return self._troubled
        broken_off = "" if said[-1] in _SENTENCE_ENDS else "\u2026"
        return f"{broken_off} {self._troubled}"
