"""The guard in whole conversations over a memory link: before the mind, the voice and a tool."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest

from frametalk.adapters.asr.fixed import FixedRecogniser, FixedStream
from frametalk.adapters.base import (
    Bias,
    GuardRequest,
    Hypothesis,
    MindEvent,
    MindRequest,
    TextDelta,
    ToolRequest,
)
from frametalk.adapters.guard.embedded import EmbeddedGuard
from frametalk.adapters.llm.fixed import FixedMind
from frametalk.config import FrametalkSettings, GuardSettings, PrivacySettings
from frametalk.core.dialogue import PlayerSaid
from frametalk.core.guard.judge import Verdict
from frametalk.core.languages import SetLines, lines_in
from frametalk.core.tools import ToolSpec
from frametalk.engines import Engines
from frametalk.errors import AdapterError, Stage
from frametalk.wire import messages as m
from player import Player, engines, playing

pytestmark = pytest.mark.looptime

WRITE = ToolSpec("write", parameters={"type": "object"})
RUDE = "You worthless waste of space."


class Mind(FixedMind):
    """Says `pieces` one after the other, and remembers what it was asked."""

    def __init__(self, *pieces: str | ToolRequest) -> None:
        super().__init__()
        self.pieces = pieces
        self.asked: list[MindRequest] = []
        self.closed = 0

    async def think(self, request: MindRequest) -> AsyncIterator[MindEvent]:  # type: ignore[override]
        self.asked.append(request)
        try:
            for piece in self.pieces if not request.step else ("So be it.",):
                await asyncio.sleep(0.01)
                yield TextDelta(piece) if isinstance(piece, str) else piece
        finally:
            self.closed += 1

    def set_lines(self, character: str) -> SetLines:
        return SetLines(deflecting=("Bah! Not in my forge.", "I said no."))


async def guarded(mind: FixedMind, **changes: Any) -> Engines:
    guard = EmbeddedGuard()
    await guard.start()
    return replace(engines(mind), **{"guard": guard, **changes})


async def answer(player: Player, text: str, reply: int = 1) -> tuple[str, m.ReplyEnd]:
    """The whole reply to a typed turn, and its end."""
    player.link.send(m.Say(text=text))
    end = await player.until(m.ReplyEnd, lambda item: item.reply == reply)
    await player.until(m.TurnStateChanged, lambda s: s.state == "idle" and s.turn >= reply)
    return " ".join(t.text for t in player.of(m.ReplyText) if t.reply == reply), end


async def test_words_of_the_player_do_not_reach_the_mind() -> None:
    mind = Mind("Well met.")
    async with playing(await guarded(mind)) as player:
        await player.enter()
        said, end = await answer(player, "Who should I vote for?")
        assert said == "Bah! Not in my forge."
        assert end.reason == "guard"
        assert mind.asked == []
        said, end = await answer(player, "Sell me a sword.", 2)
        assert (said, end.reason) == ("Well met.", "finished")
        words = [e.text for e in mind.asked[0].history if isinstance(e, PlayerSaid)]
        assert words == ["...", "Sell me a sword."]
        said, _end = await answer(player, "Which party should I vote for?", 3)
        assert said == "I said no."
        assert player.error_codes == []


class Unsure(FixedRecogniser):
    """Also has these other readings of whatever it hears."""

    def __init__(self, text: str, *readings: str) -> None:
        super().__init__([text])
        self.readings = readings

    def open(self, bias: Bias, on_partial: Callable[[Hypothesis], None]) -> FixedStream:
        stream = super().open(bias, on_partial)
        finalize = stream.finalize

        async def final() -> Hypothesis:
            return replace(await finalize(), alternatives=self.readings)

        stream.finalize = final  # type: ignore[method-assign]
        return stream


class Counting(EmbeddedGuard):
    """Counts what it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[GuardRequest] = []

    async def judge(self, request: GuardRequest) -> Verdict | None:
        self.requests.append(request)
        return await super().judge(request)


async def test_a_turn_is_asked_for_once_with_all_its_readings_and_bad_ones_are_left_out() -> None:
    mind, guard = Mind("Well met."), Counting()
    await guard.start()
    hears = Unsure("kiss the bride", "kill yourself", "kiss a bride")
    async with playing(await guarded(mind, guard=guard, asr=hears)) as player:
        await player.enter()
        await player.speak()
        end = await player.until(m.ReplyEnd)
        assert end.reason == "finished"
    turns = [request for request in guard.requests if request.side == "player"]
    assert [request.texts for request in turns] == [
        ("kiss the bride", "kill yourself", "kiss a bride")
    ]
    assert [request.alternatives for request in mind.asked] == [("kiss a bride",)]


async def test_a_turn_whose_text_is_stopped_is_stopped_whatever_its_readings_say() -> None:
    mind = Mind("Well met.")
    hears = Unsure("kill yourself", "kiss yourself")
    async with playing(await guarded(mind, asr=hears)) as player:
        await player.enter()
        await player.speak()
        assert (await player.until(m.ReplyEnd)).reason == "guard"
    assert mind.asked == []


@pytest.mark.parametrize(
    ("text", "says"), [("Who should I vote for?", "Well met."), ("Good day.", RUDE)]
)
async def test_a_set_line_in_place_of_the_answer_is_measured_as_the_answer(
    text: str, says: str
) -> None:
    mind = Mind(says)
    async with playing(await guarded(mind, asr=FixedRecogniser([text]))) as player:
        await player.enter()
        await player.sound(400, loud=True)
        await player.sound(3_000, loud=False)  # the microphone stays open while the answer begins
        end = await player.until(m.ReplyEnd)
        (trace,) = player.of(m.Trace)
    assert end.reason == "guard"
    assert trace.unmeasured == ""
    assert sum(part.ms for part in trace.stages) == pytest.approx(trace.mouth_to_ear_ms, abs=1)
    waited = {part.stage: part.ms for part in trace.stages}
    assert {"mind_first_token", "first_clause"} <= waited.keys()


async def test_a_clause_that_must_not_be_said_is_replaced_and_the_mind_is_stopped() -> None:
    mind = Mind("Good day, friend. ", RUDE, " And much more. " * 50)
    async with playing(await guarded(mind)) as player:
        await player.enter()
        said, end = await answer(player, "Good day!")
        assert said == "Good day, friend. Bah! Not in my forge."
        assert end.reason == "guard"
        assert mind.closed == 1


async def test_a_phrase_over_two_clauses_is_not_completed() -> None:
    mind = Mind("You should kill. Yourself, of course.")
    async with playing(await guarded(mind)) as player:
        await player.enter()
        said, _end = await answer(player, "What now?")
        assert "Yourself" not in said


@pytest.mark.parametrize("text", ["You w0rthless waste of sp4ce!", "**Fu**ck off.", "F u c k you."])
async def test_a_disguise_does_not_help(text: str) -> None:
    async with playing(await guarded(Mind(text))) as player:
        await player.enter()
        said, _end = await answer(player, "Hello?")
        assert said == "Bah! Not in my forge."


async def test_a_call_with_forbidden_words_never_reaches_the_game() -> None:
    bad = ToolRequest("write", {"lines": [{"text": "kill yourself"}]})
    good = ToolRequest("write", {"lines": [{"text": "beware of the dragon"}]})
    mind = Mind(bad, good)
    async with playing(await guarded(mind)) as player:
        await player.enter(tools=(WRITE,))
        player.link.send(m.Say(text="Write on the wall."))
        call = await player.until(m.ToolCall)
        player.link.send(m.ToolResult(call=call.call, ok=True))
        await player.until(m.ReplyEnd)
        assert [c.args for c in player.of(m.ToolCall)] == [good.args]
        outcomes = mind.asked[-1].outcomes
        assert ("invalid", "these words are not allowed in a call") in [
            (o.state, o.reason) for o in outcomes
        ]


async def test_a_player_who_thinks_of_self_harm_gets_a_caring_line_and_a_number() -> None:
    settings = FrametalkSettings(guard=GuardSettings(help="Call 116 123."))
    async with playing(await guarded(Mind("Hm.")), settings) as player:
        await player.enter()
        said, _end = await answer(player, "I want to kill myself.")
        assert said.startswith("That sounds very hard")
        assert said.endswith("Call 116 123.")


async def test_the_question_whether_it_is_a_machine_is_answered_truly() -> None:
    async with playing(await guarded(Mind("Of course not."))) as player:
        await player.enter(language="de")
        said, _end = await answer(player, "Bist du eine KI?")
        assert said == lines_in("de").disclosure


async def test_children_hear_of_plain_topics_only() -> None:
    async with playing(await guarded(Mind("Have a beer with me!"))) as player:
        await player.enter(child=True)
        said, _end = await answer(player, "What shall we do?")
        assert said == "Bah! Not in my forge."
    async with playing(await guarded(Mind("Have a beer with me!"))) as player:
        await player.enter()
        said, _end = await answer(player, "What shall we do?")
        assert said == "Have a beer with me!"


class BrokenGuard(EmbeddedGuard):
    async def judge(self, request: GuardRequest) -> Verdict | None:
        raise AdapterError("guard_failed", "no answer", stage=Stage.THINK)


async def test_a_guard_that_fails_lets_nothing_pass_and_is_reported() -> None:
    async with playing(await guarded(Mind("Hello."), guard=BrokenGuard())) as player:
        await player.enter()
        said, _end = await answer(player, "Hello.")
        assert said == "Bah! Not in my forge."
        assert player.error_codes == ["guard_failed"]


class SlowGuard(EmbeddedGuard):
    async def judge(self, request: GuardRequest) -> Verdict | None:
        await asyncio.sleep(0.2)
        return await super().judge(request)


async def test_a_clause_is_not_sent_before_it_has_passed() -> None:
    guard = SlowGuard()
    await guard.start()
    async with playing(await guarded(Mind("One. Two."), guard=guard)) as player:
        await player.enter()
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        player.link.send(m.Say(text="Count!"))
        await player.until(m.ReplyText)
        assert loop.time() - began_s >= 0.4  # the player's words, then the first clause
        await player.until(m.ReplyEnd)


async def test_decisions_are_counted_without_the_words(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "frametalk")
    async with playing(await guarded(Mind(RUDE))) as player:
        await player.enter()
        await answer(player, "Hello.")
        assert player.session is not None
        page = player.session.state.context.metrics.exposition().decode()
        assert 'frametalk_guard_stops_total{topic="harassment",where="character"} 1.0' in page
    assert "worthless" not in caplog.text
    assert "the guard stopped words of the character: harassment" in caplog.messages


async def test_a_discarded_draft_leaves_no_decision() -> None:
    mind = Mind(RUDE)
    texts = ["hello", "hello there my old friend"]
    eng = await guarded(mind, asr=engines(texts=texts).asr)
    async with playing(eng, FrametalkSettings(privacy=PrivacySettings())) as player:
        await player.enter()
        await player.sound(400, loud=True)
        await player.sound(100, loud=False)
        await player.sound(400, loud=True)
        await player.sound(1500, loud=False)
        await player.until(m.ReplyEnd)
        assert player.session is not None
        page = player.session.state.context.metrics.exposition().decode()
        assert 'where="character"} 1.0' in page
