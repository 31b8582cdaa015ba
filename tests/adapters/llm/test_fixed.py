"""The fixed mind says its text at the configured pace."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from adapters.conformance.minds import MindConformance
from frametalk.adapters.base import MindRequest, TextDelta, ToolRequest
from frametalk.adapters.llm.fixed import FixedMind


class TestFixedMind(MindConformance):
    @pytest.fixture(scope="class")
    @classmethod
    def make(cls) -> Callable[[], FixedMind]:
        return lambda: FixedMind("Well, well. Who goes there?")


class TestFixedMindWithATool(MindConformance):
    @pytest.fixture(scope="class")
    @classmethod
    def make(cls) -> Callable[[], FixedMind]:
        return lambda: FixedMind(tool={"name": "open", "args": {"target": "door"}})


@pytest.mark.looptime
async def test_tokens_come_at_the_configured_pace() -> None:
    mind = FixedMind("one two three", first_token_ms=100, tokens_per_s=50)
    loop = asyncio.get_running_loop()
    began, tokens = loop.time(), []
    async for event in mind.think(MindRequest("", 1, "")):
        assert isinstance(event, TextDelta)
        tokens.append((event.text, round((loop.time() - began) * 1000)))
    assert tokens == [("one", 100), (" two", 120), (" three", 140)]


async def test_a_tool_is_requested_before_the_text() -> None:
    mind = FixedMind("Done.", tool={"name": "open", "args": {"target": "door"}})
    first = [event async for event in mind.think(MindRequest("", 1, ""))]
    second = [event async for event in mind.think(MindRequest("", 1, "", step=1))]
    assert first == [ToolRequest("open", {"target": "door"})]
    assert second == [TextDelta("Done.")]
