"""The overhead suite: the time that frametalk adds to its engines, and the memory and CPU it takes.

The server is a process of its own with engines of fixed cost. The players run in this process and talk
to it over real WebSockets on loopback, with microphones in real time.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from frametalk.bench.overhead.player import BenchPlayer, Script
from frametalk.bench.overhead.referee import THRESHOLD_DB
from frametalk.bench.report import Footprint, OverheadReport, this_machine, versions
from frametalk.bench.samples import Distribution, Session, Traced, TurnSample
from frametalk.bench.server import ServerProcess, running
from frametalk.config import TurnSettings
from frametalk.errors import FrametalkError
from frametalk.headless.clock import Clock
from frametalk.headless.speech import speak
from frametalk.transports.websocket_client import connect

if TYPE_CHECKING:
    from frametalk.core.audio import Samples

ENDPOINT_DELAY_MS = TurnSettings().endpoint_delay_ms
START_MS = TurnSettings().start_ms
BARGE_IN_MS = TurnSettings().barge_in_ms
RECOGNISER_MS = 60.0
FIRST_TOKEN_MS = 100.0
FIRST_CHUNK_MS = 40.0
ENGINES_MS = RECOGNISER_MS + FIRST_TOKEN_MS + FIRST_CHUNK_MS
REPLY = "Very well, I will see to it."  # about 1.7 s: long enough to be interrupted
GREETING = "hello"  # spoken to warm the embedded engines up
FURTHER_IDLE = 20
WATCH_S = 0.5

QUIET = ("log.level=WARNING",)
FIXED = (
    *QUIET,
    "vad.adapter=energy",
    f"vad.options.threshold_db={THRESHOLD_DB}",
    "asr.adapter=fixed",
    f"asr.options.finalize_ms={RECOGNISER_MS}",
    "llm.adapter=fixed",
    f'llm.options.text="{REPLY}"',
    f"llm.options.first_token_ms={FIRST_TOKEN_MS}",
    "tts.adapter=fixed",
    "tts.cache_mb=0",  # each reply takes the voice's full time
    f"tts.options.first_chunk_ms={FIRST_CHUNK_MS}",
    f"turns.endpoint_delay_ms={ENDPOINT_DELAY_MS}",
    "turns.soft_start_ms=0",  # its players interrupt replies in their first second
    # One stage after the other, so that the time between them can be measured.
    "turns.drafts=false",
    f"turns.pause_ms={ENDPOINT_DELAY_MS}",
    "character.interruptible=always",
    f"turns.start_ms={START_MS}",
    f"turns.barge_in_ms={BARGE_IN_MS}",
)


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How much to measure: `turns` for each of `sessions` players, and the `embedded` engines too.

    For the turns suite: the file of `labels`, the file of the `smart_turn` model, and the file to `plot`
    to. For the suites engines and real: `only` these parts. For the suite real: the folder of `models`,
    more recordings of `speech`, the base URL of a language model's server, and whether to be `quick`.
    For the suite network: how many `conversations` (0: the usual number), and under which network
    `profiles`; none: connections are cut instead. For the suite client: which `engine`. For the suite
    soak: how many `minutes`.
    """

    turns: int = 60
    sessions: int = 1
    seed: int = 0
    embedded: bool = True
    labels: Path = Path("latency_tests/turns/set.toml")
    smart_turn: Path | None = None
    plot: Path | None = None
    conversations: int = 0
    profiles: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    models: Path | None = None
    speech: Path | None = None
    llm_url: str = ""
    quick: bool = False
    engine: str = ""
    minutes: float = 60


class _Watch:
    """The highest memory of a server, sampled while it works."""

    def __init__(self, server: ServerProcess) -> None:
        self._server = server
        self.rss_mb = server.rss_mb()

    async def run(self) -> None:
        while True:
            await asyncio.sleep(WATCH_S)
            self.rss_mb = max(self.rss_mb, self._server.rss_mb())


async def overhead(options: Options) -> OverheadReport:
    """Run the suite. Raises FrametalkError when the server does not start."""
    machine = this_machine()
    embedded, missing = None, "not asked for"
    async with running(FIXED) as server:
        footprint = await _footprint(server)
        async with asyncio.TaskGroup() as group:
            watch = _Watch(server)
            watching = group.create_task(watch.run())
            cpu_before_s, own_before_s = server.cpu_s(), time.process_time()
            sessions = await _play(server, options)
            cpu_s, own_s = server.cpu_s() - cpu_before_s, time.process_time() - own_before_s
            watching.cancel()
    if options.embedded:
        try:
            words = speak(GREETING).samples
            async with running(QUIET) as server:
                embedded, missing = await _footprint(server, words), ""
        except FrametalkError as error:
            missing = str(error)
    minutes = sum(session.lasted_s for session in sessions) / 60
    turns = [turn for session in sessions for turn in session.turns]
    barge_ins = [barge_in for session in sessions for barge_in in session.barge_ins]
    return OverheadReport(
        suite="overhead",
        sessions=options.sessions,
        turns=len(turns),
        overhead_ms=Distribution.of(turn.parts_ms["overhead"] for turn in turns),
        barge_in_ms=Distribution.of(barge_in.decided_ms for barge_in in barge_ins),
        barge_in_onset_ms=Distribution.of(barge_in.onset_ms for barge_in in barge_ins),
        mouth_to_ear_ms=Distribution.of(turn.mouth_to_ear_ms for turn in turns),
        parts_ms=_parts(turns),
        late_frames=sum(session.late_frames for session in sessions),
        cpu_s_per_session_minute=round(cpu_s / minutes, 3),
        rss_mb=round(watch.rss_mb, 1),
        ready_ms=footprint.ready_ms,
        idle_session_mb=footprint.idle_session_mb,
        embedded=embedded,
        embedded_missing=missing,
        turns_lost=dict(Counter(why for session in sessions for why in session.lost)),
        errors=dict(Counter(code for session in sessions for code in session.errors)),
        traced=_traced([trace for session in sessions for trace in session.traces]),
        client={
            "cpu_s_per_session_minute": round(own_s / minutes, 3),
            "mic_late_frames": sum(session.mic_late_frames for session in sessions),
            "mic_worst_late_ms": round(max(session.mic_worst_late_ms for session in sessions), 1),
        },
        settings=list(FIXED),
        machine=machine,
        versions=versions(),
    )


async def _play(server: ServerProcess, options: Options) -> list[Session]:
    """All players in parallel, each with different sounds and pauses."""
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(_player(server, _script(options.turns, options.seed + index)))
            for index in range(options.sessions)
        ]
    return [task.result() for task in tasks]


async def _player(server: ServerProcess, script: Script) -> Session:
    player = BenchPlayer(await connect(server.url), Clock(), script)
    await player.run()
    return player.result


def _script(turns: int, seed: int) -> Script:
    thresholds = TurnSettings(
        start_ms=START_MS, pause_ms=ENDPOINT_DELAY_MS, endpoint_delay_ms=ENDPOINT_DELAY_MS
    )
    return Script(turns, ENGINES_MS, thresholds, BARGE_IN_MS, seed=seed)


async def _footprint(server: ServerProcess, words: Samples | None = None) -> Footprint:
    """Memory with one session that has taken a turn, and with further silent sessions.

    The turn also warms the server up: everything that is imported or built on first use is loaded.
    """
    session = await _player(server, replace(_script(1, seed=0), words=words))
    async with asyncio.TaskGroup() as group:
        first = await _idle(server, group)
        one_mb = server.rss_mb()
        further = [await _idle(server, group) for _ in range(FURTHER_IDLE)]
        all_mb = server.rss_mb()
        for task in (first, *further):
            task.cancel()
    idle_mb = (all_mb - one_mb) / FURTHER_IDLE
    answered = not session.lost
    return Footprint(answered, round(server.ready_ms), round(one_mb, 1), round(idle_mb, 3))


async def _idle(server: ServerProcess, group: asyncio.TaskGroup) -> asyncio.Task[None]:
    """A session whose microphone sent sound for a moment and then stopped."""
    player = BenchPlayer(await connect(server.url), Clock(), _script(0, seed=0))
    ready = asyncio.Event()
    task = group.create_task(player.stay(ready))
    await ready.wait()
    return task


def _parts(turns: list[TurnSample]) -> dict[str, Distribution]:
    names = turns[0].parts_ms if turns else ()
    return {name: Distribution.of(turn.parts_ms[name] for turn in turns) for name in names}


def _traced(traces: list[Traced]) -> dict[str, object]:
    """The server's own trace: how many turns it measured, and their stages."""
    measured = [trace for trace in traces if trace.mouth_to_ear_ms is not None]
    stages: dict[str, list[float]] = {}
    for trace in measured:
        for name, ms in trace.stages:
            stages.setdefault(name, []).append(ms)
    worst = max((_sum_error_ms(trace) for trace in measured), default=0.0)
    return {
        "measured": len(measured),
        "unmeasured": dict(Counter(trace.unmeasured for trace in traces if trace.unmeasured)),
        "worst_sum_error_ms": round(worst, 3),
        "stages_ms": {name: Distribution.of(values) for name, values in stages.items()},
    }


def _sum_error_ms(trace: Traced) -> float:
    return abs(sum(ms for _name, ms in trace.stages) - (trace.mouth_to_ear_ms or 0.0))
