"""A mind with a fixed text at a fixed pace, for tests and benches."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import Any

from frametalk.adapters.base import MindEvent, MindRequest, TextDelta, ToolRequest


class FixedMind:
    """Says `text` word by word: the first after `first_token_ms`, then `tokens_per_s` (0: at once).

    With `tool` ({"name": ..., "args": {...}}) its first step requests that call, and the second speaks.
    """

    characters: tuple[str, ...] = ("fixed",)

    def __init__(
        self,
        text: str = "As you wish.",
        first_token_ms: float = 0,
        tokens_per_s: float = 0,
        tool: Mapping[str, Any] | None = None,
    ) -> None:
        self._text = text
        self._first_s = first_token_ms / 1000
        self._gap_s = 1 / tokens_per_s if tokens_per_s else 0.0
        self._tool = tool

    async def start(self) -> None:
        """Nothing to load."""

    async def close(self) -> None:
        """Nothing to free."""

    async def think(self, request: MindRequest) -> AsyncGenerator[MindEvent, None]:
        """The call in step 0 if there is a tool, else the text."""
        if self._first_s:
            await asyncio.sleep(self._first_s)
        if self._tool is not None and request.step == 0:
            yield ToolRequest(self._tool["name"], dict(self._tool.get("args", {})))
            return
        for index, word in enumerate(self._text.split()):
            if index and self._gap_s:
                await asyncio.sleep(self._gap_s)
            yield TextDelta(f" {word}" if index else word)

    def phrases(self, character: str) -> tuple[str, ...]:
        """None: every text gets the same answer."""
        return ()

    def greeting(self, character: str) -> str:
        """None."""
        return ""
