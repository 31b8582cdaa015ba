"""Drafts that are made while the player still speaks, of words that do not change any more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest

from frametalk.adapters.asr.fixed import FixedRecogniser, FixedStream
from frametalk.adapters.base import Bias, Hypothesis, MindEvent, MindRequest, TextDelta
from frametalk.adapters.llm.fixed import FixedMind
from frametalk.config import FrametalkSettings, TurnSettings
from frametalk.wire import messages as m
from player import Player, engines, playing

pytestmark = pytest.mark.looptime


class Recogniser(FixedRecogniser):
    """Gives the partial texts that the test wants."""

    def open(self, bias: Bias, on_partial: Callable[[Hypothesis], None]) -> FixedStream:
        self.partial = on_partial
        return super().open(bias, lambda _text: None)


class Mind(FixedMind):
    """Takes `takes_s` to its first word; notes when it was asked, and by which words."""

    def __init__(self, takes_s: float) -> None:
        super().__init__()
        self.takes_s = takes_s
        self.asked: list[tuple[float, str]] = []

    async def think(self, request: MindRequest) -> AsyncIterator[MindEvent]:  # type: ignore[override]
        self.asked.append((asyncio.get_running_loop().time(), request.text))
        await asyncio.sleep(self.takes_s)
        yield TextDelta("It is open.")


async def spoken(player: Player, recogniser: Recogniser, *partials: str) -> tuple[float, m.Trace]:
    """Say a turn whose partial texts come 200 ms apart; when its speech ended, and its trace."""
    await player.enter()
    await player.sound(200, loud=True)
    for text in partials:
        recogniser.partial(Hypothesis(text))
        await player.sound(200, loud=True)
    await player.sound(200, loud=True)
    ended_s = asyncio.get_running_loop().time()
    await player.sound(1_500, loud=False)
    await player.until(m.ReplyEnd)
    await player.until(m.Trace)
    return ended_s, player.of(m.Trace)[-1]


async def turn(
    early_draft_ms: float, final: str, *partials: str, takes_s: float = 0.4
) -> tuple[float, m.Trace, Mind, list[Any]]:
    """A turn; its trace, and what the player was sent."""
    recogniser, mind = Recogniser([final]), Mind(takes_s)
    settings = FrametalkSettings(turns=TurnSettings(early_draft_ms=early_draft_ms))
    async with playing(replace(engines(mind), asr=recogniser), settings) as player:
        ended_s, trace = await spoken(player, recogniser, *partials)
        assert player.error_codes == []
    return ended_s, trace, mind, player.seen


async def test_the_mind_is_asked_before_the_speech_has_ended() -> None:
    ended_s, trace, mind, _seen = await turn(150, "Open the door.", "open", "open the door")
    ((asked_s, text),) = mind.asked
    assert asked_s < ended_s
    assert text == "open the door"
    assert trace.ready
    assert trace.discarded == 0
    assert sum(part.ms for part in trace.stages) == pytest.approx(trace.mouth_to_ear_ms, abs=1)


async def test_it_is_answered_sooner_than_without() -> None:
    _ended_s, early, _mind, _seen = await turn(150, "open the door", "open the door")
    _ended_s, usual, _mind, _seen = await turn(0, "open the door", "open the door")
    assert early.mouth_to_ear_ms is not None
    assert usual.mouth_to_ear_ms is not None
    assert early.mouth_to_ear_ms < usual.mouth_to_ear_ms - 100


async def test_by_default_there_is_no_such_draft() -> None:
    ended_s, _trace, mind, _seen = await turn(0, "open the door", "open the door")
    assert [asked_s > ended_s for asked_s, _text in mind.asked] == [True]


async def test_other_words_at_the_end_are_answered_and_the_draft_leaves_no_trace() -> None:
    _ended_s, trace, mind, seen = await turn(150, "open the chest", "open the door", takes_s=1.0)
    assert [text for _at, text in mind.asked] == ["open the door", "open the chest"]
    assert trace.discarded == 1
    begun = [item for item in seen if isinstance(item, m.ReplyBegin)]
    assert len(begun) == 1
    first_token = next(part.ms for part in trace.stages if part.stage == "mind_first_token")
    assert first_token > 0, "the instants of the discarded draft are not this one's"


async def test_words_that_still_change_make_no_draft() -> None:
    ended_s, _trace, mind, _seen = await turn(
        150, "open the door now", "open the", "open the door", "open the door now"
    )
    assert all(text == "open the door now" or at < ended_s for at, text in mind.asked)
    assert "open the" not in [text for _at, text in mind.asked], "it sounds incomplete"
