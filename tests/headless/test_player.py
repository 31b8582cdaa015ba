"""The client against a scripted server, on virtual time."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from frametalk.wire import messages as m
from headless_server import FRAME, RATE_HZ, playing

pytestmark = pytest.mark.looptime


async def test_it_joins_with_tools_scene_and_microphone() -> None:
    async with playing(name="ann") as (_, server):
        hello, snapshot, mic = (
            server.of(kind)[0] for kind in (m.Hello, m.SceneSnapshot, m.MicStart)
        )
        assert hello.client.name == "ann"
        assert {tool.name for tool in hello.tools} >= {"open", "give", "move_player"}
        assert {entity.id for entity in snapshot.entities} >= {"door", "chest"}
        assert mic.rate_hz == 16_000
        await asyncio.sleep(1)
    assert len(server.mic) == pytest.approx(50, abs=2)
    assert isinstance(server.seen[-1], m.Bye)


async def test_pings_are_answered_and_sent() -> None:
    async with playing() as (_, server):
        server.send(m.Ping(id=7, t_us=1))
        pong = await server.until(m.Pong)
        assert (pong.id, pong.t_us) == (7, 1)
        assert pong.received_us <= pong.sent_us
        await asyncio.sleep(6)
    assert [ping.id for ping in server.of(m.Ping)] == [0, 1]


async def test_a_reply_is_reported_at_its_first_sample_then_every_100_ms_and_when_done() -> None:
    async with playing() as (player, server):
        server.say("Good day to you, traveller.", frames=50)
        await server.until_done()
    reports = server.of(m.Played)
    total = 50 * FRAME
    assert 0 < reports[0].sample <= RATE_HZ * 0.002
    assert (reports[-1].sample, reports[-1].done) == (total, True)
    assert sum(report.done for report in reports) == 1
    for early, late in pairwise(reports):
        assert early.sample < late.sample
        assert late.t_us - early.t_us <= 100_000 + 12_000
        # Samples and time belong together.
        elapsed = (late.t_us - early.t_us) * RATE_HZ / 1e6
        assert late.sample - early.sample == pytest.approx(elapsed, abs=2)
        mic = (late.t_us - early.t_us) * 16_000 / 1e6
        assert late.mic_sample - early.mic_sample == pytest.approx(mic, abs=2)
    assert all(report.arrived_us == reports[0].arrived_us for report in reports)
    assert player.replies[1].heard_text == "Good day to you, traveller."
    assert player.violations == []


async def test_a_cut_stops_sound_and_mouth_and_says_where() -> None:
    async with playing() as (player, server):
        server.say("One two three four five six seven eight nine ten.", frames=100)
        await asyncio.sleep(1.0)
        server.send(m.ReplyCut(reply=1, at=11_025))
        end = await server.until_done()
        await asyncio.sleep(1.0)
    assert end.sample == pytest.approx(RATE_HZ, abs=100)
    assert server.of(m.Played)[-1] is end
    assert player.replies[1].heard_text == "One two three four five"
    assert player.mouth.frames[-1].weights == {}
    assert player.violations == []


async def test_media_that_still_comes_after_a_cut_is_dropped() -> None:
    async with playing() as (player, server):
        server.begin()
        server.frames(0, 10)
        await asyncio.sleep(0.1)
        server.send(m.ReplyCut(reply=1, at=0))
        server.frames(10 * FRAME, 10)
        end = await server.until_done()
        await asyncio.sleep(1.0)
    assert player.replies[1].playback.played == end.sample
    assert player.violations == []


async def test_a_dry_reply_keeps_reporting_and_goes_on() -> None:
    async with playing() as (player, server):
        server.begin()
        server.frames(0, 5)
        await asyncio.sleep(0.6)
        assert len([p for p in server.of(m.Played) if p.sample == 5 * FRAME]) >= 4
        server.frames(5 * FRAME, 5, last=True)
        server.send(m.ReplyEnd(reply=1, samples=10 * FRAME))
        end = await server.until_done()
    assert (end.sample, end.underruns) == (10 * FRAME, 1)
    assert player.violations == []


async def test_a_call_waits_for_its_sample_and_is_executed_once() -> None:
    async with playing() as (player, server):
        server.say("Let me see, here it comes.", frames=50)
        call = m.ToolCall(
            call=1,
            name="open",
            args={"target": "door"},
            deadline_ms=2_000,
            reply=1,
            at=RATE_HZ // 2,
        )
        server.send(call)
        await asyncio.sleep(0.4)
        assert player.world.state_of("door.open") is False
        await asyncio.sleep(0.2)
        assert player.world.state_of("door.open") is True
        server.send(call)
        await server.until_done()
    assert [ack.accepted for ack in server.of(m.ToolAck)] == [True]
    assert [result.ok for result in server.of(m.ToolResult)] == [True]
    before = server.seen[: server.seen.index(server.of(m.ToolAck)[0])]
    reached = [report for report in before if isinstance(report, m.Played)][-1]
    assert reached.sample >= RATE_HZ // 2
    [patch] = server.of(m.ScenePatch)
    assert patch.state == {"door": {"open": True}}
    assert server.seen.index(patch) < server.seen.index(server.of(m.ToolResult)[0])


async def test_a_call_whose_sample_was_not_reached_before_a_cut_is_void() -> None:
    async with playing() as (player, server):
        server.say("Let me see, here it comes.", frames=50)
        server.send(
            m.ToolCall(
                call=1, name="open", args={"target": "door"}, deadline_ms=500, reply=1, at=RATE_HZ
            )
        )
        await asyncio.sleep(0.3)
        server.send(m.ReplyCut(reply=1, at=0))
        server.send(m.ToolCancel(call=1))
        await asyncio.sleep(2)
    assert player.world.state_of("door.open") is False
    assert player.hands.calls[1].state == "cancelled"
    assert server.of(m.ToolAck) == []


async def test_breaches_of_the_wire_are_noticed() -> None:
    async with playing() as (player, server):
        server.begin()
        server.frames(0, 3)
        server.frames(5 * FRAME, 1)
        server.send(m.ReplyMarks(reply=1, marks=()))
        server.send(m.ReplyEnd(reply=1, samples=99 * FRAME))
        await server.until_done()
    assert len(player.violations) == 2
    assert "expected 1323" in player.violations[0]
    assert "reply.end says 43659" in player.violations[1]
