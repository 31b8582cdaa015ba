"""The bench's player with a real session on virtual time, where only the engines' set times pass."""

from __future__ import annotations

import asyncio

import pytest

from bench_players import a_script, played
from frametalk.adapters.asr.fixed import FixedRecogniser
from frametalk.adapters.llm.fixed import FixedMind
from frametalk.adapters.tts.fixed import FixedVoice
from frametalk.adapters.vad.energy import EnergyVad
from frametalk.bench.overhead.player import BenchPlayer
from frametalk.config import FrametalkSettings
from frametalk.engines import Engines
from frametalk.headless.clock import Clock
from frametalk.metrics import Metrics
from frametalk.session import Session
from frametalk.transports.memory import memory_pair

pytestmark = pytest.mark.looptime


async def test_on_virtual_time_there_is_no_overhead():
    result = (await played(a_script())).result

    assert result.lost == []
    assert result.errors == []
    assert len(result.turns) == 6
    for turn in result.turns:
        parts = turn.parts_ms
        assert parts["overhead"] == pytest.approx(0, abs=2)
        assert parts["client_late"] == pytest.approx(0, abs=2)
        assert 480 <= parts["endpoint_wait"] <= 512
        assert 0 <= parts["framing"] < 20


async def test_three_of_four_replies_are_interrupted_and_each_interruption_is_timed():
    result = (await played(a_script())).result

    assert [barge_in.key for barge_in in result.barge_ins] == ["0.1", "0.2", "0.3", "0.5"]
    for barge_in in result.barge_ins:
        assert barge_in.decided_ms == pytest.approx(0, abs=2)
        assert 96 - 32 <= barge_in.onset_ms <= 96 + 32 + 20


async def test_the_servers_trace_of_each_turn_agrees():
    result = (await played(a_script())).result

    assert [trace.unmeasured for trace in result.traces] == [""] * 6
    assert list(result.differences) == [turn.key for turn in result.turns]
    for difference_ms in result.differences.values():
        # The server's speech ends with the window of voice activity in which the player's does.
        assert -33 <= difference_ms <= 1


async def test_players_differ_only_by_their_seed():
    one, same, other = [(await played(a_script(turns=2, seed=seed))).result for seed in (1, 1, 2)]
    assert one.turns[0].decided_s - one.turns[0].speech_end_s == pytest.approx(
        same.turns[0].decided_s - same.turns[0].speech_end_s
    )
    assert one.lasted_s != other.lasted_s


async def test_a_turn_without_a_reply_is_recorded_as_lost():
    result = (await played(a_script(turns=1), texts=("",))).result
    assert result.turns == []
    assert result.lost == ["no reply in time"]


async def test_a_server_that_does_not_answer_hello_is_recorded():
    _server_link, client_link = memory_pair()
    player = BenchPlayer(client_link, Clock(asyncio.get_running_loop().time), a_script())
    await player.run()
    assert player.result.lost == ["no answer to hello"]


async def test_an_idle_player_is_ready_once_it_has_sent_sound():
    server_link, client_link = memory_pair()
    engines = Engines(EnergyVad(), FixedRecogniser(), FixedMind(), FixedVoice())
    session = Session(
        server_link, engines, FrametalkSettings(), session_id="idle", metrics=Metrics()
    )
    player = BenchPlayer(client_link, Clock(asyncio.get_running_loop().time), a_script())
    ready = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(session.run())
        idle = group.create_task(player.stay(ready))
        await ready.wait()
        idle.cancel()
    assert player.result.errors == []
