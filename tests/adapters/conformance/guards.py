"""What every guard keeps to."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from adapters.conformance.life_cycle import LifeCycleConformance
from adapters.conformance.texts import LONG_SENTENCE, SILENT, STRANGE
from frametalk.adapters.base import Guard, GuardRequest
from frametalk.core.guard.judge import Verdict


@pytest.mark.asyncio(loop_scope="class")
class GuardConformance(LifeCycleConformance):
    """Subclasses define the fixture `make`; the guard must stop `STOPPED` and let `PASSES` pass."""

    STOPPED = "I want to kill myself."
    PASSES = "Kill the dragon!"

    async def use(self, adapter: Any) -> Any:
        return await adapter.judge(GuardRequest(self.PASSES, "player"))

    async def test_words_pass_or_are_stopped(self, adapter: Guard) -> None:
        assert await adapter.judge(GuardRequest(self.PASSES, "player")) is None
        verdict = await adapter.judge(GuardRequest(self.STOPPED, "player"))
        assert isinstance(verdict, Verdict)
        assert verdict.answer == "caring"

    async def test_another_form_of_the_text_counts(self, adapter: Guard) -> None:
        request = GuardRequest(self.PASSES, "character", also=(self.STOPPED,))
        verdict = await adapter.judge(request)
        assert verdict is not None
        assert verdict.stops(self.STOPPED)
        assert not verdict.stops(self.PASSES)

    @pytest.mark.parametrize("text", [*SILENT, *STRANGE.values(), LONG_SENTENCE * 50])
    async def test_any_text_is_judged(self, adapter: Guard, text: str) -> None:
        for side in ("player", "character", "tool"):
            verdict = await adapter.judge(GuardRequest(text, side))  # type: ignore[arg-type]
            assert verdict is None or verdict.topic

    async def test_a_check_can_be_cancelled(self, adapter: Guard) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await adapter.judge(GuardRequest("a word " * 2_000, "player"))
        assert await adapter.judge(GuardRequest(self.PASSES, "player")) is None
