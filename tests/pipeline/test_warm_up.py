"""A session warms its mind up, and never suffers from it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from frametalk.adapters.base import MindEvent, MindRequest, TextDelta
from frametalk.adapters.llm.fixed import FixedMind
from frametalk.errors import AdapterError, Stage
from frametalk.wire import messages as m
from player import engines, playing

pytestmark = pytest.mark.looptime


class WarmMind(FixedMind):
    """Takes some seconds to warm up, then fails if it should."""

    def __init__(self, seconds: float = 2.0, fails: bool = False) -> None:
        super().__init__()
        self.seconds, self.fails = seconds, fails
        self.warmed: list[MindRequest] = []
        self.cancelled = 0

    async def warm(self, request: MindRequest) -> None:
        self.warmed.append(request)
        try:
            await asyncio.sleep(self.seconds)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.fails:
            raise AdapterError("mind_connect", "down", stage=Stage.THINK)

    async def think(self, request: MindRequest) -> AsyncGenerator[MindEvent, None]:
        yield TextDelta("Well met.")


async def test_a_mind_is_warmed_with_the_scene_and_the_tools() -> None:
    mind = WarmMind()
    async with playing(engines(mind)) as player:
        await player.enter()
        await asyncio.sleep(3)
    (request,) = mind.warmed
    assert (request.text, request.turn) == ("", 0)
    assert set(request.scene) == set(request.stable)
    assert request.scene
    assert request.tools


@pytest.mark.parametrize("mind", [WarmMind(1e6), WarmMind(0.1, fails=True)], ids=["hangs", "fails"])
async def test_a_warm_up_neither_delays_nor_fails_a_session(mind: WarmMind) -> None:
    async with playing(engines(mind)) as player:
        await player.enter()
        await asyncio.sleep(0.2)
        player.link.send(m.Say(text="hello"))
        assert (await player.until(m.ReplyText)).text
        await player.until(m.ReplyEnd)
        assert player.error_codes == []


async def test_another_scene_cancels_a_warm_up_that_is_under_way() -> None:
    mind = WarmMind(1e6)
    async with playing(engines(mind)) as player:
        await player.enter()
        await asyncio.sleep(1)
        player.link.send(m.SceneSnapshot(rev=9, entities=()))
        await player.until(m.SceneAck, lambda item: item.rev == 9)
        await asyncio.sleep(0)
        assert (len(mind.warmed), mind.cancelled) == (2, 1)
