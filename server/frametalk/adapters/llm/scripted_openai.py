"""The adapter `scripted+openai`: a script answers what its patterns know, a model the rest."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from frametalk.adapters.abilities import Advice
from frametalk.adapters.base import MindEvent, MindRequest
from frametalk.adapters.llm.openai.mind import OpenAiMind
from frametalk.adapters.llm.scripted import ScriptedMind
from frametalk.adapters.registry import build
from frametalk.core.languages import SetLines


class ScriptedOpenAiMind:
    """Characters of files, with a language model behind their patterns.

    What the script surely knows, it answers alone and at once: commands and their tool calls, and talk
    that is nearly a pattern. Everything else goes to the model, which knows from the history what the
    script said and did, and calls no tools unless its option `tool_choice` lets it. When the model fails,
    or a quick answer is wanted, the script's line for words that it did not understand is said. `openai`
    and `scripted` are the options of those two adapters.
    """

    has_quick_answers = True

    def __init__(
        self,
        *,
        openai: dict[str, Any],
        scripted: dict[str, Any] | None = None,
        characters: tuple[str, ...] = (),
    ) -> None:
        files = {"characters": characters}
        where = "[llm.options.{}]"
        self._script: ScriptedMind = build(
            ScriptedMind, {**files, **(scripted or {})}, where.format("scripted")
        )
        self._model: OpenAiMind = build(
            OpenAiMind, {**files, "tool_choice": "none", **openai}, where.format("openai")
        )
        self.characters = self._script.characters
        self.hosts = self._model.hosts

    async def start(self) -> None:
        """Load the model's library; its server may still be down."""
        await self._script.start()
        await self._model.start()

    async def close(self) -> None:
        """Close the model's connections; safe twice."""
        await self._model.close()
        await self._script.close()

    async def check(self) -> None:
        """Check that every model's server answers. Raises AdapterError of the first that does not."""
        await self._model.check()

    async def advice(self, *, thorough: bool) -> tuple[Advice, ...]:
        """What keeps the model from calling tools, if it is to call some."""
        return await self._model.advice(thorough=thorough)

    async def warm(self, request: MindRequest) -> None:
        """Have the model's server read the beginning of the session's prompts."""
        await self._model.warm(request)

    def if_refused(self, request: MindRequest) -> str:
        """As the script says it, which reports how calls end."""
        return self._script.if_refused(request)

    async def think(self, request: MindRequest) -> AsyncGenerator[MindEvent, None]:
        """One step, of the script or of the model."""
        if request.quick or await self._script.knows(request):
            events = self._script.think(request)
        else:
            events = self._model.think(request, self._script.not_understood(request))
        async with aclosing(events):
            async for event in events:
                yield event

    def phrases(self, character: str) -> tuple[str, ...]:
        """The patterns in the character's file; the model understands more."""
        return self._script.phrases(character)

    def set_lines(self, character: str) -> SetLines:
        """The file's own set lines."""
        return self._script.set_lines(character)

    def greeting(self, character: str) -> str:
        """The file's greeting."""
        return self._script.greeting(character)
