"""The client with a scripted server, on virtual time."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import numpy as np
import pytest

from frametalk.headless.player import Player
from frametalk.headless.speaker import Speaker
from frametalk.headless.tool_calls import Behaviour
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


async def test_a_late_frame_loop_does_not_delay_the_report_of_a_replys_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def late(_speaker: Speaker, _due_s: float) -> None:
        await asyncio.sleep(0.5)

    monkeypatch.setattr(Speaker, "_sleep_until", late)
    async with playing() as (player, server):
        server.say("Good day to you, traveller.", frames=50)
        report = await server.until(m.Played)
        started_s = player.replies[1].playback.started_s
    assert started_s is not None
    assert report.t_us / 1e6 - started_s <= 0.021, "with the next microphone frame"


async def test_a_cut_stops_sound_and_mouth_and_reports_where() -> None:
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


async def test_media_after_a_cut_is_ignored() -> None:
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


async def test_a_dry_reply_is_reported_and_goes_on() -> None:
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


async def test_a_call_after_the_cut_is_not_executed() -> None:
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
    assert player.tools.calls[1].state == "cancelled"
    assert server.of(m.ToolAck) == []


@pytest.mark.parametrize(("after_s", "ended"), [(0.5, "cancelled"), (1.95, "timed_out")])
async def test_a_call_cancelled_at_the_servers_deadline_has_timed_out(
    after_s: float, ended: str
) -> None:
    async with playing(behaviours=(Behaviour(do="never"),)) as (player, server):
        server.send(m.ToolCall(call=1, name="open", args={"target": "door"}, deadline_ms=2_000))
        await asyncio.sleep(after_s)
        server.send(m.ToolCancel(call=1))
        await asyncio.sleep(0.1)
    assert player.tools.calls[1].state == ended


async def test_breaches_of_the_wire_are_violations() -> None:
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


# ---- sound over a reply --------------------------------------------------------------------------

CALL = m.ToolCall(
    call=1, name="open", args={"target": "door"}, deadline_ms=9_000, reply=1, at=RATE_HZ // 2
)
TALE = "One two three four five six seven eight nine ten."


def a_voice(ms: float) -> np.ndarray:
    """A sound that is loud from its first sample on."""
    return (9_000 * np.sin(np.arange(round(ms * 16)) * 0.1 + 1.5)).astype(np.int16)


def state(name: str, *, paused: bool = False, reply: int = 1) -> m.TurnStateChanged:
    return m.TurnStateChanged(state=name, turn=2, reply=reply, paused=paused)


def changes(player: Player, since_s: float, reply: int = 1) -> list[tuple[int, str, str]]:
    """Changes of the volume: ms after `since_s`, change, by whom."""
    return [
        (round((made.at_s - since_s) * 1000), made.change, made.by)
        for made in player.replies[reply].playback.changes
    ]


async def test_an_onset_that_the_server_does_not_confirm_lowers_the_reply_for_400_ms() -> None:
    async with playing() as (player, server):
        server.say(TALE, frames=100)
        await asyncio.sleep(0.5)
        player.mic.play(a_voice(60))
        began_s = player.mic.time_of(player.mic.sounds[0].start)
        end = await server.until_done()
    (lowered_ms, *lowered), (raised_ms, *raised) = changes(player, began_s)
    assert (lowered, raised) == (["lowered", "local"], ["raised", "local"])
    assert 10 <= lowered_ms <= 40
    assert raised_ms - lowered_ms == pytest.approx(400, abs=2)
    assert end.sample == 100 * FRAME, "its clock went on"


@pytest.mark.parametrize("late_ms", range(0, 20, 3))
async def test_the_reply_is_lowered_within_40_ms_of_the_voice(late_ms: int) -> None:
    async with playing() as (player, server):
        server.say(TALE, frames=100)
        await asyncio.sleep(0.5 + late_ms / 1000)
        player.mic.play(a_voice(300))
        await asyncio.sleep(0.5)
    began_s = player.mic.time_of(player.mic.sounds[0].start)
    assert changes(player, began_s)[0][0] <= 40


async def test_ducked_keeps_the_reply_lowered_until_the_server_says_speaking() -> None:
    async with playing() as (player, server):
        server.say(TALE, frames=100)
        await asyncio.sleep(0.5)
        began_s = server.clock.now_s()
        player.mic.play(a_voice(600))
        await asyncio.sleep(0.1)
        server.send(state("ducked"))
        await asyncio.sleep(0.9)
        server.send(state("speaking"))
        await server.until_done()
    assert changes(player, began_s)[1:] == [(1_000, "raised", "server")]
    assert player.replies[1].playback.changes[0].change == "lowered"


async def test_ducked_lowers_the_reply_also_without_an_onset() -> None:
    async with playing() as (player, server):
        server.say(TALE, frames=100)
        await asyncio.sleep(0.5)
        began_s = server.clock.now_s()
        server.send(state("ducked"))
        await asyncio.sleep(0.3)
        server.send(state("speaking"))
        await server.until_done()
    assert changes(player, began_s) == [(0, "lowered", "server"), (300, "raised", "server")]


async def test_while_paused_the_clock_stands_reports_go_on_and_calls_wait() -> None:
    async with playing() as (player, server):
        server.say(TALE, frames=100)
        server.send(CALL)
        await asyncio.sleep(0.3)
        server.send(state("ducked", paused=True))
        await asyncio.sleep(1.0)
        assert player.world.state_of("door.open") is False
        standing = server.of(m.Played)[-9:]
        server.send(state("speaking"))
        await asyncio.sleep(0.3)
        assert player.world.state_of("door.open") is True
        end = await server.until_done()
    assert {report.sample for report in standing} == {standing[0].sample}
    assert standing[0].sample == pytest.approx(0.3 * RATE_HZ, abs=RATE_HZ * 0.01)
    for early, late in pairwise(standing):
        assert 0 < late.t_us - early.t_us <= 112_000
    assert (end.sample, end.underruns) == (100 * FRAME, 0)
    assert player.replies[1].heard_text == TALE
    (first_s, first), (second_s, _) = player.replies[1].playback.sound()
    assert second_s - (first_s + len(first) / RATE_HZ) == pytest.approx(1.0 - 0.01, abs=0.002)


async def test_a_paused_reply_that_is_cut_ends_where_it_was_paused() -> None:
    async with playing() as (player, server):
        server.say(TALE, frames=100)
        await asyncio.sleep(1.0)
        server.send(state("ducked", paused=True))
        await asyncio.sleep(0.5)
        server.send(m.ReplyCut(reply=1, at=FRAME))
        end = await server.until_done()
        server.say(TALE, frames=20, reply=2, turn=2)
        await server.until_done(2)
    assert end.sample == pytest.approx(RATE_HZ, abs=RATE_HZ * 0.01)
    paused_s = player.replies[1].playback.changes[0].at_s
    assert player.replies[1].playback.last_audible_s == pytest.approx(paused_s, abs=0.01)
    assert changes(player, paused_s, reply=2) == [], "the next reply is at full volume"
    assert player.violations == []


async def test_a_state_of_another_reply_changes_nothing() -> None:
    async with playing() as (player, server):
        server.say(TALE, frames=50)
        await asyncio.sleep(0.2)
        server.send(state("ducked", paused=True, reply=7))
        await server.until_done()
    assert changes(player, 0) == []


async def test_with_half_duplex_a_voice_does_not_lower_the_reply() -> None:
    async with playing(echo="half_duplex") as (player, server):
        server.say(TALE, frames=50)
        await asyncio.sleep(0.2)
        player.mic.play(a_voice(300))
        await server.until_done()
    assert changes(player, 0) == []


# ---- push-to-talk, the floor and hints -----------------------------------------------------------


async def test_the_button_opens_the_microphone_until_shortly_after_its_release() -> None:
    async with playing() as (player, server):
        await asyncio.sleep(0.5)
        player.press()
        pressed_s = server.clock.now_s()
        await asyncio.sleep(0.6)
        player.release()
        await asyncio.sleep(0.5)
        assert server.of(m.Interrupt) == []
    before, talk, after = server.of(m.MicStart)
    assert [start.mode for start in (before, talk, after)] == ["open", "ptt", "open"]
    stop = server.of(m.MicStop)[0]
    assert stop.at == pytest.approx(0.85 * 16_000, abs=320)
    sent = [f for _, f in server.mic if f.seq == 0]
    assert [frame.sample for frame in sent] == [0, 0, 0], "each stream counts from 0"
    talked = [f for at_s, f in server.mic if pressed_s < at_s <= pressed_s + 0.85]
    assert [frame.sample for frame in talked[1:]] == [frame.sample + 320 for frame in talked[:-1]]
    assert stop.at == talked[-1].sample + 320


async def test_with_push_to_talk_alone_nothing_is_sent_unless_it_is_pressed() -> None:
    async with playing(mic="ptt") as (player, server):
        await asyncio.sleep(0.5)
        assert server.mic == []
        server.say(TALE, frames=10)
        await server.until_done()
        player.press()
        await asyncio.sleep(0.3)
        player.release()
        await asyncio.sleep(0.5)
    assert [start.mode for start in server.of(m.MicStart)] == ["ptt"]
    [stop] = server.of(m.MicStop)
    assert stop.at == len(server.mic) * 320
    assert {report.mic_sample for report in server.of(m.Played)} == {None}


async def test_the_button_interrupts_a_reply_and_pressing_again_keeps_the_stream() -> None:
    async with playing() as (player, server):
        server.say(TALE, frames=100)
        await asyncio.sleep(0.5)
        player.press()
        server.send(m.ReplyCut(reply=1, at=FRAME))
        await asyncio.sleep(0.3)
        player.release()
        await asyncio.sleep(0.1)
        player.press()
        await asyncio.sleep(0.5)
        player.release()
        await asyncio.sleep(0.4)
    kinds = [type(item) for item in server.seen if not isinstance(item, m.Played | m.Ping | m.Ack)]
    begun = kinds.index(m.Interrupt)
    assert kinds[begun:] == [m.Interrupt, m.MicStart, m.MicStop, m.MicStart, m.MicStop, m.Bye]
    assert server.of(m.MicStop)[0].at == pytest.approx(1.15 * 16_000, abs=320)


async def test_reports_count_samples_of_the_open_stream() -> None:
    async with playing() as (player, server):
        await asyncio.sleep(2)
        player.press()
        assert player.mic.opened_at is not None
        opened_us = player.mic.time_of(player.mic.opened_at) * 1e6
        server.say(TALE, frames=20)
        await server.until_done()
    for report in server.of(m.Played):
        since_us = report.t_us - opened_us
        assert report.mic_sample == pytest.approx(since_us * 0.016, abs=2)


async def test_the_game_sets_the_floor_and_hints() -> None:
    async with playing(
        features=("floor", "turn_hint"), interruptible="never", scopes=("smithy",)
    ) as (player, server):
        player.set_floor("hold", until_ms=500)
        player.hint(3, "force")
    hello = server.of(m.Hello)[0]
    assert hello.scopes == ("smithy",)
    assert (hello.features, hello.interruptible) == (("floor", "turn_hint"), "never")
    [floor], [hint] = server.of(m.FloorSet), server.of(m.TurnHint)
    assert (floor.mode, floor.until_ms) == ("hold", 500)
    assert (hint.turn, hint.hint) == (3, "force")
