"""A bench's players with a real session on virtual time, where only the engines' set times pass."""

from __future__ import annotations

import asyncio

from frametalk.adapters.asr.fixed import FixedRecogniser
from frametalk.adapters.llm.fixed import FixedMind
from frametalk.adapters.tts.fixed import FixedVoice
from frametalk.adapters.vad.energy import EnergyVad
from frametalk.bench.overhead.player import BenchPlayer, Script
from frametalk.bench.overhead.run import REPLY
from frametalk.config import CharacterSettings, FrametalkSettings, TurnSettings
from frametalk.engines import Engines
from frametalk.headless.clock import Clock
from frametalk.metrics import Metrics
from frametalk.session import Session
from frametalk.transports.memory import memory_pair


def a_script(**changes: object) -> Script:
    fields = {
        "turns": 6,
        "engines_ms": 200.0,
        "thresholds": TurnSettings(start_ms=64, pause_ms=480, endpoint_delay_ms=480),
        "barge_in_ms": 96.0,
    }
    return Script(**(fields | changes))  # type: ignore[arg-type]


async def played(script: Script, texts: tuple[str, ...] = ("open the door",)) -> BenchPlayer:
    """A player after its session, with engines that take 60, 100 and 40 ms."""
    server_link, client_link = memory_pair()
    engines = Engines(
        vad=EnergyVad(),
        asr=FixedRecogniser(texts, finalize_ms=60),
        llm=FixedMind(REPLY, first_token_ms=100),
        tts=FixedVoice(first_chunk_ms=40),
    )
    turns = TurnSettings(
        start_ms=64,
        pause_ms=480,
        endpoint_delay_complete_ms=480,
        endpoint_delay_ms=480,
        barge_in_ms=96,
        soft_start_ms=0,
        drafts=False,
    )
    character = CharacterSettings(interruptible="always")
    settings = FrametalkSettings(turns=turns, character=character)
    session = Session(server_link, engines, settings, session_id="bench", metrics=Metrics())
    player = BenchPlayer(client_link, Clock(asyncio.get_running_loop().time), script)
    async with asyncio.TaskGroup() as group:
        group.create_task(session.run())
        await player.run()
    return player
