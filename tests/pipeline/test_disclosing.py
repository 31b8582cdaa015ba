"""The spoken disclosure comes before everything else that a character says, until it was heard."""

from __future__ import annotations

import pytest

from frametalk.adapters.llm.fixed import FixedMind
from frametalk.config import FrametalkSettings, PrivacySettings
from frametalk.wire import messages as m
from player import Player, engines, playing

pytestmark = pytest.mark.looptime

LINE = "I am a machine."
SETTINGS = FrametalkSettings(privacy=PrivacySettings(speak_disclosure=True, disclosure=LINE))


class Greeter(FixedMind):
    def greeting(self, character: str) -> str:
        return "Well met!"


def said(player: Player, reply: int) -> list[str]:
    return [text.text for text in player.of(m.ReplyText) if text.reply == reply]


async def test_the_character_says_it_by_itself_before_the_first_turn() -> None:
    async with playing(settings=SETTINGS) as player:
        await player.enter()
        end = await player.until(m.ReplyEnd)
        assert (said(player, end.reply), player.of(m.ReplyBegin)[0].turn) == ([LINE], 0)


async def test_it_comes_before_the_greeting() -> None:
    async with playing(engines(Greeter()), SETTINGS) as player:
        await player.enter()
        player.link.send(m.SceneEvent(name="player_entered"))
        end = await player.until(m.ReplyEnd)
        assert said(player, end.reply) == [LINE, "Well met!"]


async def test_it_comes_before_the_answer_to_a_player_who_speaks_first() -> None:
    async with playing(settings=SETTINGS) as player:
        await player.enter()
        player.link.send(m.Say(text="open the door"))
        end = await player.until(m.ReplyEnd)
        assert said(player, end.reply)[0] == LINE
        await player.until(m.TurnStateChanged, lambda s: s.state == "idle")
        player.link.send(m.Say(text="open the door"))
        end = await player.until(m.ReplyEnd, lambda item: item.reply > end.reply)
        assert LINE not in said(player, end.reply)


async def test_a_turn_that_it_opens_is_measured_to_its_sound() -> None:
    async with playing(engines(FixedMind(first_token_ms=900)), SETTINGS) as player:
        await player.enter()
        await player.sound(400, loud=True)
        await player.sound(3_000, loud=False)  # the microphone stays open while the reply begins
        trace = await player.until(m.Trace)
        assert said(player, trace.reply)[0] == LINE
    assert trace.unmeasured == ""
    assert trace.mouth_to_ear_ms is not None
    assert trace.mouth_to_ear_ms < 900, "it does not wait for the mind"
    assert sum(part.ms for part in trace.stages) == pytest.approx(trace.mouth_to_ear_ms, abs=1)


async def test_it_is_said_again_if_it_was_not_heard() -> None:
    async with playing(settings=SETTINGS) as player:
        await player.enter()
        player.plays = False
        begin = await player.until(m.ReplyBegin)
        player.link.send(m.Say(text="open the door"))
        player.plays = True
        end = await player.until(m.ReplyEnd, lambda item: item.reply > begin.reply)
        assert said(player, end.reply)[0] == LINE


async def test_without_the_setting_it_is_only_shown() -> None:
    async with playing() as player:
        await player.enter()
        player.link.send(m.Say(text="open the door"))
        await player.until(m.ReplyEnd)
        assert all("machine" not in text.text for text in player.of(m.ReplyText))
