"""A mind that asks language models: characters from files, prompts, answers with a last resort."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from frametalk.adapters.base import MindEvent, MindRequest, ToolRequest
from frametalk.adapters.llm.character import Character, load_all, phrases
from frametalk.adapters.llm.openai.fallback import Answer, Served
from frametalk.adapters.llm.openai.models import Limits, ModelError
from frametalk.adapters.llm.openai.prompt import Budgets, Prompt, ToolChoice, prompt


class ModelMind:
    """Plays the characters of files with `served` models, the first that can. Keeps nothing of a turn.

    `characters`: paths of character files, or names of built-in ones; without any the blacksmith.
    """

    def __init__(
        self,
        served: Sequence[Served],
        characters: tuple[str, ...],
        limits: Limits,
        budgets: Budgets,
        tool_choice: ToolChoice = "auto",
    ) -> None:
        self._served = tuple(served)
        self._cast = load_all(characters)
        self._limits = limits
        self._budgets = budgets
        self._tool_choice = tool_choice
        self.characters = tuple(self._cast)

    async def start(self) -> None:
        """Make ready to ask; the models' servers need not be up yet."""
        for one in self._served:
            await one.model.start()

    async def check(self) -> None:
        """Look whether every model's server answers. Raises AdapterError of the first that does not."""
        try:
            for one in self._served:
                await one.model.check()
        except ModelError as failed:
            raise failed.error from None

    async def close(self) -> None:
        """Close what is connected; safe twice."""
        await asyncio.gather(*(one.model.close() for one in self._served))

    async def think(self, request: MindRequest) -> AsyncGenerator[MindEvent, None]:
        """One step. Never raises for what a model or its server does: the answer is `Trouble`."""
        character = self._character(request.character)

        def prompt_after(prefix: str) -> Prompt:
            return prompt(request, character.persona, self._budgets, self._tool_choice, prefix)

        answer = Answer(
            self._served,
            self._limits,
            prompt_after,
            character.troubled[request.turn % len(character.troubled)],
            may_be_silent=bool(request.said),
        )
        async with aclosing(answer.events()) as events:
            async for event in events:
                if self._tool_choice == "none" and isinstance(event, ToolRequest):
                    continue  # a server that ignores that none was offered
                yield event

    def phrases(self, character: str) -> tuple[str, ...]:
        """The patterns of the character's file: a model understands more, but expects these."""
        return phrases(self._character(character))

    def greeting(self, character: str) -> str:
        """The file's greeting."""
        return self._character(character).greeting

    def _character(self, name: str) -> Character:
        return self._cast.get(name) or next(iter(self._cast.values()))
