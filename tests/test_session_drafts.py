"""Replies that are drafted before the turn has surely ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from frametalk.adapters.asr.fixed import FixedRecogniser, FixedStream
from frametalk.adapters.base import (
    Bias,
    Hypothesis,
)
from frametalk.adapters.llm.fixed import FixedMind
from frametalk.config import (
    FrametalkSettings,
    TurnSettings,
)
from frametalk.core.dialogue import PlayerSaid
from frametalk.wire import messages as m
from frametalk.wire.codec import Media
from player import DOOR, OPEN, RecordedMind, engines, playing

pytestmark = pytest.mark.looptime


async def test_the_reply_is_ready_when_the_turn_ends() -> None:
    mind = FixedMind("Very well.", first_token_ms=100)
    async with playing(engines(mind, first_chunk_ms=20)) as player:
        await player.enter()
        await player.speak()
        trace = await player.until(m.Trace)
        stages = {stage.stage: stage.ms for stage in trace.stages}
        assert trace.ready
        assert stages["mind_first_token"] == stages["voice_first_sound"] == 0
        endpoint_delay_ms = FrametalkSettings().turns.endpoint_delay_complete_ms
        assert stages["endpoint_wait"] == pytest.approx(endpoint_delay_ms, abs=33)


async def test_nothing_of_a_draft_is_sent_before_the_turn_ends() -> None:
    mind = FixedMind("It is open.", tool={"name": "open", "args": {"target": "door"}})
    async with playing(engines(mind)) as player:
        await player.enter()
        await player.sound(400, loud=True)
        await player.sound(160, loud=False)
        assert player.of(m.TurnStateChanged)[-1].state == "holding"
        kinds = {type(item) for item in player.seen}
        assert not kinds & {m.ReplyBegin, m.ReplyText, m.ToolCall, Media}
        await player.sound(200, loud=False)
        await player.until(m.ToolCall)


async def test_a_pause_inside_a_turn_leaves_no_trace_of_the_first_draft() -> None:
    mind = RecordedMind("It is open.", tool={"name": "open", "args": {"target": "door"}})
    async with playing(engines(mind, ["open the door and the chest"])) as player:
        await player.enter()
        await player.sound(400, loud=True)
        await player.sound(160, loud=False)
        await player.speak(400)
        call = await player.until(m.ToolCall)
        player.link.send(m.ToolResult(call=call.call, ok=True))
        trace = await player.until(m.Trace)
        assert trace.discarded == 1
        assert len(player.of(m.ToolCall)) == 1
        assert len(player.of(m.ReplyBegin)) == 1
        finals = [item for item in player.of(m.Transcript) if item.final]
        assert [(item.turn, item.rev) for item in finals] == [(1, 2)]
        assert [entry.text for entry in mind.requests[-1].history if hasattr(entry, "text")] == [
            "open the door and the chest"
        ]


LOOK = replace(OPEN, name="look", changes_world=False)


async def test_a_tool_without_effects_may_run_before_the_turn_ends() -> None:
    mind = RecordedMind("A red one.", tool={"name": "look", "args": {"target": "door"}})
    async with playing(engines(mind)) as player:
        await player.enter(replace(DOOR, affordances=()), tools=(LOOK,))
        await player.sound(400, loud=True)
        await player.sound(160, loud=False)
        call = await player.until(m.ToolCall)
        assert (call.reply, call.at) == (None, 0)
        player.link.send(m.ToolResult(call=call.call, ok=True, value="red"))
        await player.sound(300, loud=False)
        await player.until(m.ReplyText, lambda item: item.text == "A red one.")
        assert [outcome.value for outcome in mind.requests[-1].outcomes] == ["red"]
        assert len(player.of(m.ToolCall)) == 1


async def test_a_lookup_for_a_discarded_draft_is_cancelled() -> None:
    mind = FixedMind("A red one.", tool={"name": "look", "args": {"target": "door"}})
    async with playing(engines(mind)) as player:
        await player.enter(replace(DOOR, affordances=()), tools=(LOOK,))
        await player.sound(400, loud=True)
        await player.sound(160, loud=False)
        call = await player.until(m.ToolCall)
        await player.sound(200, loud=True)
        await player.until(m.ToolCancel, lambda item: item.call == call.call)
        player.link.send(m.ToolResult(call=call.call, ok=True, value="red"))
        await player.sound(700, loud=False)
        await player.until(m.ToolCall, lambda item: item.call == 2)
        assert player.error_codes == []


async def test_speech_before_the_reply_is_heard_continues_the_turn() -> None:
    mind = RecordedMind("Very well.", first_token_ms=600)
    async with playing(engines(mind, ["open the door"])) as player:
        await player.enter()
        await player.sound(400, loud=True)
        await player.sound(400, loud=False)
        first = await player.until(m.Transcript, lambda item: item.final)
        await player.speak(400)
        await player.until(m.ReplyBegin)
        finals = [item for item in player.of(m.Transcript) if item.final]
        assert [(item.turn, item.rev) for item in finals] == [(1, first.rev), (1, first.rev + 1)]
        said = [entry for entry in mind.requests[-1].history if isinstance(entry, PlayerSaid)]
        assert len(said) == 1, "the player's words are there once"
        assert player.error_codes == []


async def test_a_continued_turn_cuts_the_begun_reply_at_sample_0() -> None:
    async with playing(engines(RecordedMind("Very well."), ["open the door"])) as player:
        await player.enter()
        player.plays = False
        await player.sound(400, loud=True)
        await player.sound(400, loud=False)
        await player.until(m.ReplyBegin)
        await player.sound(400, loud=True)
        cut = await player.until(m.ReplyCut)
        assert (cut.reason, cut.at) == ("continued", 0)
        await player.sound(500, loud=False)
        await player.until(m.ReplyBegin, lambda item: item.reply == 2 and item.turn == 1)


async def test_discarded_drafts_are_limited() -> None:
    settings = FrametalkSettings(turns=TurnSettings(discarded_drafts_per_turn=2))
    mind = RecordedMind("Very well.")
    async with playing(engines(mind), settings) as player:
        await player.enter()
        for _ in range(5):
            await player.sound(300, loud=True)
            await player.sound(160, loud=False)
        await player.sound(500, loud=False)
        trace = await player.until(m.Trace)
        assert trace.discarded == 2
        assert len(mind.requests) == 3
        assert not trace.ready


async def test_the_mind_knows_tool_effects_from_before_a_continuation() -> None:
    mind = RecordedMind("It is open.", tool={"name": "open", "args": {"target": "door"}})
    async with playing(engines(mind, ["open the door"])) as player:
        await player.enter()
        player.plays = False
        await player.sound(400, loud=True)
        await player.sound(300, loud=False)
        call = await player.until(m.ToolCall)
        player.link.send(m.ToolResult(call=call.call, ok=True, value="it creaks"))
        await player.sound(100, loud=False)
        await player.sound(400, loud=True)
        assert (await player.until(m.ReplyCut)).reason == "continued"
        await player.sound(100, loud=False)
        again = [request for request in mind.requests if request.step == 0][-1]
        assert [(one.state, one.value) for one in again.outcomes] == [("done", "it creaks")]
        assert [one for one in again.history if isinstance(one, PlayerSaid)][-1].text
        assert player.error_codes == []


class Follows(FixedStream):
    """Knows only the words that were said so far."""

    async def finalize(self) -> Hypothesis:
        return self._hypothesis(self._emitted, self._emitted)


class Following(FixedRecogniser):
    """Hears one text, a word every quarter of a second."""

    def open(self, bias: Bias, on_partial: Callable[[Hypothesis], None]) -> FixedStream:
        return Follows(self._texts[0], 0, on_partial)


async def test_words_after_a_pause_arrive_under_the_next_revision() -> None:
    text = "open the door and then light the torch"
    with_engines = replace(engines(RecordedMind("Very well.")), asr=Following([text]))
    async with playing(with_engines) as player:
        await player.enter()
        await player.sound(800, loud=True)
        await player.sound(160, loud=False)
        await player.sound(1_200, loud=True)
        told = [(item.rev, item.text) for item in player.of(m.Transcript)]
        assert told[-1][0] == 2
        assert len({text for rev, text in told if rev == 2}) >= 3
        assert [rev for rev, _text in told] == sorted(rev for rev, _text in told)
        await player.sound(1_600, loud=False)
        final = await player.until(m.Transcript, lambda item: item.final)
        assert (final.rev, final.text) == (2, told[-1][1])
