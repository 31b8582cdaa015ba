"""A mind of language models: characters from files, prompts, answers with fallbacks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Literal

from frametalk.adapters.abilities import Advice
from frametalk.adapters.base import MindEvent, MindRequest, ToolRequest
from frametalk.adapters.llm.character import Character, load_all, phrases
from frametalk.adapters.llm.openai.fallback import Answer, ServedModel
from frametalk.adapters.llm.openai.fitting import fitted
from frametalk.adapters.llm.openai.models import Limits, ModelError
from frametalk.adapters.llm.openai.prompt import Budgets, Prompt, ToolChoice, opening, prompt
from frametalk.adapters.llm.openai.providers import host_of
from frametalk.adapters.llm.openai.tool_check import DROPPED_REMEDY, dropped_text, drops_tools
from frametalk.core.languages import SetLines

log = logging.getLogger(__name__)

WarmUps = Literal["local", "always", "never"]


class ModelMind:
    """Plays the characters of files with the first of `models` that answers. Stateless.

    `characters`: paths of character files, or names of built-in ones; empty is the blacksmith.
    """

    def __init__(
        self,
        models: Sequence[ServedModel],
        characters: tuple[str, ...],
        limits: Limits,
        budgets: Budgets,
        tool_choice: ToolChoice = "auto",
        *,
        warm: WarmUps = "never",
    ) -> None:
        self._models = tuple(models)
        self._characters = load_all(characters)
        self._limits = limits
        self._budgets = budgets
        self._tool_choice = tool_choice
        self._warm = warm
        self.characters = tuple(self._characters)
        self.hosts = tuple(filter(None, (host_of(served.provider) for served in self._models)))

    async def start(self) -> None:
        """Load the library; the models' servers may still be down."""
        for served in self._models:
            await served.model.start()

    async def check(self) -> None:
        """Check that every model's server answers. Raises AdapterError of the first that does not."""
        try:
            for served in self._models:
                await served.model.check()
        except ModelError as failure:
            raise failure.error from None

    async def advice(self, *, thorough: bool) -> tuple[Advice, ...]:
        """What keeps models from calling tools: two short requests to each local server of known make.

        `thorough`: to the others, too.
        """
        if self._tool_choice == "none":
            return ()
        asked = [
            served.model for served in self._models if thorough or await _keeps_prompts(served)
        ]
        dropped = [model for model in asked if await drops_tools(model)]
        return tuple(Advice(dropped_text(model.name), DROPPED_REMEDY) for model in dropped)

    async def warm(self, request: MindRequest) -> None:
        """Have the first model's server read the beginning of the session's prompts."""
        served, now = self._models[0], asyncio.get_running_loop().time
        if self._warm == "never" or (self._warm == "local" and not await _keeps_prompts(served)):
            return
        persona = self._character(request.character).persona
        begun = opening(request, persona, self._budgets, self._tool_choice)
        if served.pace is not None:
            served.pace.began(begun.characters, now() * 1000)
        try:
            async with aclosing(served.model.answer(begun)) as pieces:
                async for _piece in pieces:
                    pass
        except ModelError as failure:
            log.info("not warmed up: %s", failure)
        finally:
            if served.pace is not None:
                served.pace.ended()

    async def close(self) -> None:
        """Close the models' connections; safe twice."""
        await asyncio.gather(*(served.model.close() for served in self._models))

    async def think(
        self, request: MindRequest, last_words: str = ""
    ) -> AsyncGenerator[MindEvent, None]:
        """One step. Failures of models and servers are events `Trouble`, not exceptions.

        When every model has failed, the character says `last_words`; empty: one of its own lines.
        """
        character = self._character(request.character)

        def prompt_after(prefix: str) -> Prompt:
            return prompt(request, character.persona, self._budgets, self._tool_choice, prefix)

        answer = Answer(
            self._models,
            self._limits,
            prompt_after,
            last_words or character.troubled[request.turn % len(character.troubled)],
            may_be_silent=bool(request.said),
        )
        async with aclosing(answer.events()) as events:
            async for event in events:
                if not isinstance(event, ToolRequest):
                    yield event
                elif self._tool_choice != "none":  # else the server ignored that none were offered
                    yield fitted(event, request.tools, request.scene)

    def phrases(self, character: str) -> tuple[str, ...]:
        """The patterns in the character's file; a model understands more."""
        return phrases(self._character(character))

    def set_lines(self, character: str) -> SetLines:
        """The file's own set lines."""
        return self._character(character).set_lines

    def greeting(self, character: str) -> str:
        """The file's greeting."""
        return self._character(character).greeting

    def _character(self, name: str) -> Character:
        return self._characters.get(name) or self._characters[self.characters[0]]


async def _keeps_prompts(served: ServedModel) -> bool:
    """Whether requests to this server are free, and it keeps what it has read."""
    return served.server is not None and await served.server.keeps_prompts()
