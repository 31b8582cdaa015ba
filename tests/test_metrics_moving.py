"""Each declared metric moves when a session does what it counts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from frametalk import loop_lag
from frametalk.adapters.base import MindRequest, TextDelta, ToolRequest, Usage
from frametalk.adapters.guard.embedded import EmbeddedGuard
from frametalk.adapters.llm.fixed import FixedMind
from frametalk.adapters.tts.cached import CachedVoice
from frametalk.adapters.tts.fixed import FixedVoice
from frametalk.config import FrametalkSettings
from frametalk.metrics import Metrics
from frametalk.server import Server
from frametalk.wire import messages as m
from home import at_home, break_link
from player import Player, engines, playing

MEGABYTE = 1_000_000
TEXTS = ["who are you", "open the door"]


def moved(registry: CollectorRegistry) -> Iterator[str]:
    """The metrics of which some sample is not 0."""
    for family in registry.collect():
        if any(one.value for one in family.samples if not one.name.endswith("_created")):
            yield family.name


class Opener(FixedMind):
    """Opens the door, then says so; counts what it used."""

    async def think(self, request: MindRequest) -> Any:
        yield Usage(120, 7, 0.02)
        if request.step == 0 and request.text == "open the door":
            yield ToolRequest("open", {"target": "door"})
        else:
            yield TextDelta("The door is open, so come in and take a seat by the fire.")


async def converse(player: Player) -> None:
    """A measured turn, a discarded draft and a tool call, a typed turn that is cut, an error, a split."""
    await player.enter()
    await player.speak()
    await player.until(m.Trace, lambda trace: not trace.unmeasured)
    await player.until(m.TurnStateChanged, lambda shown: shown.state == "idle")
    await player.sound(400, loud=True)
    await player.sound(160, loud=False)  # a pause in which a draft is made
    await player.sound(200, loud=True)
    await player.sound(700, loud=False)
    call = await player.until(m.ToolCall)
    player.link.send(m.ToolResult(call=call.call, ok=True))
    await player.until(m.Trace, lambda trace: trace.turn == 2)
    player.plays = False
    player.link.send(m.Say(text="hello"))
    reply = await player.until(m.ReplyBegin, lambda begin: begin.turn == 3)
    await asyncio.sleep(0.1)
    cost = m.FrameCost(frames=90, p99_ms=0.3, max_ms=0.4)
    player.link.send(m.Played(reply=reply.reply, sample=320, underruns=2, frame_cost=cost))
    player.link.send(m.Interrupt())
    await player.until(m.ReplyCut)
    player.link.send(m.Focus(entity="nothing"))
    await player.until(m.Error)
    await player.speak()
    spoken = await player.until(m.ReplyBegin, lambda begin: begin.turn == 4)
    for sample in range(4_000, 28_000, 4_000):
        player.link.send(m.Played(reply=spoken.reply, sample=sample))
        await asyncio.sleep(0.01)
    await player.speak()
    await player.until(m.ReplyCut, lambda cut: cut.reply == spoken.reply)


@pytest.mark.looptime
async def test_a_session_moves_every_metric() -> None:
    metrics = Metrics()
    fixed = engines(Opener(), TEXTS)
    cached = CachedVoice(FixedVoice(), MEGABYTE, metrics.voice_cache)
    server = Server(FrametalkSettings(), fixed, metrics)
    server.metrics.ready(250)
    server.metrics.measure("filler", taken=True)  # by sessions: test_session_objective
    server.metrics.unwritten("record")  # by a disk that fails: test_server
    for _timer in range(loop_lag.SAMPLES):
        server.lag.observe(3)
    async with playing(replace(fixed, tts=cached), metrics=metrics) as player:
        await converse(player)
        seen = set(moved(metrics.registry))
    async with at_home() as home:
        before = home.connect()
        await before.enter(features=("resume",))
        break_link(before.link)
        await (await home.resume(before)).until(m.Welcome)
        seen |= set(moved(home.metrics.registry))
    guard, guarded = EmbeddedGuard(), Metrics()
    await guard.start()
    rude = replace(engines(FixedMind("You worthless waste of space.")), guard=guard)
    async with playing(rude, metrics=guarded) as player:
        await player.enter()
        player.link.send(m.Say(text="hello"))
        await player.until(m.ReplyEnd)
        player.link.send(m.Report(reply=1))
        player.link.send(m.Ping(id=1, t_us=0))
        await player.until(m.Pong)
        seen |= set(moved(guarded.registry))
    declared = {family.name for family in metrics.registry.collect()}
    assert declared - seen == set(), "declared, and never moved"


@pytest.mark.looptime
async def test_every_stage_and_every_step_is_timed() -> None:
    metrics = Metrics()
    async with playing(engines(Opener(), TEXTS), metrics=metrics) as player:
        await converse(player)
    steps = {
        one.labels["step"]
        for family in metrics.registry.collect()
        for one in family.samples
        if family.name == "frametalk_step_seconds" and one.name.endswith("_count")
    }
    assert steps == {
        "first_clause", "mind_first_token", "prepare_recogniser", "recognition", "speak", "think",
        "tool_call", "tools", "voice_first_sound",
    }  # fmt: skip
    assert metrics.registry.get_sample_value("frametalk_tool_seconds_sum")
