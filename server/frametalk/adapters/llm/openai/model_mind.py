"""A mind of language models: characters from files, prompts, answers with fallbacks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from frametalk.adapters.base import MindEvent, MindRequest, ToolRequest
from frametalk.adapters.llm.character import Character, load_all, phrases
from frametalk.adapters.llm.openai.fallback import Answer, ServedModel
from frametalk.adapters.llm.openai.fitting import fitted
from frametalk.adapters.llm.openai.models import Limits, ModelError
from frametalk.adapters.llm.openai.prompt import Budgets, Prompt, ToolChoice, prompt


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
    ) -> None:
        self._models = tuple(models)
        self._characters = load_all(characters)
        self._limits = limits
        self._budgets = budgets
        self._tool_choice = tool_choice
        self.characters = tuple(self._characters)

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

    async def close(self) -> None:
        """Close the models' connections; safe twice."""
        await asyncio.gather(*(served.model.close() for served in self._models))

    async def think(self, request: MindRequest) -> AsyncGenerator[MindEvent, None]:
        """One step. Failures of models and servers are events `Trouble`, not exceptions."""
        character = self._character(request.character)

        def prompt_after(prefix: str) -> Prompt:
            return prompt(request, character.persona, self._budgets, self._tool_choice, prefix)

        answer = Answer(
            self._models,
            self._limits,
            prompt_after,
            character.troubled[request.turn % len(character.troubled)],
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

    def greeting(self, character: str) -> str:
        """The file's greeting."""
        return self._character(character).greeting

    def _character(self, name: str) -> Character:
        return self._characters.get(name) or self._characters[self.characters[0]]
