"""A model that follows a script of texts, pauses, pieces and failures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from frametalk.adapters.base import MindEvent, TextDelta
from frametalk.adapters.llm.openai.models import ModelError, Piece
from frametalk.adapters.llm.openai.prompt import Prompt

Step = str | float | Piece | ModelError

STOP = Piece(finish="stop")


class ScriptedModel:
    """Answers each prompt with the next script; repeats the last one.

    A text is a token, a number is a pause in seconds.
    """

    def __init__(self, *scripts: list[Step], name: str = "scripted") -> None:
        self.name = name
        self.scripts = scripts
        self.prompts: list[Prompt] = []
        self.ended = 0  # answers that have ended in any way
        self.started = self.closed = 0

    async def start(self) -> None:
        self.started += 1

    async def check(self) -> None:
        for step in self.scripts[0]:
            if isinstance(step, ModelError):
                raise step

    async def close(self) -> None:
        self.closed += 1

    async def answer(self, prompt: Prompt) -> AsyncGenerator[Piece, None]:
        self.prompts.append(prompt)
        script = self.scripts[min(len(self.prompts), len(self.scripts)) - 1]
        try:
            for step in script:
                if isinstance(step, ModelError):
                    raise step
                if isinstance(step, float):
                    await asyncio.sleep(step)
                else:
                    yield Piece(step) if isinstance(step, str) else step
        finally:
            self.ended += 1


def said(events: list[MindEvent]) -> str:
    """All text of the events."""
    return "".join(event.text for event in events if isinstance(event, TextDelta))
