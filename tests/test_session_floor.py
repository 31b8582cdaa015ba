"""Who has the floor: barge-ins, backchannels, hints, holds, buttons and cut scenes."""

from __future__ import annotations

import pytest

from frametalk.adapters.llm.fixed import FixedMind
from frametalk.config import (
    FrametalkSettings,
    TurnSettings,
)
from frametalk.wire import messages as m
from frametalk.wire.codec import Media
from player import OPEN, Player, RecordedMind, engines, playing

pytestmark = pytest.mark.looptime


LONG = "This is a long story that goes on. " * 8


async def test_a_barge_in_cuts_the_reply_and_is_the_next_turn() -> None:
    turns = FrametalkSettings(turns=TurnSettings(soft_start_ms=0))
    texts = ["tell me a story", "stop"]
    async with playing(engines(FixedMind(LONG), texts), turns) as player:
        await player.enter()
        player.plays = False
        await player.speak()
        await player.until(m.ReplyBegin)
        player.link.send(m.Played(reply=1, sample=4_000))
        await player.speak()
        cut = await player.until(m.ReplyCut)
        assert cut.reason == "interrupted"
        final = await player.until(m.Transcript, lambda item: item.turn == 2 and item.final)
        assert final.text == "stop"
        after = player.seen[player.seen.index(cut) :]
        assert not [item for item in after if isinstance(item, Media) and item.stream == 1]
        assert not [item for item in after if isinstance(item, m.ReplyEnd) and item.reply == 1]


async def test_the_history_keeps_only_what_was_played() -> None:
    requests = []

    class Listening(FixedMind):
        def think(self, request):  # type: ignore[no-untyped-def]
            requests.append(request)
            return super().think(request)

    async with playing(engines(Listening(LONG), ["tell me more", "stop"])) as player:
        await player.enter()
        player.plays = False
        await player.speak()
        begin = await player.until(m.ReplyBegin)
        player.link.send(m.Played(reply=begin.reply, sample=8_000))
        player.link.send(m.Interrupt())
        await player.until(m.ReplyCut)
        await player.speak()
        await player.until(m.ReplyBegin, lambda item: item.reply == 2)
        said = [entry.text for entry in requests[-1].history]
        assert said[0] == "tell me more"
        assert said[2] == "stop"
        assert LONG.startswith(said[1])
        assert 0 < len(said[1]) < 20


async def test_with_half_duplex_echo_does_not_cut_the_reply() -> None:
    async with playing(engines(FixedMind(LONG))) as player:
        welcome = await player.hello(echo="half_duplex")
        assert welcome.echo == "half_duplex"
        player.link.send(m.MicStart(stream=1, rate_hz=16_000))
        player.link.send(m.Say(text="go on"))
        await player.until(m.ReplyBegin)
        player.plays = False
        await player.speak()
        assert player.of(m.ReplyCut) == []


async def test_push_to_talk_ends_the_turn_when_the_button_is_released() -> None:
    async with playing() as player:
        await player.hello()
        player.link.send(m.MicStart(stream=1, rate_hz=16_000, mode="ptt"))
        await player.sound(400, loud=True)
        await player.sound(2_000, loud=False)
        assert [item for item in player.of(m.Transcript) if item.final] == []
        player.link.send(m.MicStop(stream=1, at=player.mic_sample))
        await player.until(m.Transcript, lambda item: item.final)


async def hear_a_story(player: Player) -> int:
    """Enter and have a long reply being heard; its id."""
    await player.enter()
    player.plays = False
    await player.speak()
    begin = await player.until(m.ReplyBegin)
    player.link.send(m.Played(reply=begin.reply, sample=4_000))
    await player.until(m.TurnStateChanged, lambda item: item.state == "speaking")
    return begin.reply


async def test_a_backchannel_ducks_a_reply_and_the_reply_resumes() -> None:
    async with playing(engines(FixedMind(LONG), ["tell me a story", "uh huh"])) as player:
        reply = await hear_a_story(player)
        await player.sound(200, loud=True)
        await player.sound(300, loud=False)
        states = [item.state for item in player.of(m.TurnStateChanged)]
        assert states[-2:] == ["ducked", "speaking"]
        assert player.of(m.ReplyCut) == []
        player.link.send(m.Played(reply=reply, sample=6_000))
        assert all(item.turn == 1 for item in player.of(m.Transcript))


async def test_a_word_after_the_replys_end_is_a_turn_though_the_report_of_that_end_is_late() -> (
    None
):
    async with playing(engines(FixedMind("Yes."), ["tell me a story", "goodbye"])) as player:
        await player.enter()
        player.plays = False
        await player.speak()
        begin = await player.until(m.ReplyBegin)
        end = await player.until(m.ReplyEnd)
        heard = m.Played(reply=begin.reply, sample=end.samples - 800, mic_sample=player.mic_sample)
        player.link.send(heard)
        await player.sound(200, loud=False)
        await player.sound(300, loud=True)
        await player.sound(800, loud=False)
        final = await player.until(m.Transcript, lambda item: item.final and item.turn == 2)
        assert final.text == "goodbye"


async def test_sustained_speech_pauses_the_reply_until_it_is_classified() -> None:
    async with playing(engines(FixedMind(LONG), ["tell me a story", "okay okay right"])) as player:
        await hear_a_story(player)
        await player.sound(500, loud=True)
        await player.sound(300, loud=False)
        shown = [(item.state, item.paused) for item in player.of(m.TurnStateChanged)]
        assert shown[-3:] == [("ducked", False), ("ducked", True), ("speaking", False)]


async def test_a_reply_that_is_not_interruptible_continues() -> None:
    async with playing(engines(FixedMind(LONG), ["tell me a story", "stop"])) as player:
        await player.hello(interruptible="never", tools=(OPEN,))
        player.link.send(m.MicStart(stream=1, rate_hz=16_000))
        player.plays = False
        await player.speak()
        await player.until(m.ReplyBegin)
        player.link.send(m.Played(reply=1, sample=4_000))
        await player.speak()
        assert player.of(m.ReplyCut) == []
        player.link.send(m.Interrupt())
        await player.until(m.ReplyCut)


async def test_hints_force_hold_and_cancel_a_turn() -> None:
    async with playing() as player:
        await player.enter(features=("turn_hint",))
        await player.sound(400, loud=True)
        player.link.send(m.TurnHint(turn=1, hint="hold"))
        await player.sound(3_000, loud=False)
        assert player.of(m.ReplyBegin) == []
        player.link.send(m.TurnHint(turn=1, hint="force"))
        await player.until(m.ReplyBegin)
        await player.until(m.TurnStateChanged, lambda item: item.state == "idle")
        await player.sound(400, loud=True)
        player.link.send(m.TurnHint(turn=2, hint="cancel"))
        await player.sound(1_000, loud=False)
        assert len(player.of(m.ReplyBegin)) == 1
        player.link.send(m.TurnHint(turn=2, hint="force"))
        await player.until(m.Error)
        assert player.error_codes == ["turn_unknown"]


async def test_with_the_floor_on_hold_the_answer_waits_until_it_is_free() -> None:
    async with playing() as player:
        await player.enter(features=("floor",))
        player.link.send(m.FloorSet(mode="hold", until_ms=3_000))
        await player.speak()
        assert (await player.until(m.Transcript, lambda item: item.final)).text == "open the door"
        assert player.of(m.ReplyBegin) == []
        await player.sound(2_500, loud=False)
        await player.until(m.ReplyBegin)
        assert player.error_codes == []


async def test_a_cut_scene_silences_the_character_at_once() -> None:
    async with playing(engines(FixedMind(LONG), ["tell me a story"])) as player:
        await player.hello(features=("floor",))
        player.link.send(m.MicStart(stream=1, rate_hz=16_000))
        player.link.send(m.Say(text="tell me a story"))
        await player.until(m.ReplyBegin)
        player.link.send(m.FloorSet(mode="silence"))
        assert (await player.until(m.ReplyCut)).reason == "floor"
        await player.speak()
        player.link.send(m.Say(text="hello"))
        await player.sound(500, loud=False)
        assert len(player.of(m.ReplyBegin)) == 1
        player.link.send(m.FloorSet(mode="free"))
        await player.speak()
        await player.until(m.ReplyBegin, lambda item: item.reply == 2)


async def test_two_presses_of_the_button_are_two_turns() -> None:
    async with playing(
        engines(RecordedMind("Very well."), ["open the door", "who are you"])
    ) as player:
        await player.hello()
        for turn in (1, 2):
            player.link.send(m.MicStart(stream=turn, rate_hz=16_000, mode="ptt"))
            player.mic_sample = 0
            await player.sound(400, loud=True, stream=turn)
            await player.sound(1_000, loud=False, stream=turn)
            assert len(player.of(m.ReplyBegin)) == turn - 1, "a pause does not end it"
            player.link.send(m.MicStop(stream=turn, at=player.mic_sample))
            await player.until(m.ReplyBegin, lambda item, turn=turn: item.reply == turn)
            await player.until(m.ReplyEnd, lambda item, turn=turn: item.reply == turn)
        finals = [item for item in player.of(m.Transcript) if item.final]
        assert [item.text for item in finals] == ["open the door", "who are you"]
        assert all(word.at < 16_000 for item in finals for word in item.words)
        assert player.error_codes == []
