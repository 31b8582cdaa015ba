"""A session that misses its latency objective takes measures, and gives them up when there is room."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from frametalk.adapters.base import MindEvent, MindRequest, SpeechRequest, TextDelta
from frametalk.adapters.llm.fixed import FixedMind
from frametalk.adapters.tts.fixed import FixedVoice
from frametalk.config import CharacterSettings, FrametalkSettings, LatencySettings, ServerSettings
from frametalk.metrics import Metrics
from frametalk.session import objective_of
from frametalk.wire import messages as m
from player import Player, engines, playing

pytestmark = pytest.mark.looptime

OBJECTIVE_MS = 800


class Mind(FixedMind):
    """Takes as long as the test says, and answers more quickly when it is to."""

    has_quick_answers = True
    takes_s = 1.2

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[MindRequest] = []
        self.request_s: list[float] = []  # when they came

    async def think(self, request: MindRequest) -> AsyncIterator[MindEvent]:  # type: ignore[override]
        self.requests.append(request)
        self.request_s.append(asyncio.get_running_loop().time())
        await asyncio.sleep(0.1 if request.quick else self.takes_s)
        yield TextDelta("Well, my good friend, that door ")
        yield TextDelta("has been open all day.")


class Voice(FixedVoice):
    """Notes which voice speaks what."""

    def __init__(self) -> None:
        super().__init__()
        self.spoken: list[tuple[str, str]] = []

    async def speak(self, request: SpeechRequest) -> Any:
        self.spoken.append((request.voice, request.text))
        async for chunk in super().speak(request):
            yield chunk


async def turn(player: Player) -> m.Trace:
    """One spoken turn and its answer."""
    number = len(player.of(m.Trace))
    await player.sound(400, loud=True)
    await player.sound(3_000, loud=False)  # the microphone stays open while the answer begins
    await player.until(m.ReplyEnd, lambda end: end.reply == number + 1)
    await player.until(
        m.TurnStateChanged, lambda shown: shown.state == "idle" and shown.turn > number
    )
    return player.of(m.Trace)[-1]


def stage_ms(trace: m.Trace, stage: str) -> float:
    return next(part.ms for part in trace.stages if part.stage == stage)


def settings(**latency: Any) -> FrametalkSettings:
    return FrametalkSettings(
        latency=LatencySettings(
            objective_ms=OBJECTIVE_MS, **{"fast_voice": "small", "filler": "Hm.", **latency}
        ),
        character=CharacterSettings(voice="large"),
    )


async def test_measures_follow_each_other_until_the_objective_is_met() -> None:
    mind, voice, metrics = Mind(), Voice(), Metrics()
    async with playing(replace(engines(mind), tts=voice), settings(), metrics=metrics) as player:
        await player.enter()
        assert player.session is not None
        objective = player.session.state.context.objective
        taken = []
        for _ in range(9):
            await turn(player)
            taken.append(objective.taken)
    assert taken[0] == ()
    assert taken[1] == ("short_clause",)
    assert taken[3] == ("short_clause", "filler")
    assert taken[5] == ("short_clause", "filler", "fast_voice")
    assert taken[7] == taken[8] == ("short_clause", "filler", "fast_voice", "quick_mind")
    traces = player.of(m.Trace)
    traced = [trace.measures for trace in traces]
    assert traced == [(), *taken[:-1]], "a turn's trace says what was done for it"
    measured = [trace.mouth_to_ear_ms for trace in traces]
    assert min(measured[:-1]) > OBJECTIVE_MS, "a filler is not the answer"
    assert measured[-1] < OBJECTIVE_MS
    said = [text for _voice, text in voice.spoken]
    assert said[0] == "Well, my good friend, that door has been open all day."
    assert "Well, my good friend," in said
    assert "Hm." in said
    page = metrics.exposition().decode()
    assert 'frametalk_latency_measures_total{change="taken",measure="filler"} 1.0' in page


async def test_the_characters_own_filler_leaves_a_turn_measured_to_its_answer() -> None:
    def with_filler(filler: str) -> FrametalkSettings:
        return FrametalkSettings(
            character=CharacterSettings(filler=filler, filler_after_ms=300),
            server=ServerSettings(debug_token="a debug token of the test"),  # noqa: S106
        )

    traces = []
    for filler in ("", "Hm.", "Let me think about that for a moment, my dear friend. " * 2):
        async with playing(engines(Mind()), with_filler(filler)) as player:
            await player.enter()
            traces.append(await turn(player))
            said = [text.text for text in player.of(m.ReplyText)]
            assert filler.strip() in " ".join(said)
            assert player.session is not None
            diary = player.session.state.context.diary
            reasons = [entry.name for entry in diary.entries if "filler" in entry.name]
            assert reasons == ["a filler is said: no word after 300 ms"][: bool(filler)]
    without, short, long = (trace.mouth_to_ear_ms for trace in traces)
    assert without is not None
    assert long is not None
    assert short == pytest.approx(without, abs=1), "the filler ended before the answer began"
    assert long > without + 500, "the answer waited for its end"
    for trace in traces:
        assert sum(part.ms for part in trace.stages) == pytest.approx(trace.mouth_to_ear_ms, abs=1)
        assert stage_ms(trace, "mind_first_token") > 900


async def test_a_fast_voice_speaks_and_a_quick_mind_answers() -> None:
    mind, voice = Mind(), Voice()
    chosen = settings(measures=("fast_voice", "quick_mind"))
    async with playing(replace(engines(mind), tts=voice), chosen) as player:
        await player.enter()
        for _ in range(6):
            await turn(player)
    assert voice.spoken[0][0] == "large"
    assert voice.spoken[-1][0] == "small"
    assert not mind.requests[0].quick
    assert mind.requests[-1].quick


async def test_without_drafts_the_mind_is_asked_after_the_turns_end() -> None:
    mind = Mind()
    async with playing(engines(mind), settings(measures=("no_drafts",))) as player:
        await player.enter()
        for _ in range(3):
            await turn(player)
    ended_s = [
        shown.t_us / 1e6 for shown in player.of(m.TurnStateChanged) if shown.state == "thinking"
    ]
    pairs = zip(mind.request_s, ended_s, strict=True)
    assert [request_s < end_s for request_s, end_s in pairs] == [True, True, False]


async def test_what_is_not_needed_any_more_is_given_up() -> None:
    mind = Mind()
    async with playing(engines(mind), settings(measures=("quick_mind",))) as player:
        await player.enter()
        for _ in range(2):
            await turn(player)
        mind.takes_s = 0.0
        for _ in range(10):
            await turn(player)
        assert player.session is not None
        assert player.session.state.context.objective.taken == ()


def test_measures_that_these_engines_cannot_take_are_left_out() -> None:
    latency = LatencySettings(objective_ms=OBJECTIVE_MS)
    objective = objective_of(latency, engines())
    for _ in range(20):
        objective.answered(10 * OBJECTIVE_MS)
    assert objective.taken == ("short_clause", "filler", "no_drafts")
